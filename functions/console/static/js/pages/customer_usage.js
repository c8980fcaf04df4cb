/** Usage: the events of a customer, newest first, each with its price and the record that bills it. */

import { part } from "../api.js";
import { html } from "../dom.js";
import { useList, useReloadOn } from "../load.js";
import { showMoney } from "../money.js";
import { link } from "../routes.js";
import { Empty, Id, Time, Units } from "../ui/parts.js";
import { ListTable } from "../ui/table.js";

export function UsageTab({ id, turn }) {
  const list = useList(`billing/balance/${part(id)}?limit=50`, undefined, USAGE);
  useReloadOn(list.reload, turn);
  return html`<${ListTable} list=${list} label="Usage of ${id}" csv="billing/balance/${part(id)}" columns=${EVENT_COLUMNS} empty=${NOTHING} />`;
}

const USAGE = { itemsOf: (page) => page.usageDetails, cursorOf: (page) => page.cursor, parameter: "cursor" };

const NOTHING = html`<${Empty} title="Nothing was used yet">
  Usage comes by <code>POST /billing/usage</code> or in log files.
<//>`;

export const EVENT_COLUMNS = [
  { name: "Occurred", show: (event) => html`<${Time} at=${event.occurredAt} />` },
  { name: "Product", show: (event) => event.productId },
  { name: "Units", number: true, show: (event) => html`<${Units} units=${event.units} />` },
  { name: "Price", number: true, show: (event) => html`<${UnitPrice} cents=${event.unitPriceCents} />` },
  { name: "Billed by", show: (event) => html`<a href=${link("records", event.recordId)}>${event.recordId}</a>` },
  { name: "Paid", show: (event) => html`<${Time} at=${event.billedAt} />` },
  { name: "Event", show: (event) => html`<${Id} id=${event.id} />` },
];

function UnitPrice({ cents }) {
  return cents === null ? html`<span class="faint">by the month</span>` : showMoney(cents);
}
