/** Money: the ledger with the balance after each entry, as it is or as it was. */

import { part } from "../api.js";
import { html, useMemo, useState } from "../dom.js";
import { useList, useReloadOn } from "../load.js";
import { majorUnits, showMoney, showUnits } from "../money.js";
import { link } from "../routes.js";
import { Field } from "../ui/dialog.js";
import { Empty, Money, Time } from "../ui/parts.js";
import { Plot } from "../ui/plot.js";
import { ListTable, Table } from "../ui/table.js";

/** More would be drawn into the same pixels. */
const DRAWN_MAX = 1000;

export function MoneyTab({ id, turn }) {
  const [asOf, setAsOf] = useState("");
  const moment = asOf && `&asOf=${part(new Date(asOf).toISOString())}`;
  const list = useList(`billing/ledger/${part(id)}?limit=50${moment}`);
  useReloadOn(list.reload, turn);
  return html`
    <div class="row">
      <${Field} label="As of" note="Your time. Empty for now.">
        <input type="datetime-local" value=${asOf} onChange=${(event) => setAsOf(event.target.value)} />
      <//>
    </div>
    ${list.items?.length > 1 && html`<${BalancePlot} entries=${list.items} whole=${list.more === null && list.items.length <= DRAWN_MAX} />`}
    <${ListTable} list=${list} label="Ledger of ${id}" csv="billing/ledger/${part(id)}${moment && `?${moment.slice(1)}`}" columns=${COLUMNS} empty=${asOf ? NOTHING_THEN : NOTHING} />
  `;
}

const COLUMNS = [
  { name: "No.", number: true, show: (entry) => entry.seq },
  { name: "Posted", show: (entry) => html`<${Time} at=${entry.postedAt} />` },
  { name: "What", show: (entry) => entry.kind },
  { name: "Amount", number: true, show: (entry) => html`<${Money} cents=${entry.amountCents} />` },
  { name: "Balance", number: true, show: (entry) => html`<${Money} cents=${entry.balanceCents} />` },
  { name: "For", show: (entry) => html`<${Reference} entry=${entry} />` },
  { name: "Hash", show: (entry) => html`<code class="faint" title=${entry.hash}>${entry.hash.slice(0, 10)}</code>` },
];

const NOTHING = html`<${Empty} title="No money has moved yet"><em>Add funds</em> makes the first entry.<//>`;
const NOTHING_THEN = html`<${Empty} title="Nothing had moved by then">Choose a later time.<//>`;

/** A credit names the caller's key; anything else the record that it is for. */
function Reference({ entry }) {
  return entry.kind === "credit"
    ? html`<span class="faint">key</span> <code>${entry.reference}</code>`
    : html`<a href=${link("records", entry.reference)}>${entry.reference}</a>`;
}

function BalancePlot({ entries: read, whole }) {
  const entries = useMemo(() => read.slice(0, DRAWN_MAX), [read[0], Math.min(read.length, DRAWN_MAX)]);
  return useMemo(() => drawn(entries, whole), [entries, whole]);
}

function drawn(entries, whole) {
  const oldestFirst = [...entries].reverse();
  const balances = oldestFirst.map((entry) => Number(majorUnits(entry.balanceCents)));
  const label = whole ? "Balance after each entry" : `Balance after each of the newest ${showUnits(entries.length)} entries`;
  return html`<${Plot} label=${label} byTime
    xs=${oldestFirst.map((entry) => Date.parse(entry.postedAt) / 1000)}
    series=${[{ name: "Balance", ys: balances, kind: "steps" }]}
    show=${(y) => showMoney(Math.round(y * 100))}>
    <${Table} label=${label} items=${entries} columns=${[COLUMNS[1], COLUMNS[4]]} />
  <//>`;
}
