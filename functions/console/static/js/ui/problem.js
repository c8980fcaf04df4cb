/** A refusal or a fault as a person is told it, and the way on. */

import { html, useEffect, useRef } from "../dom.js";
import { useNow } from "../load.js";

/**
 * Title, detail, code and request id, the fields at fault, and Try again. Where the API asks to wait, the
 * button counts down; what only reads is then tried again by itself.
 */
export function ProblemBox({ problem, retry, byItself = false }) {
  return html`<div class="problem" role="alert">
    <strong>${problem.title}</strong>
    <p>${problem.detail}</p>
    ${problem.errors?.length > 0 &&
    html`<ul>
      ${problem.errors.map((each) => html`<li><code>${each.field}</code> ${each.message}</li>`)}
    </ul>`}
    <p class="faint">
      <code>${problem.code}</code>
      ${problem.requestId && html` · request <code>${problem.requestId}</code>`}
    </p>
    ${retry && html`<${TryAgain} problem=${problem} retry=${retry} byItself=${byItself} />`}
  </div>`;
}

/** The seconds for which the API still asks to wait, counted down since a problem is there. */
export function useWait(problem) {
  const since = useRef({ problem: null, at: 0 });
  const now = useNow();
  if (since.current.problem !== problem) since.current = { problem, at: Date.now() };
  // The time that is drawn may be a second older than the problem.
  const waited = Math.max(0, Math.floor((now - since.current.at) / 1000));
  return Math.max(0, (problem?.retryAfterSeconds ?? 0) - waited);
}

/** What a button says that tries again. */
export function againIn(left) {
  return `Try again${left > 0 ? ` in ${left} s` : ""}`;
}

function TryAgain({ problem, retry, byItself }) {
  const left = useWait(problem);
  useEffect(() => {
    if (byItself && problem.retryAfterSeconds && left === 0) retry();
  }, [left === 0, problem]);
  // Counted for who sees it: whoever listens is told of the problem once, and not each second.
  return html`<button type="button" aria-live="off" disabled=${left > 0} onClick=${retry}>${againIn(left)}</button>`;
}
