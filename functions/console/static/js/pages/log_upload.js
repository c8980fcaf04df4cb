/** One file on its way into the bucket, and what became of it there. */

import { html } from "../dom.js";
import { showBytes } from "../log_names.js";
import { link } from "../routes.js";
import { Chip, Time } from "../ui/parts.js";
import { ProblemBox } from "../ui/problem.js";
import { Account, inWords } from "./log_account.js";

/** @param {{item: import("../uploads.js").Upload, queue: object, found: object|undefined}} props */
export function UploadRow({ item, queue, found }) {
  const Told = STATES[item.state];
  const word = item.state === "sending" ? "Stop" : "Remove";
  return html`<li>
    <div class="upload-head">
      <span><strong>${item.name}</strong>${" "}
        <span class="faint">${showBytes(item.file.size)}${item.name !== item.file.name && `, here called ${item.file.name}`}</span></span>
      <button type="button" aria-label="${word} ${item.name}" onClick=${() => queue.remove(item.number)}>${word}</button>
    </div>
    <${Told} item=${item} queue=${queue} found=${found} />
  </li>`;
}

const STATES = {
  waiting: () => html`<span class="faint">Waits for its turn</span>`,
  asking: () => html`<span class="faint">Asks where to go</span>`,
  sending: Sending,
  known: Known,
  sent: Sent,
  same: Same,
  failed: ({ item, queue }) => html`<${ProblemBox} problem=${item.problem} retry=${() => queue.again(item.number)} />`,
  refused: ({ item }) => html`<p class="wrong" role="alert">${item.reason}</p>`,
};

function Sending({ item }) {
  const { bytes, file, name } = item;
  return html`<div class="upload">
    <progress max=${file.size} value=${bytes} aria-label="Upload of ${name}"></progress>
    <span class="money">${Math.floor((100 * bytes) / file.size)} %</span>
    <span class="faint">${showBytes(bytes)} of ${showBytes(file.size)}</span>
  </div>`;
}

/** The same name is the same file, which is meant where it was mended, and a trap where it is another. */
function Known({ item, queue }) {
  const { before } = item;
  return html`<p>
      There is a file of this name${before ? html`, found <${Time} at=${before.foundAt} />` : " in this list"}. Sent again it
      takes that one's place: its lines are not billed twice, and a line that says something else now is a conflict.
    </p>
    <div class="actions">
      <button type="button" onClick=${() => queue.rename(item.number)}>It is another file: rename it</button>
      <button type="button" onClick=${() => queue.again(item.number)}>It is the same file: send it again</button>
    </div>`;
}

function Sent({ item, found }) {
  if (!found || isAsBefore(item, found)) {
    return html`<span class="faint">In the bucket${item.before && " again"}, not read yet: the schedule does it, or <em>Read now</em></span>`;
  }
  return html`<${Became} file=${found} />`;
}

/** What was read is not read again: nothing of it would be billed. */
function Same({ item }) {
  return html`<p>This very file was read already, <${Time} at=${item.before.finishedAt} />. Nothing in it is new, and nothing of it is billed again.</p>
    <${Became} file=${item.before} />`;
}

function Became({ file }) {
  return html`<div class="upload">
    <${Chip} status=${file.state} />
    <${Account} file=${file} />
    <a href=${link("logs", file.id)}>${inWords(file) || "no lines"}</a>
    ${file.reason && html`<span class="wrong">${file.reason}</span>`}
  </div>`;
}

/** Whether what is known of a file is still what was known before it was sent again. */
export function isAsBefore({ before }, found) {
  return before !== null && before.upload === found.upload && before.finishedAt === found.finishedAt;
}
