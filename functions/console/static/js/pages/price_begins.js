/** When a price begins: as early as it may, with a month in UTC, or at a time of the viewer's choice. */

import { html, useState } from "../dom.js";
import { nextMonths } from "../price_draft.js";
import { Field } from "../ui/dialog.js";

export function Begins() {
  const [chosen, choose] = useState("");
  return html`
    <${Field} label="Begins" note="A price that counts by the month, or follows one that does, begins with a month in UTC.">
      <select name="begins" value=${chosen} onChange=${(event) => choose(event.target.value)}>
        <option value="">as early as it may</option>
        ${nextMonths(Date.now()).map((month) => html`<option value=${month}>${month.slice(0, 10)} 00:00 UTC</option>`)}
        <option value="other">at another time</option>
      </select>
    <//>
    ${chosen === "other" && html`<${Field} label="At" note="Your time."><input name="at" type="datetime-local" required /><//>`}
  `;
}

/** What the form says, as the API takes it; null for as early as it may. */
export function beginsAt(form) {
  const chosen = form.get("begins");
  if (chosen === "other") return new Date(form.get("at")).toISOString();
  return chosen || null;
}
