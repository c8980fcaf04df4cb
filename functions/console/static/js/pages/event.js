/** One usage event and its trace: from what was used, by its price and its record, to the entry and its hash. */

import { get, part } from "../api.js";
import { html, useEffect, useState } from "../dom.js";
import { useLoad } from "../load.js";
import { showMoney, times } from "../money.js";
import { link } from "../routes.js";
import { ReasonField, filled, typed } from "../ui/actions.js";
import { Ask, Field, Notice } from "../ui/dialog.js";
import { Chip, Id, Money, Panel, Skeleton, Time, Units } from "../ui/parts.js";
import { ProblemBox } from "../ui/problem.js";
import { Heading } from "../ui/shell.js";
import { Table } from "../ui/table.js";

export function Event({ customer, id }) {
  const { data: event, problem, reload } = useLoad(`billing/usage/${part(customer)}/${part(id)}`, isNotPaid);
  const [notice, setNotice] = useState("");
  const changed = () => {
    setNotice("The event was adjusted. The next billing run posts the difference.");
    reload();
  };
  return html`
    <${Heading} title="Usage event">
      ${event && html`<${Correct} event=${event} done=${changed} /><${Void} event=${event} done=${changed} />`}
    <//>
    <${Notice} text=${notice} over=${() => setNotice("")} />
    <p class="facts">
      <${Id} id=${id} />
      <span>of <a href=${link("customers", customer, "usage")}>${customer}</a></span>
    </p>
    ${problem && html`<${ProblemBox} problem=${problem} retry=${reload} byItself />`}
    ${!event && !problem && html`<${Skeleton} lines=${5} />`}
    ${event && html`<${Panel} title="From use to the ledger"><${Trace} event=${event} /><//>`}
    ${event?.adjustments.length > 0 && html`<${Panel} title="Adjustments">
      <${Table} label="Adjustments" items=${event.adjustments.map((each, index) => ({ ...each, id: index }))} columns=${ADJUSTMENTS} />
    <//>`}
  `;
}

const ADJUSTMENTS = [
  { name: "When", show: (each) => html`<${Time} at=${each.at} />` },
  { name: "From", number: true, show: (each) => html`<${Units} units=${each.unitsBefore} />` },
  { name: "To", number: true, show: (each) => html`<${Units} units=${each.unitsAfter} />` },
  { name: "Reason", show: (each) => each.reason ?? "" },
  { name: "By key", show: (each) => html`<code>${each.by}</code>` },
  { name: "Billed by", show: (each) => html`<a href=${link("records", each.recordId)}>${each.recordId}</a>` },
];

/** What the event counts for now. */
function presentOf(event) {
  return event.presentUnits ?? event.units;
}

function pathOf(event) {
  return `billing/usage/${part(event.customerId)}/${part(event.id)}`;
}

function Correct({ event, done }) {
  const request = (form) => ({
    method: "PATCH",
    path: pathOf(event),
    body: filled({ units: form.get("units").trim(), reason: typed(form, "reason") }),
  });
  return html`<${Ask} scope="billing:write" label="Correct" title="Correct the units" submit="Correct" request=${request} done=${done}>
    <${Field} label="Units" note="What the event shall count for, at its own price and in its own month.">
      <input name="units" inputmode="decimal" required autocomplete="off" autofocus defaultValue=${String(presentOf(event))} />
    <//>
    <${ReasonField} />
  <//>`;
}

function Void({ event, done }) {
  const request = (form) => {
    const reason = typed(form, "reason");
    return { method: "DELETE", path: pathOf(event) + (reason ? `?reason=${part(reason)}` : "") };
  };
  if (String(presentOf(event)) === "0") return null;
  return html`<${Ask} scope="billing:write" label="Void" title="Void the event" submit="Void" danger request=${request} done=${done}>
    <p>It counts for nothing then. What was billed for it is given back.</p>
    <${ReasonField} />
  <//>`;
}

function isNotPaid(event) {
  return event.billedAt === null;
}

function Trace({ event }) {
  const { record } = event;
  return html`<ol class="timeline">
    <li class="good">
      <strong>Used</strong>
      <span><${Units} units=${event.units} /> of ${event.productId}</span>
      ${presentOf(event) !== event.units && html`<span>counts for <${Units} units=${presentOf(event)} /> now</span>`}
      <span class="faint"><${Time} at=${event.occurredAt} />, recorded <${Time} at=${event.createdAt} /></span>
    </li>
    <li class="good">
      <strong>Priced</strong>
      <span>${priceOf(event)}</span>
      ${event.unitPriceCents !== null && html`<span>comes to <${Money} cents=${times(event.unitPriceCents, event.units)} /></span>`}
      <span class="faint">see <a href=${link("products", event.productId)}>${event.productId}</a></span>
    </li>
    ${record ? html`<${Billed} record=${record} />` : html`<li class="ahead">
      <strong>Not billed yet</strong><span>the next billing run does it, as <code>${event.recordId}</code></span>
    </li>`}
    ${record?.paidAt && (event.entryId
      ? html`<${Posted} customer=${event.customerId} entryId=${event.entryId} paidAt=${record.paidAt} />`
      : html`<li class="good"><strong>No entry</strong><span>the record came to less than a cent, which the wallet carries on</span></li>`)}
  </ol>`;
}

function priceOf(event) {
  return event.unitPriceCents === null
    ? "by the units of its whole month, as its record explains"
    : `${showMoney(event.unitPriceCents)} a unit, the price in force then`;
}

function Billed({ record }) {
  return html`<li class=${record.status === "paid" ? "good" : "bad"}>
    <strong>Billed</strong>
    <span>by <a href=${link("records", record.id)}>${record.id}</a>, which comes to <${Money} cents=${record.amountCents} /> in all</span>
    <${Chip} status=${record.status} />
  </li>`;
}

/** The entry is among the newest as of the moment at which the record was paid. */
function Posted({ customer, entryId, paidAt }) {
  const [{ entry, problem }, setState] = useState({ entry: null, problem: null });
  const read = () => {
    const controller = new AbortController();
    const path = `billing/ledger/${part(customer)}?limit=100&asOf=${part(paidAt)}`;
    get(path, controller.signal).then(
      ({ items }) => setState({ entry: items.find((each) => each.id === entryId) ?? null, problem: null }),
      (fault) => fault.name !== "AbortError" && setState({ entry: null, problem: fault }),
    );
    return () => controller.abort();
  };
  useEffect(read, [entryId]);
  return html`<li class="good">
    <strong>Posted</strong>
    <span>as entry <a href=${link("customers", customer, "money")}>${entryId}</a></span>
    ${entry && html`<span class="faint"><${Time} at=${entry.postedAt} />, balance after it <${Money} cents=${entry.balanceCents} /></span>`}
    ${entry && html`<span class="faint">hash <code>${entry.hash}</code>, after <code>${entry.previousHash}</code></span>`}
    ${problem && html`<${ProblemBox} problem=${problem} retry=${read} />`}
  </li>`;
}
