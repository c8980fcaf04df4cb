/** The attempts to charge a record, in their order, with the time that passed between them. */

import { html } from "../dom.js";
import { Money, Time } from "../ui/parts.js";
import { Next } from "./retries.js";

export function Timeline({ record }) {
  return html`<ol class="timeline">
    ${record.attempts.map((attempt, index) => html`<li class=${attempt.outcome === "paid" ? "good" : "bad"}>
      <strong>${nameOf(attempt)}</strong>
      <span>${attempt.outcome === "paid" ? "paid" : "too little money"}, balance <${Money} cents=${attempt.balanceCents} /></span>
      <span class="faint"><${Time} at=${attempt.at} />${waited(record.attempts, index)}</span>
    </li>`)}
    ${record.nextAttemptAt && html`<li class="ahead">
      <strong>Next retry</strong>
      <span>in <${Next} at=${record.nextAttemptAt} /></span>
      <span class="faint"><${Time} at=${record.nextAttemptAt} /></span>
    </li>`}
    ${record.failedAt && html`<li class="bad">
      <strong>Given up</strong><span>the customer was suspended</span>
      <span class="faint"><${Time} at=${record.failedAt} /></span>
    </li>`}
  </ol>`;
}

function nameOf(attempt) {
  if (attempt.number === null) return "By hand";
  return attempt.number === 0 ? "First attempt" : `Retry ${attempt.number}`;
}

function waited(attempts, index) {
  if (index === 0) return "";
  const seconds = Math.round((Date.parse(attempts[index].at) - Date.parse(attempts[index - 1].at)) / 1000);
  return ` · ${seconds} s later`;
}
