import assert from "node:assert/strict";
import test from "node:test";
import { countdown, daysUntil, showDay, showDistance, showSeconds, showTime, showUtc, timeTicks } from "../../../functions/console/static/js/time.js";

const NOON = "2026-01-31T12:00:00.000000Z";
const now = Date.parse(NOON);

test("a time is the viewer's, and UTC beside it", () => {
  assert.equal(showTime(NOON), "31 Jan 2026, 13:00:00");
  assert.equal(showUtc(NOON), "2026-01-31 12:00:00 UTC");
});

test("a distance is told in its largest unit", () => {
  assert.equal(showDistance("2026-01-31T11:59:22Z", now), "38 sec ago");
  assert.equal(showDistance("2026-01-31T10:00:00Z", now), "2 hr ago");
  assert.equal(showDistance("2026-01-28T11:00:00Z", now), "3 days ago");
  assert.equal(showDistance("2026-01-31T12:05:00Z", now), "in 5 min");
});

test("a length of time is whole in its unit", () => {
  const shown = [1, 16, 90, 900, 7200, 86_400].map(showSeconds);
  assert.deepEqual(shown, ["1 sec", "16 secs", "90 secs", "15 mins", "2 hrs", "1 day"]);
});

test("a countdown ends at nothing and goes no further", () => {
  assert.equal(countdown("2026-01-31T12:00:12Z", now), "00:12");
  assert.equal(countdown("2026-01-31T12:00:00.400Z", now), "00:01");
  assert.equal(countdown("2026-01-31T13:02:03Z", now), "1:02:03");
  assert.equal(countdown("2026-01-31T11:00:00Z", now), "00:00");
});

test("days are counted in UTC up to the one of a time", () => {
  assert.deepEqual(daysUntil(Date.parse("2026-03-01T00:30:00Z"), 3), ["2026-02-27", "2026-02-28", "2026-03-01"]);
});

test("a day is the same one wherever the viewer is", () => {
  assert.equal(showDay("2026-02-01"), "1 Feb");
});

test("an axis tells the date once, in the viewer's zone", () => {
  const at = (iso) => Date.parse(iso) / 1000;
  const evening = [at("2026-01-31T22:00:00Z"), at("2026-01-31T22:30:00Z"), at("2026-01-31T23:00:00Z")];
  assert.deepEqual(timeTicks(evening, 1800), ["31 Jan, 23:00", "23:30", "1 Feb, 00:00"]);
  assert.deepEqual(timeTicks(evening.slice(0, 1), 15), ["31 Jan, 23:00:00"]);
  assert.deepEqual(timeTicks([at("2026-02-01T00:00:00Z")], 90 * 86_400), ["Feb 2026"]);
});
