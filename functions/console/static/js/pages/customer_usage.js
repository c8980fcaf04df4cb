/** Usage: the events of a customer, newest first, each with its price and the record that bills it. */

import { part } from "../api.js";
import { html } from "../dom.js";
import { useList, useReloadOn } from "../load.js";
import { showMoney, times } from "../money.js";
import { link } from "../routes.js";
import { Empty, Money, Time, Units } from "../ui/parts.js";
import { ListTable } from "../ui/table.js";
import { UsagePlot } from "./usage_plot.js";

export function UsageTab({ id, turn }) {
  const list = useList(`billing/balance/${part(id)}?limit=50`, undefined, USAGE);
  useReloadOn(list.reload, turn);
  return html`<${UsagePlot} id=${id} turn=${turn} />
    <${FindEvent} customer=${id} />
    <${ListTable} list=${list} label="Usage of ${id}" csv="billing/balance/${part(id)}" columns=${EVENT_COLUMNS} empty=${NOTHING} />`;
}

/** Whoever is asked about an event has its id, and does not look for it in a list of thousands. */
function FindEvent({ customer }) {
  const open = (event) => {
    event.preventDefault();
    const wanted = new FormData(event.target).get("event").trim();
    if (wanted) location.hash = link("events", customer, wanted);
  };
  return html`<div class="search"><form role="search" onSubmit=${open}>
    <input name="event" type="search" aria-label="Id of an event" placeholder="Id of an event" autocomplete="off" spellcheck=${false} />
    <button type="submit">Trace</button>
  </form></div>`;
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
  { name: "Amount", number: true, show: (event) => html`<${Amount} event=${event} />` },
  { name: "Billed by", show: (event) => html`<a href=${link("records", event.recordId)}>${event.recordId}</a>` },
  { name: "Paid", show: (event) => html`<${Time} at=${event.billedAt} />` },
  { name: "Event", show: (event) => html`<${EventLink} event=${event} />` },
];

/** A difference that an adjustment made leads to the event that it adjusts. */
function EventLink({ event }) {
  return html`<a href=${link("events", event.customerId, event.adjusts ?? event.id)}>${event.id}</a>`;
}

/** Exact, before whole cents are billed. Where the month decides, there is none of a single event. */
function Amount({ event: { unitPriceCents, units } }) {
  return unitPriceCents === null ? html`<span class="faint">–</span>` : html`<${Money} cents=${times(unitPriceCents, units)} />`;
}

function UnitPrice({ cents }) {
  return cents === null ? html`<span class="faint">by the month</span>` : showMoney(cents);
}
