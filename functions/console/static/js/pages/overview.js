/** Overview: how it goes, what needs somebody, what was charged, and the jobs. */

import { html, useState } from "../dom.js";
import { useList, useLoad, useReloadOn } from "../load.js";
import { link } from "../routes.js";
import { daysUntil } from "../time.js";
import { RecordActions } from "../ui/actions.js";
import { DAYS } from "../ui/day_bars.js";
import { Panel } from "../ui/parts.js";
import { ProblemBox } from "../ui/problem.js";
import { Heading } from "../ui/shell.js";
import { ListTable } from "../ui/table.js";
import { AmountPlot } from "./amount_plot.js";
import { CHARGE_COLUMNS } from "./charges.js";
import { Jobs } from "./jobs.js";
import { NeedsYou } from "./needs_you.js";
import { OverviewTiles } from "./overview_tiles.js";
import { Next } from "./retries.js";
import { runOf, useStatus } from "./system_status.js";

export function Overview() {
  const [turn, setTurn] = useState(0);
  const days = daysUntil(Date.now(), DAYS);
  const status = useStatus();
  const reports = useLoad(`reports/days?from=${days[0]}&to=${days.at(-1)}`);
  // The days change with a closing run.
  useReloadOn(reports.reload, status.data && String(runOf(status.data, "closing").endedAt));
  const changed = () => {
    setTurn(turn + 1);
    status.reload();
  };
  const problem = status.problem ?? reports.problem;
  const again = () => [status, reports].forEach((each) => each.problem && each.reload());
  return html`
    <${Heading} title="Overview" />
    ${problem && html`<${ProblemBox} problem=${problem} retry=${again} byItself />`}
    ${status.data || !status.problem
      ? html`<${OverviewTiles} status=${status.data} reports=${reports.data} today=${days.at(-1)} />`
      : html`<${Panel} title="Jobs"><${Jobs} runs=${null} done=${changed} /><//>`}
    ${status.data && html`<${Rest} status=${status.data} reports=${reports.data} days=${days} turn=${turn} changed=${changed} moved=${status.reload} />`}
  `;
}

/** What is asked for once the figures above are there. */
function Rest({ status, reports, days, turn, changed, moved }) {
  const version = [turn, status.failed.count, status.retrying.count, runOf(status, "logs").endedAt].join(" ");
  return html`
    <${NeedsYou} status=${status} turn=${version} changed=${changed} />
    ${status.retrying.count > 0 && html`<${Retrying} turn=${version} changed=${changed} moved=${moved} />`}
    <div class="pair">
      ${reports && html`<${AmountPlot} days=${days} reports=${reports} isAddedUp=${runOf(status, "closing").endedAt !== null} hasCustomers=${status.customers.count > 0} />`}
      <${Panel} title="Jobs"><${Jobs} runs=${status.runs} done=${changed} /><//>
    </div>
  `;
}

/** The list is read more often than the state of the system, which is asked again when the list changed. */
function Retrying({ turn, changed, moved }) {
  const list = useList("billing?status=retrying&limit=10", (page) => page.items.length > 0);
  useReloadOn(list.reload, turn);
  useReloadOn(moved, list.items && list.items.map((record) => `${record.id} ${record.retryCount}`).join());
  const actions = {
    name: "Actions",
    show: (record) => html`<span class="actions"><${RecordActions} record=${record} done=${changed} /></span>`,
  };
  return html`<${Panel} title="Being retried" actions=${html`<a href=${link("retries")}>All retries</a>`}>
    <${ListTable} list=${list} label="Charges being retried" columns=${[...CHARGE_COLUMNS, NEXT, actions]} />
  <//>`;
}

const NEXT = { name: "Next in", number: true, show: (record) => html`<${Next} at=${record.nextAttemptAt} />` };
