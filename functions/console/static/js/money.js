/** Amounts: exact text from the API to the screen and back. No amount is ever a float. */

const AMOUNT = /^(-?)(\d+)(?:\.(\d+))?$/;
const shown = new Intl.NumberFormat(undefined, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 16,
});
const plain = new Intl.NumberFormat(undefined, { maximumFractionDigits: 16 });

/**
 * Cents as a decimal text of major units: -1234 is "-12.34", "0.25" is "0.0025".
 * @param {number|string} cents an integer, or an exact decimal text
 */
export function majorUnits(cents) {
  const match = AMOUNT.exec(String(cents));
  if (!match) throw new TypeError(`${cents} is no amount of cents`);
  const [, sign, whole, part = ""] = match;
  const digits = whole.padStart(3, "0");
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}${part}`;
}

/** Cents as a person reads them, in the viewer's own way of writing numbers. */
export function showMoney(cents) {
  return shown.format(majorUnits(cents));
}

/** A quantity as a person reads it. It comes as an integer or as a decimal text. */
export function showUnits(units) {
  return plain.format(String(units));
}

/** How many there are of something: "1 line", "1,200 lines". */
export function counted(count, one, many) {
  return `${showUnits(count)} ${count === 1 ? one : many}`;
}

/** The exact product of a price and a quantity, both decimal texts or integers. */
export function times(cents, units) {
  const [one, other] = [cents, units].map(exact);
  const places = one.places + other.places;
  const digits = one.digits * other.digits;
  const text = String(digits < 0n ? -digits : digits).padStart(places + 1, "0");
  const whole = text.slice(0, text.length - places);
  const part = text.slice(text.length - places).replace(/0+$/, "");
  return `${digits < 0n ? "-" : ""}${whole}${part && `.${part}`}`;
}

function exact(number) {
  const [, sign, whole, part = ""] = AMOUNT.exec(String(number));
  return { digits: BigInt(sign + whole + part), places: part.length };
}

/**
 * What a person typed as cents, a whole number, or null where it is no amount, or less than the least.
 * "12.5" is 1250; a comma counts as a point where it is the only one.
 */
export function parseAmount(text, least = 1) {
  const written = text.trim().replace(/^(\d+),(\d{1,2})$/, "$1.$2");
  const match = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(written);
  if (!match) return null;
  const cents = Number(match[1] + (match[2] ?? "").padEnd(2, "0"));
  return cents >= least ? cents : null;
}
