/** One customer: their money, why it is what it is, and what can be done about it. */

import { part } from "../api.js";
import { html, useState } from "../dom.js";
import { readAnew, useLoad } from "../load.js";
import { link } from "../routes.js";
import { showSeconds } from "../time.js";
import { AddFunds, Charge, SuspendOrActivate } from "../ui/actions.js";
import { Notice } from "../ui/dialog.js";
import { Chip, Id, Money, Skeleton, Tile, Time } from "../ui/parts.js";
import { ProblemBox } from "../ui/problem.js";
import { Heading } from "../ui/shell.js";
import { Tabs } from "../ui/tabs.js";
import { MoneyTab } from "./customer_money.js";
import { Proof } from "./customer_proof.js";
import { RecordsTab } from "./customer_records.js";
import { StatementTab } from "./customer_statement.js";
import { EditTerms } from "./customer_terms.js";
import { UsageTab } from "./customer_usage.js";

const TABS = { money: ["Money", MoneyTab], usage: ["Usage", UsageTab], records: ["Records", RecordsTab], statement: ["Statement", StatementTab] };

export function Customer({ id, tab }) {
  const balance = useLoad(`billing/balance/${part(id)}?limit=1`, isPending);
  // While something is pending, retries may suspend the customer, and money activate them.
  const customer = useLoad(`users/${part(id)}`, () => balance.data !== null && isPending(balance.data));
  const [notice, setNotice] = useState("");
  const changed = (text) => {
    setNotice(text);
    readAnew();
  };
  const [, Shown] = TABS[tab] ?? TABS.money;
  // What is shown is read again when money moved by itself.
  const version = balance.data && [balance.data.balanceCents, balance.data.pendingCents].join(" ");
  return html`
    <${Heading} title=${customer.data?.name ?? id}>
      <${AddFunds} customer=${id} lackCents=${lackOf(customer.data, balance.data)} done=${() => changed("The funds were added.")} />
      <${Charge} customer=${id} done=${(record) => changed(`The charge is ${record.status}.`)} />
      ${customer.data && html`<${EditTerms} customer=${customer.data} done=${() => changed("The customer was changed.")} /><${SuspendOrActivate} customer=${customer.data} done=${(now) => changed(`${id} is ${now.status}.`)} />`}
    <//>
    <${Notice} text=${notice} over=${() => setNotice("")} />
    <${Facts} id=${id} customer=${customer} />
    <${Tiles} id=${id} balance=${balance} version=${version} />
    <${Tabs} label="About ${id}" now=${tab in TABS ? tab : "money"}
      tabs=${Object.entries(TABS).map(([name, [label]]) => [name, label, link("customers", id, name)])}>
      <${Shown} id=${id} turn=${version} changed=${changed} />
    <//>
  `;
}

/** Who pays beforehand needs this much to owe nothing; 0 for anybody else, and while it is not known. */
function lackOf(customer, money) {
  return customer?.mode === "prepaid" && money ? 0 - money.availableCents : 0;
}

function isPending(money) {
  return money.pendingCents !== 0;
}

function Facts({ id, customer }) {
  const { data, problem, reload } = customer;
  if (problem) return html`<${ProblemBox} problem=${problem} retry=${reload} byItself />`;
  if (!data) return html`<${Skeleton} lines=${1} />`;
  return html`<p class="facts">
    <${Chip} status=${data.status} />
    ${data.suspendedBy && html`<span>by ${data.suspendedBy} since <${Time} at=${data.suspendedAt} /></span>`}
    <${Id} id=${id} />
    <span>${data.mode}</span>
    ${data.creditLimitCents !== null && html`<span>credit limit <${Money} cents=${data.creditLimitCents} /></span>`}
    ${data.retrySchedule && html`<span>retries after ${data.retrySchedule.map(showSeconds).join(", ")}</span>`}
    ${data.email && html`<span>${data.email}</span>`}
    <span class="faint">since <${Time} at=${data.createdAt} /></span>
  </p>`;
}

function Tiles({ id, balance, version }) {
  const { data, problem, reload } = balance;
  if (problem) return html`<${ProblemBox} problem=${problem} retry=${reload} byItself />`;
  if (!data) return html`<${Skeleton} lines=${2} />`;
  return html`<div class="tiles">
    <${Tile} name="Available" note="balance less pending"><${Money} cents=${data.availableCents} /><//>
    <${Tile} name="Balance" note="what the wallet holds"><${Money} cents=${data.balanceCents} /><//>
    <${Tile} name="Pending" note="recorded or billed, not paid"><${Money} cents=${data.pendingCents} /><//>
    <${Proof} id=${id} turn=${version} />
  </div>`;
}
