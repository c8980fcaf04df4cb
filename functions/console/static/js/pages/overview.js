/** Overview: what needs somebody, what is being retried, and the jobs. */

import { html, useState } from "../dom.js";
import { useList, useReloadOn } from "../load.js";
import { link } from "../routes.js";
import { RecordActions } from "../ui/actions.js";
import { Empty, Money, Panel, Time } from "../ui/parts.js";
import { Heading } from "../ui/shell.js";
import { ListTable } from "../ui/table.js";
import { nameOf } from "./customer_records.js";
import { Jobs } from "./jobs.js";
import { Next } from "./retries.js";

export function Overview() {
  const [turn, setTurn] = useState(0);
  const failed = useList("billing?status=failed&limit=10");
  const retrying = useList("billing?status=retrying&limit=10", (page) => page.items.length > 0);
  const version = String(turn);
  useReloadOn(failed.reload, version);
  useReloadOn(retrying.reload, version);
  const changed = () => setTurn(turn + 1);
  const actions = {
    name: "Actions",
    show: (record) => html`<span class="actions"><${RecordActions} record=${record} done=${changed} /></span>`,
  };
  return html`
    <${Heading} title="Overview" />
    <${Panel} title="Needs you: failed charges">
      <${ListTable} list=${failed} label="Failed charges" columns=${[...COLUMNS, GIVEN_UP, actions]} empty=${NOTHING_FAILED} />
    <//>
    <${Panel} title="Being retried" actions=${html`<a href=${link("retries")}>All retries</a>`}>
      <${ListTable} list=${retrying} label="Charges being retried" columns=${[...COLUMNS, NEXT, actions]} empty=${NO_RETRIES} />
    <//>
    <${Panel} title="Jobs"><${Jobs} done=${changed} /><//>
  `;
}

const COLUMNS = [
  { name: "What for", show: (record) => html`<a href=${link("records", record.id)}>${nameOf(record)}</a>` },
  { name: "Customer", show: (record) => html`<a href=${link("customers", record.userId)}>${record.userId}</a>` },
  { name: "Amount", number: true, show: (record) => html`<${Money} cents=${record.amountCents} />` },
];
const GIVEN_UP = { name: "Given up", show: (record) => html`<${Time} at=${record.failedAt} />` };
const NEXT = { name: "Next in", number: true, show: (record) => html`<${Next} at=${record.nextAttemptAt} />` };

const NOTHING_FAILED = html`<${Empty} title="Nothing needs you">
  A charge whose retries were all in vain stands here; its customer is suspended then.
<//>`;
const NO_RETRIES = html`<${Empty} title="Nothing is being retried">
  Where a wallet does not cover a charge, it is retried, and stands here.
<//>`;
