/** The state of the system in whole: runs, queues and what was given up. */

import { html } from "../dom.js";
import { link } from "../routes.js";
import { showSeconds } from "../time.js";
import { Ago, Chip, Panel, Time } from "../ui/parts.js";
import { Table } from "../ui/table.js";
import { whatWasDone } from "./counts.js";
import { aboutDeadLetters } from "./dead_letters.js";
import { JOBS } from "./jobs.js";

export function SystemState({ status }) {
  return html`
    <${Panel} title="Runs" actions=${html`<span class="faint">as of <${Ago} at=${status.at} /></span>`}>
      <${Table} label="Runs" columns=${RUN_COLUMNS} items=${named(status.runs, "job")} />
      <p class="faint">A charge that is not covered is tried again after ${status.retryScheduleSeconds.map(showSeconds).join(", ")}, where its customer has no schedule of their own.</p>
    <//>
    <div class="pair">
      <${Panel} title="What waits in queues">
        <${Table} label="Queues" columns=${QUEUE_COLUMNS} items=${named(status.queues, "name")} />
      <//>
      <${Panel} title="What was given up">
        <${Table} label="Dead letters" columns=${LETTER_COLUMNS} items=${named(status.deadLetters, "name")} />
        ${status.deadLetters.some(({ messages }) => messages > 0) && html`<p>What to do about them stands on the <a href=${link()}>overview</a>.</p>`}
      <//>
    </div>
  `;
}

const QUEUES = {
  settle: "Work of billing runs",
  closing: "Work of closing runs",
  "log-files": "Log files",
};

const RUN_COLUMNS = [
  { name: "Job", show: ({ job, running }) => html`<span class="whole">${JOBS[job]?.name ?? job} ${running && html`<${Chip} status="running" />`}</span>` },
  { name: "Starts", show: ({ schedule }) => html`<span class="whole">${startsOf(schedule)}</span>` },
  { name: "Last run", show: ({ endedAt }) => (endedAt ? html`<${Time} at=${endedAt} />` : html`<span class="faint">not run yet</span>`) },
  { name: "Took", number: true, show: (run) => html`<${Took} run=${run} />` },
  { name: "What it did", show: ({ endedAt, counts }) => endedAt && html`<span class="long">${whatWasDone(counts)}</span>` },
];

const QUEUE_COLUMNS = [
  { name: "Queue", show: ({ name }) => QUEUES[name] ?? name },
  { name: "Waiting", number: true, show: ({ waiting }) => waiting },
  { name: "Under way", number: true, show: ({ underWay }) => underWay },
];

const LETTER_COLUMNS = [
  { name: "What", show: ({ name }) => aboutDeadLetters(name).short ?? name },
  { name: "Messages", number: true, show: ({ messages }) => html`<span class=${messages > 0 ? "wrong" : undefined}>${messages}</span>` },
];

/** "rate(1 minute)" as people say it; anything else as the deployment was told. */
function startsOf(schedule) {
  const [, count, unit] = /^rate\((\d+) (\w+)\)$/.exec(schedule ?? "by hand") ?? [];
  if (!count) return schedule ?? "by hand";
  return count === "1" ? `each ${unit}` : `each ${count} ${unit}`;
}

function Took({ run }) {
  if (!run.endedAt) return "";
  const seconds = (Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000;
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** Rows of a table are told apart by an id. */
function named(items, field) {
  return items.map((item) => ({ ...item, id: item[field] }));
}
