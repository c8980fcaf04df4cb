/** What was posted of a customer's usage in the last thirty days, by day and product. */

import { part } from "../api.js";
import { html } from "../dom.js";
import { useLoad, useReloadOn } from "../load.js";
import { majorUnits, showMoney } from "../money.js";
import { daysUntil } from "../time.js";
import { Money, Units } from "../ui/parts.js";
import { Plot } from "../ui/plot.js";
import { ProblemBox } from "../ui/problem.js";
import { Table } from "../ui/table.js";

const DAYS = 30;
// More lines than these nobody tells apart; the table has all of them.
const PRODUCTS_DRAWN = 4;

export function UsagePlot({ id, turn }) {
  const days = daysUntil(Date.now(), DAYS);
  const { data, problem, reload } = useLoad(`usage/series?customerId=${part(id)}&from=${days[0]}&to=${days.at(-1)}`);
  useReloadOn(reload, turn);
  if (problem) return html`<${ProblemBox} problem=${problem} retry=${reload} byItself />`;
  if (!data || data.items.length === 0) return null;
  const drawn = [...new Set(data.items.map((item) => item.productId))].slice(0, PRODUCTS_DRAWN);
  const series = drawn.map((product) => ({ name: product, ys: days.map((day) => amountOf(data.items, day, product)) }));
  return html`<${Plot} label="Amount posted a day (UTC)" byTime xs=${days.map((day) => Date.parse(day) / 1000)}
    series=${series} show=${(y) => showMoney(Math.round(y * 100))}>
    <${Table} label="Amount posted a day and product" columns=${COLUMNS}
      items=${data.items.map((item) => ({ ...item, id: `${item.date} ${item.productId}` }))} />
  <//>`;
}

const COLUMNS = [
  { name: "Day (UTC)", show: (item) => item.date },
  { name: "Product", show: (item) => item.productId },
  { name: "Units", number: true, show: (item) => html`<${Units} units=${item.units} />` },
  { name: "Events", number: true, show: (item) => item.events },
  { name: "Amount", number: true, show: (item) => html`<${Money} cents=${item.amountCents} />` },
];

function amountOf(items, day, product) {
  const found = items.find((item) => item.date === day && item.productId === product);
  return found ? Number(majorUnits(found.amountCents)) : null;
}
