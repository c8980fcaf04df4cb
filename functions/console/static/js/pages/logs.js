/** Log files: usage that came in files, dropped here or put into the bucket, and what became of their lines. */

import { html, useContext, useState } from "../dom.js";
import { useList } from "../load.js";
import { counted, showUnits } from "../money.js";
import { link } from "../routes.js";
import { Ask, Notice } from "../ui/dialog.js";
import { Chip, Empty, Time } from "../ui/parts.js";
import { Heading } from "../ui/shell.js";
import { ListTable } from "../ui/table.js";
import { Uploads } from "../uploads.js";
import { Account } from "./log_account.js";
import { LogDrop } from "./log_drop.js";
import { isAsBefore } from "./log_upload.js";

export function Logs() {
  const { items } = useContext(Uploads);
  const [notice, setNotice] = useState("");
  const list = useList("logs/files?limit=50", (page) => page.items.some(isUnderWay) || isAwaited(items, page.items));
  const read = (counts) => {
    setNotice(told(counts));
    list.reload();
  };
  return html`
    <${Heading} title="Log files">
      <${Ask} scope="admin" label="Read now" title="Read log files" submit="Read now" done=${read}
        request=${() => ({ method: "POST", path: "jobs/process-logs", body: {} })}>
        <p>What is new in the bucket is read, as the schedule does it by itself. It may be repeated.</p>
      <//>
    <//>
    <${Notice} text=${notice} over=${() => setNotice("")} />
    <${LogDrop} files=${list.items ?? []} />
    <${ListTable} list=${list} label="Log files" columns=${COLUMNS} empty=${NONE} />
  `;
}

export function isUnderWay(file) {
  return file.state === "found" || file.state === "processing";
}

/** Whether a file was sent from here of which the list says nothing new yet. */
function isAwaited(items, files) {
  return items.some((item) => {
    const found = files.find((file) => file.id === item.fileId);
    return item.state === "sent" && (!found || isAsBefore(item, found));
  });
}

function told({ filesFound, filesDone, filesFailed, remaining }) {
  if (filesFound === 0) return "Nothing new was in the bucket.";
  const failed = filesFailed > 0 ? `, ${showUnits(filesFailed)} cannot be read on` : "";
  const left = remaining > 0 ? `, ${showUnits(remaining)} still being read` : "";
  return `${counted(filesFound, "file was", "files were")} new: ${showUnits(filesDone)} read${failed}${left}.`;
}

const NONE = html`<${Empty} title="No log file was read yet">
  Upload one here, or put it into the bucket under <code>incoming/</code>. Files are read each hour, or at once by
  ${" "}<em>Read now</em>.
<//>`;

const COLUMNS = [
  { name: "File", show: (file) => html`<a href=${link("logs", file.id)}>${file.key.replace(/^incoming\//, "")}</a>` },
  { name: "State", show: (file) => html`<${Chip} status=${file.state} />` },
  { name: "Lines", number: true, show: (file) => showUnits(file.lines) },
  { name: "Account", show: (file) => html`<${Account} file=${file} />` },
  { name: "Rejected", number: true, show: (file) => showUnits(file.rejected) },
  { name: "Found", show: (file) => html`<${Time} at=${file.foundAt} />` },
];
