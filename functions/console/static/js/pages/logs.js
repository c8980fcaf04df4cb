/** Log files: usage that came in files, and what became of their lines. */

import { html } from "../dom.js";
import { useList } from "../load.js";
import { link } from "../routes.js";
import { Chip, Empty, Time } from "../ui/parts.js";
import { Heading } from "../ui/shell.js";
import { ListTable } from "../ui/table.js";
import { Account } from "./log_account.js";

export function Logs() {
  const list = useList("logs/files?limit=25", (page) => page.items.some(isUnderWay));
  return html`
    <${Heading} title="Log files" />
    <${ListTable} list=${list} label="Log files" columns=${COLUMNS} empty=${NONE} />
  `;
}

export function isUnderWay(file) {
  return file.state === "found" || file.state === "processing";
}

const NONE = html`<${Empty} title="No log file yet">
  Files that are put into the bucket under <code>incoming/</code> are read each hour, or at once from the
  ${" "}<a href=${link()}>overview</a>.
<//>`;

const COLUMNS = [
  { name: "File", show: (file) => html`<a href=${link("logs", file.id)}>${file.key.replace(/^incoming\//, "")}</a>` },
  { name: "State", show: (file) => html`<${Chip} status=${file.state} />` },
  { name: "Lines", number: true, show: (file) => file.lines },
  { name: "Account", show: (file) => html`<${Account} file=${file} />` },
  { name: "Rejected", number: true, show: (file) => file.rejected },
  { name: "Found", show: (file) => html`<${Time} at=${file.foundAt} />` },
];
