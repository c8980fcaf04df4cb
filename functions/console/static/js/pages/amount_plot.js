/** What all customers were charged in the last thirty days, by day and product. */

import { html } from "../dom.js";
import { link } from "../routes.js";
import { DayBars } from "../ui/day_bars.js";
import { Empty, Panel } from "../ui/parts.js";
import { chargedCents } from "./overview_tiles.js";

// No product can be called so: ids have no spaces.
const BY_HAND = "charges by hand";

/** @param {{days: string[], reports: object, isAddedUp: boolean, hasCustomers: boolean}} props */
export function AmountPlot({ days, reports, isAddedUp, hasCustomers }) {
  const items = [...reports.items, ...byHand(reports.days)].sort(byDay);
  if (items.length === 0) {
    return html`<${Panel} title="Charged a day"><${Empty} title=${isAddedUp ? "Nothing was charged in the last thirty days" : "Nothing was added up yet"}>
      ${hasCustomers ? NEXT : html`First make a <a href=${link("customers")}>customer</a>, then record what they use.`}
    <//><//>`;
  }
  return html`<${DayBars} label="Charged a day (UTC), by product" days=${days} items=${items} />`;
}

const NEXT = html`Record usage by <code>POST /billing/usage</code> or in log files; then <em>Bill what is recorded</em>
  ${" "}and <em>Close days</em>, or wait for the schedules.`;

/** What was charged without usage, as if that were a product. */
function byHand(days) {
  return days
    .filter((day) => day.chargesCents !== 0)
    .map(({ date, chargesCents }) => ({ date, productId: BY_HAND, units: null, events: null, amountCents: String(chargedCents({ usageCents: 0, chargesCents })) }));
}

function byDay(one, other) {
  return one.date < other.date ? -1 : Number(one.date > other.date);
}
