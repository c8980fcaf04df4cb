/** Records: what a customer was asked to pay, and what can be done about each. */

import { part } from "../api.js";
import { html } from "../dom.js";
import { useList, useReloadOn } from "../load.js";
import { link } from "../routes.js";
import { RecordActions } from "../ui/actions.js";
import { Chip, Empty, Money, Time } from "../ui/parts.js";
import { ListTable } from "../ui/table.js";

export function RecordsTab({ id, turn, changed }) {
  const list = useList(`billing/user/${part(id)}?limit=25`, (page) => page.items.some(isRetrying));
  useReloadOn(list.reload, turn);
  const actions = {
    name: "Actions",
    show: (record) => html`<span class="actions"><${RecordActions} record=${record} done=${() => changed("The record was changed.")} /></span>`,
  };
  return html`<${ListTable} list=${list} label="Billing records of ${id}" csv="billing/user/${part(id)}" columns=${[...RECORD_COLUMNS, actions]} empty=${NOTHING} />`;
}

export function isRetrying(record) {
  return record.status === "retrying";
}

const NOTHING = html`<${Empty} title="Nothing was billed yet">
  A billing run makes a record of what was used; <em>Charge</em> makes one by hand.
<//>`;

const RECORD_COLUMNS = [
  { name: "Record", show: (record) => html`<a href=${link("records", record.id)}>${nameOf(record)}</a>` },
  { name: "Status", show: (record) => html`<${Chip} status=${record.status} />` },
  { name: "Amount", number: true, show: (record) => html`<${Money} cents=${record.amountCents} />` },
  { name: "Refunded", number: true, show: (record) => (record.refundedCents ? html`<${Money} cents=${record.refundedCents} />` : "") },
  { name: "Made", show: (record) => html`<${Time} at=${record.createdAt} />` },
  { name: "Paid", show: (record) => html`<${Time} at=${record.paidAt} />` },
];

/** What a record is for, in a person's words. */
export function nameOf(record) {
  if (record.description) return record.description;
  const products = record.lines.map((line) => line.productId);
  return products.length > 0 ? [...new Set(products)].join(", ") : "Charge by hand";
}
