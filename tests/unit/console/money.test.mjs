import assert from "node:assert/strict";
import test from "node:test";
import { majorUnits, parseAmount, showMoney, showUnits, times } from "../../../functions/console/static/js/money.js";

test("cents become major units digit by digit", () => {
  const cases = [
    [0, "0.00"],
    [5, "0.05"],
    [-7, "-0.07"],
    [-1234, "-12.34"],
    ["0.25", "0.0025"],
    ["1", "0.01"],
    ["-100.5", "-1.005"],
    [1_000_000_000_000_000, "10000000000000.00"],
  ];
  for (const [cents, text] of cases) assert.equal(majorUnits(cents), text);
});

test("what is no amount is refused", () => {
  for (const text of ["", "1e3", "NaN", "0x1", "1.", null, undefined]) {
    assert.throws(() => majorUnits(text), TypeError);
  }
});

test("an amount that no float holds is shown to its last digit", () => {
  assert.equal(showMoney("123456789012345678.123456789012"), "1,234,567,890,123,456.78123456789012");
  assert.equal(showMoney(999_999_999_999_999), "9,999,999,999,999.99");
  assert.equal(showMoney("0.5"), "0.005");
  assert.equal(showUnits("0.000001"), "0.000001");
});

test("what a person types becomes whole cents", () => {
  const cases = [
    ["12.50", 1250],
    ["12.5", 1250],
    ["12,50", 1250],
    [" 7 ", 700],
    ["0.01", 1],
    ["9999999999999.99", 999_999_999_999_999],
  ];
  for (const [text, cents] of cases) assert.equal(parseAmount(text), cents);
});

test("what is no amount of whole cents above 0 is none", () => {
  for (const text of ["", "0", "-5", "1.005", "1,000", "1,000.00", "1e3", "ten", "12345678901234"]) {
    assert.equal(parseAmount(text), null, text);
  }
});

test("a price times a quantity is exact to its last digit", () => {
  const cases = [
    ["10", 1400, "14000"],
    ["0.25", "1.5", "0.375"],
    ["0.000000000001", 3, "0.000000000003"],
    ["0.5", 2, "1"],
    ["12.5", -200, "-2500"],
    ["0.1", "-0.1", "-0.01"],
    ["0", "0.5", "0"],
    ["123456789012345678.1", 10, "1234567890123456781"],
  ];
  for (const [price, units, amount] of cases) assert.equal(times(price, units), amount);
});

test("nothing is an amount where none is allowed", () => {
  assert.equal(parseAmount("0"), null);
  assert.equal(parseAmount("0", 0), 0);
});
