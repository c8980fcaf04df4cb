/** The account of a file as one bar: every line is accepted, a duplicate, in conflict, or rejected. */

import { html } from "../dom.js";
import { showUnits } from "../money.js";

const KINDS = ["accepted", "duplicate", "conflict", "rejected"];
const WIDTH = 100;

export function Account({ file }) {
  if (file.lines === 0) return html`<span class="faint">no lines</span>`;
  const words = inWords(file);
  const ends = KINDS.map((_, index) => WIDTH * (sum(file, KINDS.slice(0, index + 1)) / file.lines));
  return html`<svg class="account" viewBox="0 0 ${WIDTH} 8" preserveAspectRatio="none" role="img" aria-label=${words}>
    <title>${words}</title>
    ${KINDS.map((kind, index) => {
      const from = index === 0 ? 0 : ends[index - 1];
      return html`<rect class=${kind} x=${from} width=${ends[index] - from} height="8" />`;
    })}
  </svg>`;
}

/** What became of the lines that were read: "9,993 accepted, 7 rejected"; nothing where none was. */
export function inWords(file) {
  return KINDS.filter((kind) => file[kind] > 0)
    .map((kind) => `${showUnits(file[kind])} ${kind}`)
    .join(", ");
}

function sum(file, kinds) {
  return kinds.reduce((total, kind) => total + file[kind], 0);
}
