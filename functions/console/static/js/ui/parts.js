/** The small things of which every page is made. */

import { html, useEffect, useState } from "../dom.js";
import { useNow } from "../load.js";
import { showMoney, showUnits } from "../money.js";
import { showDistance, showTime, showUtc } from "../time.js";

const TONES = {
  active: "good",
  paid: "good",
  succeeded: "good",
  done: "good",
  suspended: "bad",
  failed: "bad",
  timed_out: "bad",
  aborted: "bad",
  retrying: "warn",
  running: "warn",
  pending: "warn",
  processing: "warn",
};

/** An amount of cents. */
export function Money({ cents }) {
  const below = String(cents).startsWith("-");
  return html`<span class=${below ? "money below" : "money"}>${showMoney(cents)}</span>`;
}

export function Units({ units }) {
  return html`<span class="money">${showUnits(units)}</span>`;
}

/** A time in the viewer's zone, with UTC on hover; a dash where there is none. */
export function Time({ at }) {
  return at
    ? html`<time datetime=${at} title=${showUtc(at)}>${showTime(at)}</time>`
    : html`<span class="faint">–</span>`;
}

/** How long ago, counting. */
export function Ago({ at }) {
  const now = useNow();
  return html`<time datetime=${at} title=${showUtc(at)}>${showDistance(at, now)}</time>`;
}

/** A status, with a colour and always with its word. */
export function Chip({ status, label = status }) {
  return html`<span class="chip ${TONES[status] ?? "plain"}">${label.replaceAll("_", " ")}</span>`;
}

/** An id that a click copies. */
export function Id({ id }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => navigator.clipboard?.writeText(id).then(() => setCopied(true), () => {});
  return html`<button type="button" class="id" title="Copy ${id}" onClick=${copy}>
    <code>${id}</code><span class="copied" role="status">${copied ? "copied" : ""}</span>
  </button>`;
}

/** What stands where something is being read. */
export function Skeleton({ lines = 3 }) {
  return html`<div class="skeleton" role="status" aria-label="Loading">
    ${Array.from({ length: lines }, () => html`<span></span>`)}
  </div>`;
}

/** What stands where there is nothing yet, with what to do next. */
export function Empty({ title, children }) {
  return html`<div class="empty"><strong>${title}</strong><p>${children}</p></div>`;
}

/** A figure with its name. */
export function Tile({ name, children, note }) {
  return html`<div class="tile">
    <span class="tile-name">${name}</span>
    <span class="tile-figure">${children}</span>
    ${note && html`<span class="tile-note">${note}</span>`}
  </div>`;
}

/** Which of a list are shown. @param {{label: string, choices: Record<string, string>, now: string, choose: Function}} props */
export function Choices({ label, choices, now, choose }) {
  return html`<div class="choices" role="group" aria-label=${label}>
    ${Object.entries(choices).map(
      ([name, word]) => html`<button type="button" aria-pressed=${name === now} onClick=${() => choose(name)}>${word}</button>`,
    )}
  </div>`;
}

export function Panel({ title, actions, children }) {
  return html`<section class="panel">
    <header><h2>${title}</h2><div class="actions">${actions}</div></header>
    ${children}
  </section>`;
}
