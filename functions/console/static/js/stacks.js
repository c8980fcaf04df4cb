/** What was billed, by day and product, as series, and series one upon the other. For drawing only. */

import { majorUnits } from "./money.js";

// Of more colours than these nobody tells one from the other.
const PRODUCTS_DRAWN = 4;
// No product can be called so: ids have no spaces.
const REST = "all others";

/** @typedef {{name: string, ys: (number|null)[], isRest: boolean}} Series null is where there is nothing to draw */

/**
 * The largest products by themselves, the largest first, and the rest together.
 * @param {{date: string, productId: string, amountCents: string}[]} items
 * @param {string[]} days
 * @returns {Series[]}
 */
export function byProduct(items, days) {
  const products = largestFirst(items);
  // A fifth is drawn by itself: nothing would be together with it.
  const drawn = products.length > PRODUCTS_DRAWN + 1 ? products.slice(0, PRODUCTS_DRAWN) : products;
  const rest = products.slice(drawn.length);
  const series = drawn.map((product) => ({ name: product, ys: amounts(items, days, [product]), isRest: false }));
  return rest.length > 0 ? [...series, { name: REST, ys: amounts(items, days, rest), isRest: true }] : series;
}

/**
 * How far each series reaches when it stands on those before it: what is above 0 grows upwards, what is
 * below 0 downwards, so that neither hides the other.
 * @param {Series[]} series
 * @returns {(number|null)[][]}
 */
export function stacked(series) {
  const tops = { up: [], down: [] };
  return series.map(({ ys }) =>
    ys.map((y, index) => {
      if (!y) return null;
      const way = y < 0 ? tops.down : tops.up;
      way[index] = (way[index] ?? 0) + y;
      return way[index];
    }),
  );
}

function largestFirst(items) {
  const sizes = new Map();
  for (const { productId, amountCents } of items) {
    sizes.set(productId, (sizes.get(productId) ?? 0) + Math.abs(Number(majorUnits(amountCents))));
  }
  return [...sizes.keys()].sort((one, other) => sizes.get(other) - sizes.get(one));
}

function amounts(items, days, products) {
  return days.map((day) => {
    const found = items.filter((item) => item.date === day && products.includes(item.productId));
    if (found.length === 0) return null;
    return found.reduce((sum, item) => sum + Number(majorUnits(item.amountCents)), 0);
  });
}
