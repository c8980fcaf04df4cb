/** One log file: its account, the lines that were not accepted and why, and reading it again. */

import { part } from "../api.js";
import { html, useState } from "../dom.js";
import { useList, useLoad } from "../load.js";
import { counted } from "../money.js";
import { Ask, Notice } from "../ui/dialog.js";
import { Chip, Empty, Panel, Skeleton, Tile, Time, Units } from "../ui/parts.js";
import { ProblemBox } from "../ui/problem.js";
import { Heading } from "../ui/shell.js";
import { ListTable } from "../ui/table.js";
import { Account } from "./log_account.js";
import { isUnderWay } from "./logs.js";

export function LogFile({ id }) {
  const { data: file, problem, reload } = useLoad(`logs/files/${part(id)}?limit=1`, isUnderWay);
  const [notice, setNotice] = useState("");
  const again = () => {
    setNotice("The file is read again.");
    reload();
  };
  return html`
    <${Heading} title=${file?.key ?? "Log file"}>
      <${Ask} scope="billing:write" label="Read again" title="Read the file again" submit="Read again" done=${again}
        request=${() => ({ method: "POST", path: `logs/files/${part(id)}/reread`, body: {} })}>
        <p>From its first line. What was accepted before adds nothing; what was rejected may be accepted now.</p>
      <//>
    <//>
    <${Notice} text=${notice} over=${() => setNotice("")} />
    ${problem && html`<${ProblemBox} problem=${problem} retry=${reload} byItself />`}
    ${!file && !problem && html`<${Skeleton} lines=${5} />`}
    ${file && html`<${Told} key="${file.upload} ${file.state} ${file.finishedAt}" file=${file} />`}
  `;
}

function Told({ file }) {
  return html`
    <p class="facts">
      <${Chip} status=${file.state} />
      <span class="faint">found <${Time} at=${file.foundAt} />, read <${Time} at=${file.finishedAt} /></span>
      ${file.reason && html`<span class="wrong">${file.reason}</span>`}
    </p>
    <${Panel} title=${counted(file.lines, "line", "lines")}>
      <${Account} file=${file} />
      <div class="tiles">
        ${Object.entries(OUTCOMES).map(([kind, name]) => html`<${Tile} key=${kind} name=${html`<span class="swatch ${kind}"></span>${name}`}><${Units} units=${file[kind]} /><//>`)}
      </div>
    <//>
    <${Panel} title="Lines that were not accepted"><${Problems} id=${file.id} /><//>
  `;
}

/** What may become of a line, with its part of the bar. */
const OUTCOMES = { accepted: "Accepted", duplicate: "Duplicates", conflict: "Conflicts", rejected: "Rejected" };

/** The list stands inside of the file's answer, with a cursor of its own name. */
function Problems({ id }) {
  const list = useList(`logs/files/${part(id)}?limit=100`, undefined, PROBLEMS);
  return html`<${ListTable} list=${list} label="Lines that were not accepted" csv="logs/files/${part(id)}" columns=${COLUMNS} empty=${NONE} />`;
}

const PROBLEMS = {
  itemsOf: (file) => file.problems.items,
  cursorOf: (file) => file.problems.cursor,
  parameter: "problemsCursor",
};

const NONE = html`<${Empty} title="Every line was accepted">Nothing is left to be mended.<//>`;

const COLUMNS = [
  { name: "Line", number: true, show: (problem) => problem.line },
  { name: "Outcome", show: (problem) => html`<${Chip} status=${problem.outcome} />` },
  { name: "Reason", show: (problem) => problem.reason },
];
