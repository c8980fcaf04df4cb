/** Retries: the charges that are or were tried again, with what each waits for, and what can be done about it. */

import { html, useState } from "../dom.js";
import { useList, useNow } from "../load.js";
import { link } from "../routes.js";
import { countdown } from "../time.js";
import { RecordActions } from "../ui/actions.js";
import { Chip, Choices, Empty, Money } from "../ui/parts.js";
import { Heading } from "../ui/shell.js";
import { ListTable } from "../ui/table.js";

export function Retries() {
  const [which, choose] = useState("");
  const list = useList(`executions?limit=25${which && `&status=${which}`}`, (page) => page.items.some(isRunning));
  const actions = {
    name: "Actions",
    show: (run) => html`<span class="actions"><${RecordActions} record=${recordOf(run)} done=${list.reload} /></span>`,
  };
  return html`
    <${Heading} title="Retries" />
    <${Choices} label="Which retries" choices=${WHICH} now=${which} choose=${choose} />
    <${ListTable} list=${list} label="Retries" columns=${[...RETRY_COLUMNS, actions]} empty=${which ? NONE_SUCH : NONE} />
  `;
}

/** By the status of the workflow, which succeeds where it came to its end, paid or not. */
const WHICH = { "": "All", running: "Running", succeeded: "Ended" };

function isRunning(run) {
  return run.status === "running";
}

/** What can be done while it is owed; what was paid is refunded on its own page. */
function recordOf(run) {
  return { id: run.recordId, status: run.recordStatus, amountCents: run.amountCents, description: run.description, refundedCents: run.amountCents };
}

const NONE = html`<${Empty} title="No charge had to be retried">
  Where a wallet does not cover a charge, it is retried, and stands here.
<//>`;
const NONE_SUCH = html`<${Empty} title="No such retries">Choose <em>All</em>.<//>`;

const RETRY_COLUMNS = [
  { name: "What for", show: (run) => html`<a href=${link("records", run.recordId)}>${run.description ?? (isManual(run) ? "Charge by hand" : "Usage")}</a>` },
  { name: "Customer", show: (run) => html`<a href=${link("customers", run.customerId)}>${run.customerId}</a>` },
  { name: "Amount", number: true, show: (run) => html`<${Money} cents=${run.amountCents} />` },
  { name: "Status", show: (run) => html`<${Standing} run=${run} />` },
  { name: "Retries", number: true, show: (run) => `${lastRetry(run)} of ${run.retrySchedule.length}` },
  { name: "Next in", number: true, show: (run) => html`<${Next} at=${run.nextAttemptAt} />` },
  { name: "Last balance met", number: true, show: (run) => html`<${LastBalance} attempts=${run.attempts} />` },
];

function isManual({ recordId }) {
  return recordId.includes("~manual~");
}

/** How the record stands, and its workflow where that neither runs nor came to its end. */
function Standing({ run }) {
  const isWell = run.status === null || ["running", "succeeded"].includes(run.status);
  return html`<${Chip} status=${run.recordStatus} />${!isWell && html` <${Chip} status=${run.status} label="workflow ${run.status}" />`}`;
}

/** The number of the latest retry; the first attempt and those by hand are none. */
export function lastRetry({ attempts }) {
  return attempts.findLast((attempt) => attempt.number !== null)?.number ?? 0;
}

export function Next({ at, before = "" }) {
  const now = useNow();
  if (!at) return html`<span class="faint">–</span>`;
  return html`<span class="money">${Date.parse(at) > now ? before + countdown(at, now) : "due"}</span>`;
}

function LastBalance({ attempts }) {
  const last = attempts.at(-1);
  return last ? html`<${Money} cents=${last.balanceCents} />` : html`<span class="faint">–</span>`;
}
