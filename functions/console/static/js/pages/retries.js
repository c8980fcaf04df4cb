/** Retries: the charges that are or were tried again, with what each waits for. */

import { html } from "../dom.js";
import { useList, useNow } from "../load.js";
import { link } from "../routes.js";
import { countdown } from "../time.js";
import { Chip, Empty, Money, Time } from "../ui/parts.js";
import { Heading } from "../ui/shell.js";
import { ListTable } from "../ui/table.js";

export function Retries() {
  const list = useList("executions?limit=25", (page) => page.items.some(isRunning));
  return html`
    <${Heading} title="Retries" />
    <${ListTable} list=${list} label="Retries" columns=${RETRY_COLUMNS} empty=${NONE} />
  `;
}

function isRunning(run) {
  return run.status === "running";
}

const NONE = html`<${Empty} title="No charge had to be retried">
  Where a wallet does not cover a charge, it is retried, and stands here.
<//>`;

const RETRY_COLUMNS = [
  { name: "Customer", show: (run) => html`<a href=${link("records", run.recordId)}>${run.customerId}</a>` },
  { name: "Amount", number: true, show: (run) => html`<${Money} cents=${run.amountCents} />` },
  { name: "Record", show: (run) => html`<${Chip} status=${run.recordStatus} />` },
  { name: "Workflow", show: (run) => html`<${Chip} status=${ended(run)} />` },
  { name: "Attempts", number: true, show: (run) => run.attempts.filter((each) => each.number > 0).length },
  { name: "Next in", number: true, show: (run) => html`<${Next} at=${run.nextAttemptAt} />` },
  { name: "Last balance met", number: true, show: (run) => html`<${LastBalance} attempts=${run.attempts} />` },
  { name: "Began", show: (run) => html`<${Time} at=${run.startedAt} />` },
];

/** The workflow succeeds where it came to its end, paid or not, which is no success to a person. */
function ended(run) {
  return run.status === "succeeded" ? "ended" : run.status;
}

export function Next({ at }) {
  const now = useNow();
  return at ? html`<span class="money">${countdown(at, now)}</span>` : html`<span class="faint">–</span>`;
}

function LastBalance({ attempts }) {
  const last = attempts.at(-1);
  return last ? html`<${Money} cents=${last.balanceCents} />` : html`<span class="faint">–</span>`;
}
