/** What is agreed with a customer: how they are called, how they pay, and when a charge is tried again. */

import { part } from "../api.js";
import { html } from "../dom.js";
import { majorUnits, parseAmount } from "../money.js";
import { typed } from "../ui/actions.js";
import { Ask, Field } from "../ui/dialog.js";

const NEW = { mode: "prepaid", creditLimitCents: null, retrySchedule: null };

/** The fields, for a new customer or with what is agreed now. */
export function TermsFields({ terms = NEW }) {
  const limit = terms.creditLimitCents === null ? "" : majorUnits(terms.creditLimitCents);
  return html`
    <${Field} label="Name (optional)"><input name="name" maxlength="200" autocomplete="off" defaultValue=${terms.name ?? ""} /><//>
    <${Field} label="E-mail (optional)"><input name="email" maxlength="254" autocomplete="off" defaultValue=${terms.email ?? ""} /><//>
    <${Field} label="Pays">
      <select name="mode">
        <option value="prepaid" selected=${terms.mode === "prepaid"}>before: from a funded wallet</option>
        <option value="postpaid" selected=${terms.mode === "postpaid"}>afterwards: the balance may fall below 0</option>
      </select>
    <//>
    <${Field} label="Credit limit (optional)" note="For who pays afterwards: how far below 0. No limit where left out.">
      <input name="limit" inputmode="decimal" autocomplete="off" defaultValue=${limit} />
    <//>
    <${Field} label="Retries after seconds (optional)" note="Such as 60, 3600, 86400. As for everybody where left out.">
      <input name="retries" autocomplete="off" defaultValue=${terms.retrySchedule?.join(", ") ?? ""} />
    <//>
  `;
}

/** The terms that a form says, null where it leaves one out; or what is wrong with it. */
export function termsOf(form) {
  const [limit, retries] = [typed(form, "limit"), typed(form, "retries")];
  const creditLimitCents = limit === undefined ? null : parseAmount(limit, 0);
  if (limit !== undefined && creditLimitCents === null) return "Write the credit limit as an amount, such as 1000.";
  const retrySchedule = retries?.split(/[\s,;]+/).map(Number) ?? null;
  if (retrySchedule?.some((seconds) => !(Number.isInteger(seconds) && seconds > 0))) return "Write the retries as whole seconds, such as 60, 3600, 86400.";
  return { name: typed(form, "name") ?? null, email: typed(form, "email") ?? null, mode: form.get("mode"), creditLimitCents, retrySchedule };
}

/** Sends what is another than before and nothing else, so that two who change different things do. */
export function EditTerms({ customer, done }) {
  const request = (form) => {
    const terms = termsOf(form);
    if (typeof terms === "string") return terms;
    const changed = Object.entries(terms).filter(([name, term]) => JSON.stringify(term) !== JSON.stringify(customer[name]));
    if (changed.length === 0) return "Nothing is another than before.";
    return { method: "PATCH", path: `users/${part(customer.id)}`, body: Object.fromEntries(changed) };
  };
  return html`<${Ask} scope="admin" label="Edit" title="Edit ${customer.id}" submit="Save" request=${request} done=${done}>
    <${TermsFields} terms=${customer} />
  <//>`;
}
