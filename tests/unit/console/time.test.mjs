import assert from "node:assert/strict";
import test from "node:test";
import { countdown, daysUntil, showDay, showDistance, showTime, showUtc } from "../../../functions/console/static/js/time.js";

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
