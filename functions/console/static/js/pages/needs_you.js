/** What needs somebody, each with what can be done about it; and that nothing does, where nothing does. */

import { html } from "../dom.js";
import { useList, useLoad, useReloadOn } from "../load.js";
import { showUnits } from "../money.js";
import { link } from "../routes.js";
import { RecordActions } from "../ui/actions.js";
import { Panel, Skeleton, Time } from "../ui/parts.js";
import { ProblemBox } from "../ui/problem.js";
import { ListTable, Table } from "../ui/table.js";
import { CHARGE_COLUMNS } from "./charges.js";
import { aboutDeadLetters } from "./dead_letters.js";
import { Imbalances, showImbalances } from "./imbalances.js";
import { RunNow } from "./jobs.js";
import { Account } from "./log_account.js";
import { runOf, showCount } from "./system_status.js";

// A page of the list, newest first; what is older was newest once.
const FILES = 25;

export function NeedsYou({ status, turn, changed }) {
  const files = useLoad(`logs/files?limit=${FILES}`);
  useReloadOn(files.reload, turn);
  const bad = files.data?.items.filter((file) => file.state === "failed" || file.rejected + file.conflict > 0) ?? [];
  const letters = status.deadLetters.filter(({ messages }) => messages > 0);
  const { failed, imbalances } = status;
  const calm = failed.count === 0 && imbalances.items.length === 0 && letters.length === 0 && files.data && bad.length === 0;
  return html`<${Panel} title="Needs you">
    ${calm && html`<${Calm} status=${status} files=${files.data} />`}
    ${imbalances.items.length > 0 && html`<${Need} title=${showImbalances(imbalances)}
      note="Their days stay open until the books verify again. Look at the proof on the customer's page before anything else is done.">
      <${Imbalances} items=${imbalances.items} />
    <//>`}
    ${failed.count > 0 && html`<${FailedCharges} failed=${failed} turn=${turn} changed=${changed} />`}
    ${bad.length > 0 && html`<${Files} files=${bad} more=${files.data.cursor !== null} />`}
    ${letters.length > 0 && html`<${DeadLetters} letters=${letters} changed=${changed} />`}
    ${!files.data && !files.problem && html`<${Skeleton} lines=${1} />`}
    ${files.problem && html`<${ProblemBox} problem=${files.problem} retry=${files.reload} byItself />`}
  <//>`;
}

/** What was looked at; on a new system, where to begin. */
function Calm({ status, files }) {
  if (status.customers.count === 0) return html`<p class="calm">Nothing yet. Make your first <a href=${link("customers")}>customer</a> to begin.</p>`;
  const some = files.cursor ? `the newest ${files.items.length}` : "all";
  const looked = [
    "no charge failed",
    runOf(status, "closing").endedAt && "no closing run found a ledger at fault",
    "no message was given up",
    files.items.length > 0 && `every line of ${some} log files is billed`,
  ];
  return html`<p class="calm"><span class="chip good">All is well</span> ${sentence(looked.filter(Boolean))}</p>`;
}

function sentence(parts) {
  const text = `${parts.slice(0, -1).join(", ")}, and ${parts.at(-1)}.`;
  return text[0].toUpperCase() + text.slice(1);
}

/** A kind of things that need somebody: how many, what that means, and each of them. */
function Need({ title, children, note }) {
  return html`<section class="need"><h3>${title}</h3><p class="faint">${note}</p>${children}</section>`;
}

function FailedCharges({ failed, turn, changed }) {
  const list = useList("billing?status=failed&limit=10");
  useReloadOn(list.reload, turn);
  const actions = {
    name: "Actions",
    show: (record) => html`<span class="actions"><${RecordActions} record=${record} done=${changed} /></span>`,
  };
  return html`<${Need} title="${showCount(failed)} failed ${isOne(failed) ? "charge" : "charges"}"
    note="All retries were in vain, and the customer is suspended. Charge again once there is money, or void what nobody owes.">
    <${ListTable} list=${list} label="Failed charges" columns=${[...CHARGE_COLUMNS, GIVEN_UP, actions]} />
  <//>`;
}

const GIVEN_UP = { name: "Given up", show: (record) => html`<${Time} at=${record.failedAt} />` };

function Files({ files, more }) {
  const one = files.length === 1;
  return html`<${Need} title="${files.length} log ${one ? "file has" : "files have"} lines that are not billed"
    note="Each line says why: make the customer or the product that it names and read the file again, or put a corrected one in its place.${more ? ` Of the newest ${FILES} files.` : ""}">
    <${Table} label="Log files with lines that are not billed" columns=${FILE_COLUMNS} items=${files} />
  <//>`;
}

const FILE_COLUMNS = [
  { name: "File", show: (file) => html`<a href=${link("logs", file.id)}>${file.key.replace(/^incoming\//, "")}</a>` },
  { name: "Account", show: (file) => html`<${Account} file=${file} />` },
  { name: "Rejected", number: true, show: (file) => showUnits(file.rejected) },
  { name: "Conflicts", number: true, show: (file) => showUnits(file.conflict) },
  { name: "Found", show: (file) => html`<${Time} at=${file.foundAt} />` },
];

function DeadLetters({ letters, changed }) {
  const count = letters.reduce((sum, { messages }) => sum + messages, 0);
  return html`<${Need} title="${count} ${count === 1 ? "message was" : "messages were"} given up"
    note="Nothing is lost by it. A message stays for two weeks, so that somebody can look.">
    <ul class="jobs">
      ${letters.map(({ name, messages }) => html`<${Letter} key=${name} name=${name} messages=${messages} changed=${changed} />`)}
    </ul>
  <//>`;
}

function Letter({ name, messages, changed }) {
  const { what, todo, job, alarm } = aboutDeadLetters(name);
  return html`<li>
    <div>
      <strong>${what}</strong>${messages > 1 && html` <span class="chip">${messages} times</span>`}
      <p class="faint">${todo}${alarm && html` Where to look: <code>${alarm}</code> in <code>docs/operations.md</code>.`}</p>
    </div>
    ${job && html`<${RunNow} job=${job} label="Try now" done=${changed} />`}
  </li>`;
}

function isOne({ count, more }) {
  return count === 1 && !more;
}
