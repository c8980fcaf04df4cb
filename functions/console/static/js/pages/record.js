/** One billing record: what it asks for and why, how its retries went, and what can be done about it. */

import { part } from "../api.js";
import { html, useState } from "../dom.js";
import { useList, useLoad } from "../load.js";
import { link } from "../routes.js";
import { AddFunds, RecordActions } from "../ui/actions.js";
import { Notice } from "../ui/dialog.js";
import { Chip, Empty, Id, Money, Panel, Skeleton, Tile, Time } from "../ui/parts.js";
import { ProblemBox } from "../ui/problem.js";
import { Heading } from "../ui/shell.js";
import { ListTable, Table } from "../ui/table.js";
import { isRetrying, nameOf } from "./customer_records.js";
import { EVENT_COLUMNS } from "./customer_usage.js";
import { Lines } from "./record_lines.js";
import { States } from "./record_states.js";
import { Timeline } from "./record_timeline.js";

export function Record({ id }) {
  const { data: record, problem, reload } = useLoad(`billing/${part(id)}`, isRetrying);
  const [notice, setNotice] = useState("");
  const changed = (text) => {
    setNotice(text);
    reload();
  };
  return html`
    <${Heading} title=${record ? nameOf(record) : "Billing record"}>
      ${record && html`<${RecordActions} record=${record} done=${() => changed("The record was changed.")} />`}
      ${record && isOwed(record) && html`<${AddFunds} customer=${record.userId} missingCents=${missingOf(record)} done=${() => changed("The funds were added.")} />`}
    <//>
    <${Notice} text=${notice} over=${() => setNotice("")} />
    ${problem && (problem.code === "billing_record_not_found" ? NOT_YET : html`<${ProblemBox} problem=${problem} retry=${reload} byItself />`)}
    ${!record && !problem && html`<${Skeleton} lines=${6} />`}
    ${record && html`<${Told} record=${record} />`}
  `;
}

function isOwed(record) {
  return ["pending", "retrying", "failed"].includes(record.status);
}

/** What the last attempt would have needed besides; 0 where there was none. */
function missingOf({ amountCents, attempts }) {
  return attempts.length > 0 ? amountCents - attempts.at(-1).balanceCents : 0;
}

function Told({ record }) {
  return html`
    <p class="facts">
      <${Chip} status=${record.status} />
      <span>of <a href=${link("customers", record.userId, "records")}>${record.userId}</a></span>
      <${Id} id=${record.id} />
      <span class="faint">made <${Time} at=${record.createdAt} /></span>
    </p>
    <div class="tiles">
      <${Tile} name="Amount"><${Money} cents=${record.amountCents} /><//>
      <${Tile} name="Refunded"><${Money} cents=${record.refundedCents} /><//>
      <${Tile} name="Paid" note=${record.entryId ? `by entry ${record.entryId}` : undefined}><${Time} at=${record.paidAt} /><//>
    </div>
    ${record.voided && html`<p class="facts">Voided <${Time} at=${record.voided.at} /> by key <code>${record.voided.by}</code>${record.voided.reason && html`: ${record.voided.reason}`}</p>`}
    ${record.attempts.length > 0 && html`<${Panel} title="Attempts"><${Timeline} record=${record} /><//><${States} id=${record.id} version=${`${record.status} ${record.attempts.length}`} />`}
    ${record.lines.length > 0 && html`<${Panel} title="Why this amount"><${Lines} record=${record} /><//>`}
    ${record.refunds.length > 0 && html`<${Panel} title="Refunds"><${Table} label="Refunds" items=${record.refunds} columns=${REFUND_COLUMNS} /><//>`}
    ${record.lines.length > 0 && html`<${Panel} title="Events"><${Events} id=${record.id} /><//>`}
  `;
}

function Events({ id }) {
  const list = useList(`billing/${part(id)}/events?limit=25`);
  return html`<${ListTable} list=${list} label="Events" columns=${COLUMNS} empty=${NO_EVENTS} />`;
}

const COLUMNS = EVENT_COLUMNS.filter(({ name }) => name !== "Billed by");
const NOT_YET = html`<${Empty} title="There is no such record yet">
  What is used is given the id of the record that will bill it. The next billing run makes that; of a customer who cannot
  be charged, within a day.
<//>`;
const NO_EVENTS = html`<${Empty} title="No events">The list of events may lag by a second.<//>`;

const REFUND_COLUMNS = [
  { name: "When", show: (refund) => html`<${Time} at=${refund.at} />` },
  { name: "Amount", number: true, show: (refund) => html`<${Money} cents=${refund.amountCents} />` },
  { name: "Reason", show: (refund) => refund.reason ?? "" },
  { name: "By key", show: (refund) => html`<code>${refund.by}</code>` },
  { name: "Entry", show: (refund) => html`<code>${refund.entryId}</code>` },
];
