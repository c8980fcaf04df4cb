/** The run of a record's retries, state by state: the graph with the path taken, and each state's content. */

import { part } from "../api.js";
import { html } from "../dom.js";
import { useList, useLoad, useReloadOn } from "../load.js";
import { Chip, Empty, Panel, Skeleton, Time } from "../ui/parts.js";
import { ProblemBox } from "../ui/problem.js";
import { ListTable } from "../ui/table.js";
import { StateGraph } from "./state_graph_drawing.js";

/** `version` changes with each attempt, also of a run that had not begun when it was first asked for. */
export function States({ id, version }) {
  const path = `executions/${part(id)}/history`;
  const { data, problem, reload } = useLoad(`${path}?limit=100`, isRunning);
  const list = useList(`${path}?limit=25`, isRunning);
  useReloadOn(reload, version);
  useReloadOn(list.reload, version);
  if (problem?.code === "execution_not_found") return null;
  return html`<${Panel} title="Workflow" actions=${data && html`<${AwsConsole} url=${data.awsConsoleUrl} /><${Chip} status=${ended(data.execution)} />`}>
    ${problem && html`<${ProblemBox} problem=${problem} retry=${reload} byItself />`}
    ${!data && !problem && html`<${Skeleton} lines=${4} />`}
    ${data && html`
      <${StateGraph} definition=${data.definition} items=${data.items} running=${isRunning(data)} />
      ${data.cursor && html`<p class="faint">The graph shows the first ${data.items.length} states that were entered.</p>`}
      <${ListTable} list=${list} label="States entered" columns=${COLUMNS} empty=${NONE} />
    `}
  <//>`;
}

/** The same run where AWS shows it, for who may sign in there; an emulator has no such page. */
function AwsConsole({ url }) {
  return url && html`<a href=${url} target="_blank" rel="noopener noreferrer">Open in the AWS console</a>`;
}

function isRunning({ execution }) {
  return execution.status === "running";
}

/** The workflow succeeds where it came to its end, paid or not, which is no success to a person. */
function ended(execution) {
  return execution.status === "succeeded" ? "ended" : execution.status;
}

const NONE = html`<${Empty} title="Nothing was entered yet">The run begins in a moment.<//>`;

const COLUMNS = [
  { name: "State", show: (item) => item.name },
  { name: "Entered", show: (item) => html`<${Time} at=${item.enteredAt} />` },
  { name: "Left", show: (item) => html`<${Time} at=${item.leftAt} />` },
  { name: "Input", show: (item) => html`<${Content} content=${item.input} />` },
  { name: "Output", show: (item) => html`<${Content} content=${item.output} />` },
  { name: "Error", show: (item) => item.error ?? "" },
];

function Content({ content }) {
  if (content === null) return html`<span class="faint">–</span>`;
  return html`<details class="content"><summary>show</summary><pre>${JSON.stringify(content, null, 2)}</pre></details>`;
}
