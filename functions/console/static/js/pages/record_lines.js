/** Why a record comes to its amount: its lines, and the steps that lead to each. */

import { html } from "../dom.js";
import { showMoney, showUnits } from "../money.js";
import { Money, Units } from "../ui/parts.js";
import { Table } from "../ui/table.js";

export function Lines({ record }) {
  const { lines, amountCents } = record;
  // Exact amounts are decimal texts.
  const hasParts = lines.some((line) => line.amountCents.includes("."));
  return html`
    <${Table} label="Lines" items=${lines.map((line) => ({ ...line, id: keyOf(line) }))} columns=${COLUMNS} />
    ${hasParts && html`<p class="faint">
      Lines are exact. What they and earlier ones make whole cents of is charged, here <${Money} cents=${amountCents} />; the
      rest goes on to the next record.
    </p>`}
    ${lines.filter((line) => line.explanation).map((line) => html`<${Steps} key=${keyOf(line)} line=${line} />`)}
  `;
}

function keyOf(line) {
  return `${line.productId} ${line.priceVersion} ${line.month}`;
}

const COLUMNS = [
  { name: "Product", show: (line) => line.productId },
  { name: "Price version", number: true, show: (line) => line.priceVersion },
  { name: "Month", show: (line) => line.month },
  { name: "Events", number: true, show: (line) => showUnits(line.events) },
  { name: "Units", number: true, show: (line) => html`<${Units} units=${line.units} />` },
  { name: "Amount", number: true, show: (line) => html`<${Money} cents=${line.amountCents} />` },
];

const KINDS = {
  units: (step) => `${showUnits(step.quantity)} units`,
  packages: (step) => `${showUnits(step.quantity)} packages, begun by ${showUnits(step.units)} units`,
  tier: (step) => `${showUnits(step.quantity)} units of the tier ${step.upTo === null ? "without end" : `up to ${showUnits(step.upTo)}`}`,
  free: (step) => `${showUnits(step.units)} units that are free`,
};

/** In every step the quantity times the price, and the flat price, make the amount: the API says so. */
function Steps({ line }) {
  return html`<details class="steps">
    <summary>How ${line.productId} comes to <${Money} cents=${line.amountCents} /></summary>
    <ol>
      ${line.explanation.map(
        (step) => html`<li>
          ${KINDS[step.kind](step)} at ${showMoney(step.priceCents)}
          ${step.flatPriceCents !== "0" && html`, and ${showMoney(step.flatPriceCents)} for the tier`}
          : <${Money} cents=${step.amountCents} />
        </li>`,
      )}
    </ol>
    ${line.unitsBefore !== null &&
    html`<p class="faint">
      Counted from the beginning of ${line.month}: ${showUnits(line.unitsBefore)} units were billed before, for
      ${" "}${showMoney(line.debitedBeforeCents)}.
    </p>`}
  </details>`;
}
