/** The figures of the overview: today's money, who there is, what is retried and failed, the proof. */

import { html } from "../dom.js";
import { showUnits } from "../money.js";
import { link } from "../routes.js";
import { Ago, Money, Tile } from "../ui/parts.js";
import { whatWasDone } from "./counts.js";
import { runOf, showCount } from "./system_status.js";

/** @param {{status: object|null, reports: object|null, today: string}} props null where it is being read */
export function OverviewTiles({ status, reports, today }) {
  return html`<div class="tiles six">
    <${Today} status=${status} reports=${reports} today=${today} />
    ${status ? html`<${State} status=${status} />` : WAITING}
  </div>`;
}

const READING = html`<span class="skeleton" role="status" aria-label="Loading"><span></span></span>`;
const WAITING = ["Customers", "Being retried", "Failed", "Proof", "Last billing run"].map((name) => html`<${Tile} name=${name}>${READING}<//>`);

/** Days are added up by the closing run, so that what was charged since is not in them. */
function Today({ status, reports, today }) {
  if (!reports) return html`<${Tile} name="Charged today (UTC)">${READING}<//>`;
  const day = reports.days.find(({ date }) => date === today);
  const events = reports.items.filter(({ date }) => date === today).reduce((sum, item) => sum + item.events, 0);
  const addedUp = status && runOf(status, "closing").endedAt;
  const note = html`${showUnits(events)} ${events === 1 ? "event" : "events"}${status && (addedUp ? html` · added up <${Ago} at=${addedUp} />` : " · not added up yet")}`;
  return html`<${Tile} name="Charged today (UTC)" note=${note}><${Money} cents=${day ? chargedCents(day) : 0} /><//>`;
}

/** What was taken of wallets on a day: debits are below 0. */
export function chargedCents(day) {
  return 0 - day.usageCents - day.chargesCents;
}

function State({ status }) {
  const { customers, suspended, retrying, failed } = status;
  return html`
    <${Tile} name="Customers" note=${suspended.count > 0 ? `${showCount(suspended)} suspended` : "none suspended"}>
      <a href=${link("customers")}>${showCount(customers)}</a>
    <//>
    <${Tile} name="Being retried" note=${retrying.count > 0 ? "waiting for money" : "nothing waits for money"}>
      <a href=${link("retries")}>${showCount(retrying)}</a>
    <//>
    <${Tile} name="Failed" note=${failed.count > 0 ? "given up after all retries" : "nothing was given up"}>
      <span class=${failed.count > 0 ? "wrong" : undefined}>${showCount(failed)}</span>
    <//>
    <${Proof} status=${status} />
    <${LastBilling} run=${runOf(status, "billing")} />
  `;
}

function Proof({ status }) {
  const { imbalances } = status;
  const closing = runOf(status, "closing").endedAt;
  const wrong = `${imbalances.items.length}${imbalances.more ? "+" : ""}`;
  const note = closing ? html`as closed <${Ago} at=${closing} />` : "by the closing run";
  return html`<${Tile} name="Proof" note=${note}>
    ${imbalances.items.length > 0
      ? html`<span class="chip bad">${wrong} not adding up</span>`
      : html`<span class="chip ${closing ? "good" : "plain"}">${closing ? "adds up" : "not yet"}</span>`}
  <//>`;
}

const HEADLINES = ["tabsSettled", "recordsUnpaid", "failed", "remaining"];

function LastBilling({ run }) {
  const { running, endedAt, counts } = run;
  const done = endedAt ? whatWasDone(counts, HEADLINES) : "the schedule begins it by itself";
  return html`<${Tile} name="Last billing run" note=${running ? "the next one is under way" : done}>
    ${endedAt ? html`<${Ago} at=${endedAt} />` : "not yet"}
  <//>`;
}
