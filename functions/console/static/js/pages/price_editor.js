/** The fields of a price by its model, with a row for each tier. */

import { html } from "../dom.js";
import { MODELS, emptyTier } from "../price_draft.js";
import { Field } from "../ui/dialog.js";

export function PriceEditor({ draft, change }) {
  const set = (name) => (event) => change({ ...draft, [name]: event.target.value.trim() });
  const tiered = draft.model === "graduated" || draft.model === "volume";
  return html`<div class="fields">
    <${Field} label="Model">
      <select value=${draft.model} onChange=${set("model")}>
        ${Object.entries(MODELS).map(([model, words]) => html`<option value=${model}>${words}</option>`)}
      </select>
    <//>
    ${draft.model === "flat" && html`<${Amount} label="Cents a unit" value=${draft.unitPriceCents} set=${set("unitPriceCents")} />`}
    ${draft.model === "package" && html`
      <${Amount} label="Units of a package" value=${draft.packageUnits} set=${set("packageUnits")} />
      <${Amount} label="Cents a package" value=${draft.packagePriceCents} set=${set("packagePriceCents")} />
    `}
    ${tiered && html`<${Tiers} tiers=${draft.tiers} change=${(tiers) => change({ ...draft, tiers })} />`}
    <${Amount} label="Free units of each month (optional)" value=${draft.freeUnits} set=${set("freeUnits")} />
  </div>`;
}

function Amount({ label, value, set }) {
  return html`<${Field} label=${label}><input inputmode="decimal" autocomplete="off" value=${value} onInput=${set} /><//>`;
}

function Tiers({ tiers, change }) {
  const set = (index, name) => (event) => {
    const typed = { ...tiers[index], [name]: event.target.value.trim() };
    change(tiers.map((tier, place) => (place === index ? typed : tier)));
  };
  const add = () => change([...tiers.slice(0, -1), emptyTier(), tiers.at(-1)]);
  const remove = (index) => () => change(tiers.filter((_, place) => place !== index));
  return html`<fieldset class="tiers">
    <legend>Tiers</legend>
    <table>
      <thead><tr><th scope="col">Up to</th><th scope="col">Cents a unit</th><th scope="col">Cents for entering</th><td></td></tr></thead>
      <tbody>
        ${tiers.map((tier, index) => html`<tr key=${index}>
          <td>${index === tiers.length - 1
            ? html`<span class="faint">no end</span>`
            : html`<${Cell} label="Tier ${index + 1}, up to" value=${tier.upTo} set=${set(index, "upTo")} />`}</td>
          <td><${Cell} label="Tier ${index + 1}, cents a unit" value=${tier.unitPriceCents} set=${set(index, "unitPriceCents")} /></td>
          <td><${Cell} label="Tier ${index + 1}, cents for entering" value=${tier.flatPriceCents} set=${set(index, "flatPriceCents")} /></td>
          <td>${tiers.length > 1 && html`<button type="button" aria-label="Remove tier ${index + 1}" onClick=${remove(index)}>×</button>`}</td>
        </tr>`)}
      </tbody>
    </table>
    <button type="button" onClick=${add}>Add a tier</button>
  </fieldset>`;
}

function Cell({ label, value, set }) {
  return html`<input inputmode="decimal" autocomplete="off" aria-label=${label} value=${value} onInput=${set} />`;
}
