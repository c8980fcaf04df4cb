import assert from "node:assert/strict";
import test from "node:test";
import { draftOf, emptyDraft, inWords, nextMonths, priceOf, tiersInWords, unitsToDraw } from "../../../functions/console/static/js/price_draft.js";

const GRADUATED = {
  model: "graduated",
  tiers: [
    { upTo: "1000", unitPriceCents: "0" },
    { upTo: null, unitPriceCents: "0.123456789012", flatPriceCents: "100" },
  ],
};

test("a price comes back from its draft with every digit", () => {
  const prices = [
    { model: "flat", unitPriceCents: "0.25" },
    { model: "package", packageUnits: "1000", packagePriceCents: "500", freeUnits: "100" },
    GRADUATED,
    { ...GRADUATED, model: "volume" },
  ];
  for (const price of prices) assert.deepEqual(priceOf(draftOf(price)), price);
});

test("a draft has the fields of its own model alone", () => {
  const draft = { ...draftOf(GRADUATED), model: "flat", unitPriceCents: "2" };
  assert.deepEqual(priceOf(draft), { model: "flat", unitPriceCents: "2" });
  assert.deepEqual(priceOf(emptyDraft()), { model: "flat" });
});

test("what is drawn reaches half beyond the last bound and begins at nothing", () => {
  const units = unitsToDraw(draftOf(GRADUATED));
  assert.equal(units[0], 0);
  assert.equal(units.at(-1), 1500);
  assert.equal(units.length, 61);
  assert.equal(new Set(units).size, 61);
});

test("what is typed and is no number does not keep a price from being drawn", () => {
  assert.equal(unitsToDraw({ ...emptyDraft(), packageUnits: "many", freeUnits: "-1" }).at(-1), 1500);
});

test("a month begins in UTC, whatever the viewer's zone, and follows December", () => {
  assert.deepEqual(nextMonths(Date.parse("2026-11-30T23:30:00Z")), [
    "2026-12-01T00:00:00.000Z",
    "2027-01-01T00:00:00.000Z",
    "2027-02-01T00:00:00.000Z",
  ]);
});

test("a price is told in a line", () => {
  assert.equal(inWords({ model: "flat", unitPriceCents: "0.25" }), "0.0025 a unit");
  assert.equal(inWords({ ...GRADUATED, freeUnits: 5 }), "graduated, 2 tiers, 5 units of each month free");
});

test("each tier tells where it begins or ends, and what it costs", () => {
  assert.deepEqual(tiersInWords(GRADUATED), ["up to 1,000: 0.00 a unit", "above 1,000: 0.00123456789012 a unit, and 1.00 once"]);
  assert.deepEqual(tiersInWords({ model: "flat", unitPriceCents: "1" }), []);
});
