/** The jobs that the schedules do by themselves: when each was last done, and doing it at once. */

import { html, useState } from "../dom.js";
import { Ask } from "../ui/dialog.js";
import { Ago, Chip } from "../ui/parts.js";
import { allCounts, whatWasDone } from "./counts.js";

/** By the names that the state of the system has for them. */
export const JOBS = {
  billing: {
    path: "jobs/process-billing",
    name: "Bill what is recorded",
    note: "What was used becomes records, and is charged.",
  },
  retries: {
    path: "jobs/process-retries",
    name: "Charge what is owed",
    note: "Who owes is charged, as far as their money goes.",
  },
  closing: {
    path: "jobs/close",
    name: "Close days",
    note: "What was posted is verified and added to its day.",
  },
  logs: {
    path: "jobs/process-logs",
    name: "Read log files",
    note: "What is new in their bucket is read.",
  },
};

/** @param {{runs: object[]|null, done: () => void}} props `runs` as the state of the system tells them */
export function Jobs({ runs, done }) {
  return html`<ul class="jobs">
    ${Object.entries(JOBS).map(([job, { name, note }]) => html`<${Job} key=${job} job=${job} name=${name} note=${note}
      run=${runs?.find((run) => run.job === job)} done=${done} />`)}
  </ul>`;
}

/** A button that does a job at once. */
export function RunNow({ job, label = "Run now", done }) {
  const { path, name, note } = JOBS[job];
  return html`<${Ask} scope="admin" label=${label} title=${name} submit="Run now" done=${done}
    request=${() => ({ method: "POST", path, body: {} })}>
    <p>${note} The schedule does it by itself; this does it now, and may be repeated.</p>
  <//>`;
}

function Job({ job, name, note, run, done }) {
  const [counts, setCounts] = useState(null);
  const finish = (answer) => {
    setCounts(answer);
    done();
  };
  return html`<li>
    <div>
      <strong>${name}</strong>
      <p class="faint">${note}</p>
      ${run && html`<p class="last"><${LastRun} run=${run} /></p>`}
    </div>
    <${RunNow} job=${job} done=${finish} />
    ${counts && html`<p class="counts" role="status">${allCounts(counts)}</p>`}
  </li>`;
}

/** When a job was last done, and what it did; and that it is being done now. */
export function LastRun({ run }) {
  const { running, endedAt, counts } = run;
  return html`
    ${running && html`<${Chip} status="running" /> `}
    ${endedAt && html`<${Ago} at=${endedAt} /><span class="faint"> · ${whatWasDone(counts)}</span>`}
    ${!running && !endedAt && html`<span class="faint">Not run yet</span>`}
  `;
}
