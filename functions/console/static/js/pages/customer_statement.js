/** The statement of a month: what it began with, what was added and taken, and what it ended with. */

import { part } from "../api.js";
import { html, useState } from "../dom.js";
import { useLoad, useReloadOn } from "../load.js";
import { counted, showUnits } from "../money.js";
import { showUtc } from "../time.js";
import { Field } from "../ui/dialog.js";
import { Chip, Money, Skeleton, Tile } from "../ui/parts.js";
import { ProblemBox } from "../ui/problem.js";
import { Table } from "../ui/table.js";

export function StatementTab({ id, turn }) {
  const [month, setMonth] = useState(() => new Date().toISOString().slice(0, 7));
  const { data, problem, reload } = useLoad(`billing/statements/${part(id)}/${part(month)}`);
  useReloadOn(reload, turn);
  return html`
    <div class="row no-print">
      <${Field} label="Month (UTC)"><input type="month" value=${month} onChange=${(event) => event.target.value && setMonth(event.target.value)} /><//>
      <button type="button" class="low" disabled=${!data} onClick=${() => print()}>Print</button>
    </div>
    ${problem && html`<${ProblemBox} problem=${problem} retry=${reload} byItself />`}
    ${!data && !problem && html`<${Skeleton} lines=${5} />`}
    ${data && html`<${Statement} statement=${data} />`}
  `;
}

function Statement({ statement }) {
  const lines = statement.lines.map((line, index) => ({ ...line, id: index }));
  return html`<article class="statement">
    <p class="facts">
      <strong>${statement.customerName ?? statement.customerId}, ${statement.month}</strong>
      <${Chip} status=${statement.status} />
      <span class="faint">${statement.firstDate} to ${statement.lastDate}</span>
    </p>
    <div class="tiles">
      <${Tile} name="Opening balance"><${Money} cents=${statement.openingCents} /><//>
      <${Tile} name="Closing balance"><${Money} cents=${statement.closingCents} /><//>
      <${Tile} name="Outstanding" note=${counted(statement.outstandingRecords, "record", "records")}><${Money} cents=${statement.outstandingCents} /><//>
    </div>
    ${lines.length > 0 ? html`<${Table} label="Statement" items=${lines} columns=${COLUMNS} whole />` : html`<p class="faint">Nothing moved in this month.</p>`}
    <p class="faint">
      ${statement.lastSeq === null ? "No ledger entries" : html`Ledger entries ${statement.firstSeq} to ${statement.lastSeq}, hash <code>${statement.headHash}</code>`}.
      ${" "}Dates are in UTC; read ${showUtc(statement.readAt)}.
    </p>
  </article>`;
}

const COLUMNS = [
  { name: "Date", show: (line) => line.date ?? "" },
  { name: "What", show: (line) => line.kind },
  { name: "Product", show: (line) => line.productName ?? line.productId ?? "" },
  { name: "Units", number: true, show: (line) => (line.units === null ? "" : showUnits(line.units)) },
  { name: "Events", number: true, show: (line) => (line.events === null ? "" : showUnits(line.events)) },
  { name: "Amount", number: true, show: (line) => html`<${Money} cents=${line.amountCents} />` },
];
