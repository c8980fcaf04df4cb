/** What was billed a day, as bars by product over the last thirty days, with a table behind them. */

import { html } from "../dom.js";
import { showMoney } from "../money.js";
import { byProduct } from "../stacks.js";
import { showDay } from "../time.js";
import { Money, Units } from "./parts.js";
import { Plot } from "./plot.js";
import { Table } from "./table.js";

export const DAYS = 30;

/** @param {{label: string, days: string[], items: object[]}} props items are days by product, as the API answers them */
export function DayBars({ label, days, items }) {
  const newestFirst = [...items].reverse().map((item) => ({ ...item, id: `${item.date} ${item.productId}` }));
  return html`<${Plot} label=${label} names=${days.map(showDay)} series=${byProduct(items, days)}
    show=${(y) => showMoney(Math.round(y * 100))}>
    <${Table} label="Amount a day and product" columns=${COLUMNS} items=${newestFirst} />
  <//>`;
}

const COLUMNS = [
  { name: "Day (UTC)", show: (item) => item.date },
  { name: "Product", show: (item) => item.productId },
  { name: "Units", number: true, show: (item) => (item.units === null ? "" : html`<${Units} units=${item.units} />`) },
  { name: "Events", number: true, show: (item) => item.events },
  { name: "Amount", number: true, show: (item) => html`<${Money} cents=${item.amountCents} />` },
];
