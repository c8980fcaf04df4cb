/** Lists as tables: read page by page, and walked through by j and k. */

import { html, useRef } from "../dom.js";
import { showUnits } from "../money.js";
import { CsvButton } from "./csv.js";
import { useFocusKept } from "./dialog.js";
import { Skeleton } from "./parts.js";
import { ProblemBox } from "./problem.js";
import { Rows, kind } from "./rows.js";

/**
 * A column shows a cell of each item. One with `names` stands for several, and draws their cells itself.
 * @typedef {{name: string, show: (item: any) => any, number?: boolean}} Column
 * @param {{list: ReturnType<import("../load.js").useList>, columns: Column[], label: string, empty: any,
 *   csv?: string}} props `csv` is the path of the list, without limits, where it is handed over as a file
 */
export function ListTable({ list, columns, label, empty, csv }) {
  const { items, problem, more, reading, reload } = list;
  return html`
    ${items === null && !problem && html`<${Skeleton} lines=${5} />`}
    ${items?.length === 0 && !more && empty}
    ${items?.length > 0 && html`<${Table} items=${items} columns=${columns} label=${label} />`}
    ${problem && html`<${ProblemBox} problem=${problem} retry=${more && items ? more : reload} byItself />`}
    ${items && html`<${Foot} items=${items} more=${more} reading=${reading} csv=${csv} label=${label} />`}
  `;
}

/**
 * Rows under headings; on a phone a card for each, and between the two it is moved sideways in a frame of its own.
 * `whole` has all rows there, also those that nobody sees.
 */
export function Table({ items, columns, label, whole }) {
  return html`<div class="scroll" role="region" aria-label=${label} tabindex="0">
    <table role="table" aria-rowcount=${items.length + 1}>
      <thead role="rowgroup">
        <tr role="row" aria-rowindex="1">${columns.flatMap(heads)}</tr>
      </thead>
      <${Rows} items=${items} columns=${columns} whole=${whole} />
    </table>
  </div>`;
}

/** How many are shown, and whether there are more: no list ends without saying so. */
function Foot({ items, more, reading, csv, label }) {
  const shown = useRef(null);
  if (items.length === 0 && !more) return null;
  return html`<div class="foot">
    <span ref=${shown} role="status" tabindex="-1">${showUnits(items.length)} shown${more ? ", there are more" : ""}</span>
    ${more && html`<${ShowMore} more=${more} reading=${reading} last=${shown} />`}
    ${csv && html`<${CsvButton} path=${csv} name=${label} />`}
  </div>`;
}

/** It keeps the focus while it reads, which a button that is off would lose, and hands it on at the end. */
function ShowMore({ more, reading, last }) {
  const button = useFocusKept(() => last.current);
  return html`<button type="button" ref=${button} aria-disabled=${reading} onClick=${more}>
    ${reading ? "Loading…" : "Show more"}
  </button>`;
}

function heads(column) {
  const names = column.names ?? [column.name];
  return names.map((name) => html`<th role="columnheader" scope="col" class=${kind(column)}>${name}</th>`);
}
