/** The jobs that the schedules do by themselves, done at once by hand, with the counts that they answer. */

import { html, useState } from "../dom.js";
import { Ask } from "../ui/dialog.js";

const JOBS = [
  ["process-billing", "Bill what is recorded", "The schedule bills all usage that was recorded."],
  ["process-retries", "Charge what is owed", "Every customer who owes is charged, as far as their money goes."],
  ["process-logs", "Read log files", "The schedule reads what is new in the bucket of log files."],
];

/** The counts as a person says them. */
const COUNTS = {
  tabsFound: "tabs found",
  tabsSettled: "tabs billed",
  customersFound: "customers looked at",
  recordsPaid: "records paid",
  recordsUnpaid: "records not covered",
  failed: "faults",
  filesFound: "files found",
  filesDone: "files read",
  filesFailed: "files that cannot be read",
  lines: "lines",
  accepted: "accepted",
  duplicate: "duplicates",
  conflict: "conflicts",
  rejected: "rejected",
  remaining: "left to do",
};

export function Jobs({ done }) {
  return html`<ul class="jobs">
    ${JOBS.map(([job, name, note]) => html`<${Job} job=${job} name=${name} note=${note} done=${done} />`)}
  </ul>`;
}

function Job({ job, name, note, done }) {
  const [counts, setCounts] = useState(null);
  const finish = (answer) => {
    setCounts(answer);
    done();
  };
  return html`<li>
    <div><strong>${name}</strong><p class="faint">${note}</p></div>
    <${Ask} scope="admin" label="Run now" title=${name} submit="Run now" done=${finish}
      request=${() => ({ method: "POST", path: `jobs/${job}`, body: {} })}>
      <p>${note} This does it now, and may be repeated.</p>
    <//>
    ${counts && html`<p class="counts" role="status">${told(counts)}</p>`}
  </li>`;
}

function told(counts) {
  return Object.entries(counts)
    .map(([name, count]) => `${COUNTS[name] ?? name}: ${count}`)
    .join(" · ");
}
