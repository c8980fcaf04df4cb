/** Where log files are dropped or chosen, and how far each came on its way into the bucket. */

import { html, useContext, useEffect, useRef, useState } from "../dom.js";
import { useLackOf } from "../me.js";
import { Panel } from "../ui/parts.js";
import { ARRIVED, Uploads } from "../uploads.js";
import { UploadRow } from "./log_upload.js";

/** @param {{files: object[]}} props the accounts that the page has read, in which those sent are looked for */
export function LogDrop({ files }) {
  const { items, queue } = useContext(Uploads);
  const lacks = useLackOf("usage:write");
  const add = (chosen) => lacks || queue.add(chosen);
  const isOver = useDrop(add, lacks === null);
  const sent = items.filter(({ state }) => ARRIVED.includes(state)).length;
  return html`<${Panel} title="Upload log files">
    <div class=${isOver ? "drop over" : "drop"}>
      <${Choose} lacks=${lacks} add=${add} />
      <p class="faint">or drop them anywhere on this page: JSON arrays or lines of JSON, also packed by gzip</p>
      <p class="faint">A line: <code>{"userId": "acme", "service": "compute", "quantity": 5, "timestamp": "2026-01-31T09:00:00Z"}</code></p>
    </div>
    ${items.length > 0 && html`
      <p class="faint" role="status">${sent} of ${items.length} sent</p>
      <ul class="uploads" aria-label="Uploads">
        ${items.map((item) => html`<${UploadRow} key=${item.number} item=${item} queue=${queue}
          found=${files.find((file) => file.id === item.fileId)} />`)}
      </ul>
    `}
  <//>`;
}

function Choose({ lacks, add }) {
  const input = useRef(null);
  const chosen = () => {
    add([...input.current.files].map((file) => ({ file })));
    // So that the same file may be chosen once more.
    input.current.value = "";
  };
  return html`
    <button type="button" disabled=${lacks !== null} onClick=${() => input.current.click()}>
      Choose files${lacks && html` <small>needs ${lacks}</small>`}
    </button>
    <input ref=${input} type="file" multiple hidden aria-label="Log files" onChange=${chosen} />
  `;
}

/** Take what is dropped anywhere, for beside its place a browser would open it instead of the page. */
function useDrop(add, isAllowed) {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const over = (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = isAllowed ? "copy" : "none";
      setOver(isAllowed);
    };
    const left = (event) => event.relatedTarget === null && setOver(false);
    const dropped = (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      setOver(false);
      add(filesIn(event.dataTransfer));
    };
    const listeners = { dragover: over, dragleave: left, drop: dropped };
    for (const [kind, listener] of Object.entries(listeners)) addEventListener(kind, listener);
    return () => {
      for (const [kind, listener] of Object.entries(listeners)) removeEventListener(kind, listener);
    };
  }, [isAllowed]);
  return isOver;
}

function filesIn({ items }) {
  return [...items]
    .filter(({ kind }) => kind === "file")
    .map((item) => ({ file: item.getAsFile(), isFolder: item.webkitGetAsEntry?.()?.isDirectory ?? false }));
}
