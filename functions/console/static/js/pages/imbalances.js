/** Ledgers that a closing run found not to add up, with the way to the proof of each. */

import { html } from "../dom.js";
import { link } from "../routes.js";
import { Time } from "../ui/parts.js";
import { Table } from "../ui/table.js";

/** How many there are, at least. */
export function showImbalances({ items, more }) {
  return `${items.length}${more ? "+" : ""} ${items.length === 1 && !more ? "ledger does" : "ledgers do"} not add up`;
}

export function Imbalances({ items }) {
  return html`<${Table} label="Ledgers that do not add up" columns=${COLUMNS} items=${items.map((item) => ({ ...item, id: item.customerId }))} />`;
}

const COLUMNS = [
  { name: "Customer", show: ({ customerId }) => html`<a href=${link("customers", customerId)}>${customerId}</a>` },
  { name: "What is wrong", show: ({ fault }) => html`<span class="wrong">${fault}</span>` },
  { name: "Found", show: ({ foundAt }) => html`<${Time} at=${foundAt} />` },
];
