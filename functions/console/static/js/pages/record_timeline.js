/** The attempts to charge a record, in their order, with the time that passed between them. */

import { html } from "../dom.js";
import { showSeconds } from "../time.js";
import { Money, Time } from "../ui/parts.js";
import { Next, lastRetry } from "./retries.js";

export function Timeline({ record }) {
  return html`<ol class="timeline">
    ${record.attempts.map((attempt, index) => html`<li class=${attempt.outcome === "paid" ? "good" : "bad"}>
      <strong>${nameOf(attempt)}</strong>
      <span>${attempt.outcome === "paid" ? "paid" : "too little money"}, balance <${Money} cents=${attempt.balanceCents} /></span>
      <span class="faint"><${Time} at=${attempt.at} />${waited(record.attempts, index)}</span>
    </li>`)}
    ${record.nextAttemptAt && html`<${Ahead} record=${record} />`}
    ${record.failedAt && html`<li class="bad">
      <strong>Given up</strong><span>the customer was suspended</span>
      <span class="faint"><${Time} at=${record.failedAt} /></span>
    </li>`}
  </ol>`;
}

/** The next retry, and what would come after it. */
function Ahead({ record }) {
  const number = lastRetry(record) + 1;
  const rest = record.retrySchedule.slice(number).map((seconds) => `after another ${showSeconds(seconds)}`);
  return html`<li class="ahead">
    <strong>Next retry</strong>
    <${Next} at=${record.nextAttemptAt} before="in " />
    <span class="faint">${number} of ${record.retrySchedule.length}, <${Time} at=${record.nextAttemptAt} /></span>
    <span class="faint">${[...rest, "the customer is suspended"].map((each) => `then ${each}`).join(", ")}</span>
  </li>`;
}

function nameOf(attempt) {
  if (attempt.number === null) return "By hand";
  return attempt.number === 0 ? "First attempt" : `Retry ${attempt.number}`;
}

function waited(attempts, index) {
  if (index === 0) return "";
  const seconds = Math.round((Date.parse(attempts[index].at) - Date.parse(attempts[index - 1].at)) / 1000);
  return ` · ${showSeconds(seconds)} later`;
}
