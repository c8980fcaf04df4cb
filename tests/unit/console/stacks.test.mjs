import assert from "node:assert/strict";
import test from "node:test";
import { byProduct, stacked } from "../../../functions/console/static/js/stacks.js";

const DAYS = ["2026-01-30", "2026-01-31"];

function billed(productId, ...cents) {
  const items = cents.map((amountCents, index) => ({ date: DAYS[index], productId, amountCents }));
  return items.filter((item) => item.amountCents !== null);
}

test("the largest product comes first, and a day without any is no day of none", () => {
  const items = [...billed("emails", "50", null), ...billed("tokens", "1000", "0.5")];

  assert.deepEqual(byProduct(items, DAYS), [
    { name: "tokens", ys: [10, 0.005], isRest: false },
    { name: "emails", ys: [0.5, null], isRest: false },
  ]);
});

test("what was taken back counts for how large a product is", () => {
  const items = [...billed("tokens", "100"), ...billed("compute", "-900")];

  assert.deepEqual(byProduct(items, DAYS).map((each) => each.name), ["compute", "tokens"]);
});

test("five products are drawn by themselves, and of more the fifth and the rest together", () => {
  const five = ["a", "b", "c", "d", "e"].flatMap((name, index) => billed(name, String(900 - index)));
  assert.deepEqual(byProduct(five, DAYS).map((each) => each.name), ["a", "b", "c", "d", "e"]);

  const six = byProduct([...five, ...billed("f", "100", "200")], DAYS);
  assert.deepEqual(six.map((each) => each.name), ["a", "b", "c", "d", "all others"]);
  assert.deepEqual(six.at(-1), { name: "all others", ys: [9.96, 2], isRest: true });
});

test("each stands on those before it", () => {
  assert.deepEqual(stacked([{ ys: [1, 2] }, { ys: [10, null] }, { ys: [100, 200] }]), [
    [1, 2],
    [11, null],
    [111, 202],
  ]);
});

test("what is below nothing hangs below nothing, and hides nothing that is above", () => {
  assert.deepEqual(stacked([{ ys: [5] }, { ys: [-2] }, { ys: [3] }, { ys: [-4] }, { ys: [0] }]), [
    [5],
    [-2],
    [8],
    [-6],
    [null],
  ]);
});
