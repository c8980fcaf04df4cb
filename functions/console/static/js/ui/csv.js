/** A whole list as a file of CSV, read page by page to its end. */

import { getCsv } from "../api.js";
import { html, useEffect, useRef, useState } from "../dom.js";
import { ProblemBox } from "./problem.js";

const PAGE = "limit=100";

/** A button that reads the list of a path and hands the file over; pressed again, it stops. */
export function CsvButton({ path, name }) {
  const [state, setState] = useState({ pages: null, problem: null });
  const controller = useRef(null);
  const stop = () => controller.current?.abort();
  useEffect(() => stop, []);
  const start = async () => {
    controller.current = new AbortController();
    setState({ pages: 0, problem: null });
    try {
      const tell = (pages) => setState({ pages, problem: null });
      save(await wholeList(path, controller.current.signal, tell), `${name}.csv`);
      setState({ pages: null, problem: null });
    } catch (problem) {
      setState({ pages: null, problem: problem.name === "AbortError" ? null : problem });
    }
  };
  const running = state.pages !== null;
  return html`
    <button type="button" title="The whole list as a file" onClick=${running ? stop : start}>
      ${running ? `Stop (${state.pages} pages)` : "CSV"}
    </button>
    ${state.problem && html`<${ProblemBox} problem=${state.problem} retry=${start} />`}
  `;
}

/** Each page begins with the names of the columns, of which one line is enough. */
async function wholeList(path, signal, tell) {
  const parts = [];
  let next = `${path}${path.includes("?") ? "&" : "?"}${PAGE}`;
  while (next !== null) {
    const page = await getCsv(next, signal);
    parts.push(parts.length === 0 ? page.text : page.text.slice(page.text.indexOf("\n") + 1));
    tell(parts.length);
    next = page.next;
  }
  return new Blob(parts, { type: "text/csv" });
}

function save(blob, name) {
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(blob);
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(anchor.href);
}
