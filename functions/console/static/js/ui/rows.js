/**
 * The rows of a table, in parts. Of a long list only the parts near what is seen are there; each of the
 * others is a gap of its height, so that ten thousand rows scroll and answer as quickly as a hundred.
 */

import { html, useEffect, useMemo, useRef, useState } from "../dom.js";

const PART_ROWS = 100;
const NEAR = "1200px 0px";
const DRAW = "draw";
export const GAP = "gap";

/** @param {{items: any[], columns: object[], whole?: boolean}} props `whole` leaves no gaps: for what is printed */
export function Rows({ items, columns, whole = false }) {
  const starts = Array.from({ length: Math.ceil(items.length / PART_ROWS) }, (_, index) => index * PART_ROWS);
  return starts.map(
    (start) => html`<${Part} key=${start} start=${start} items=${items.slice(start, start + PART_ROWS)}
      columns=${columns} whole=${whole} />`,
  );
}

function Part({ items, start, columns, whole }) {
  const element = useRef(null);
  const gap = useGap(element, whole);
  // A list changes by growing, or is another one; either shows in its ends.
  const rows = useMemo(() => items.map((item, index) => row(item, start + index, columns)), [items[0], items.at(-1), items.length, columns]);
  return html`<tbody ref=${element} role="rowgroup">${gap === null ? rows : html`<${Gap} height=${gap * items.length} columns=${columns} />`}</tbody>`;
}

/** The height of a row of what is out of sight, or null for what is near. Where the focus is stays. */
function useGap(element, whole) {
  const [gap, setGap] = useState(null);
  useEffect(() => {
    if (whole) return undefined;
    const watcher = new IntersectionObserver((seen) => {
      const { isIntersecting, boundingClientRect } = seen.at(-1);
      const isNear = isIntersecting || element.current.contains(document.activeElement);
      const height = boundingClientRect.height / element.current.rows.length;
      setGap((old) => (isNear ? null : (old ?? height)));
    }, { rootMargin: NEAR });
    watcher.observe(element.current);
    element.current.addEventListener(DRAW, () => setGap(null));
    return () => watcher.disconnect();
  }, [whole]);
  return gap;
}

/** Have the rows drawn for which a gap stands; whoever waits for it goes on when they are there. */
export async function drawRows(gap) {
  gap.closest("tbody").dispatchEvent(new Event(DRAW));
}

function Gap({ height, columns }) {
  return html`<tr aria-hidden="true"><td class=${GAP} colspan=${columns.flatMap((each) => each.names ?? [each]).length} style=${{ height }}></td></tr>`;
}

/** The headings are the first row. */
function row(item, index, columns) {
  return html`<tr key=${item.id} role="row" aria-rowindex=${index + 2}>
    ${columns.map((each) => (each.names ? each.show(item) : html`<${Cell} name=${each.name} number=${each.number}>${each.show(item)}<//>`))}
  </tr>`;
}

/**
 * A cell that knows its heading, which stands beside it where the screen is too narrow for columns. Rows are
 * blocks there, of which browsers forget that they are rows, unless they are told their roles.
 */
export function Cell({ name, number, children }) {
  return html`<td role="cell" data-name=${name} class=${kind({ name, number })}>${children}</td>`;
}

/** What can be done about a row stays in sight where the table is moved sideways. */
export function kind({ name, number }) {
  if (name === "Actions") return "pinned";
  return number ? "number" : undefined;
}
