/** Customers: found, listed with their money, and made. */

import { part } from "../api.js";
import { html, useState } from "../dom.js";
import { useList } from "../load.js";
import { link } from "../routes.js";
import { typed } from "../ui/actions.js";
import { Ask, Field } from "../ui/dialog.js";
import { Chip, Choices, Empty, Money, Time } from "../ui/parts.js";
import { useQueued } from "../ui/queue.js";
import { Cell } from "../ui/rows.js";
import { Heading } from "../ui/shell.js";
import { SEARCH_ID } from "../ui/shortcuts.js";
import { ListTable } from "../ui/table.js";
import { TermsFields, termsOf } from "./customer_terms.js";

const PAGE = "users?limit=25";

export function Customers() {
  const [wanted, setWanted] = useState({ text: "", suspended: false });
  const list = useList(PAGE + condition(wanted));
  const open = (made) => {
    location.hash = link("customers", made.id);
  };
  const empty = wanted.text || wanted.suspended ? NONE_SUCH : NOBODY;
  return html`
    <${Heading} title="Customers"><${NewCustomer} done=${open} /><//>
    <${Search} wanted=${wanted} choose=${setWanted} />
    <${ListTable} list=${list} label="Customers" csv=${`users${condition(wanted).replace("&", "?")}`} columns=${COLUMNS} empty=${empty} />
  `;
}

/** One condition at a time, as the API has it: an e-mail address, or how an id begins, or a status. */
function condition({ text, suspended }) {
  if (text.includes("@")) return `&email=${part(text)}`;
  if (text) return `&idPrefix=${part(text)}`;
  return suspended ? "&status=suspended" : "";
}

function Search({ wanted, choose }) {
  const send = (event) => {
    event.preventDefault();
    choose({ text: new FormData(event.target).get("text").trim(), suspended: false });
  };
  const pick = (which) => {
    document.getElementById(SEARCH_ID).value = "";
    choose({ text: "", suspended: which === "suspended" });
  };
  return html`<div class="search">
    <form role="search" onSubmit=${send}>
      <input id=${SEARCH_ID} name="text" type="search" aria-label="Id, its beginning, or an e-mail address"
        placeholder="Id, its beginning, or an e-mail address" autocomplete="off" />
      <button type="submit">Find</button>
    </form>
    <${Choices} label="Which customers" choices=${WHICH} now=${wanted.text ? null : wanted.suspended ? "suspended" : ""} choose=${pick} />
  </div>`;
}

const WHICH = { "": "All", suspended: "Suspended" };

function Balances({ customer }) {
  const money = useQueued(`billing/balance/${part(customer.id)}?limit=1`, customer);
  return Object.entries(MONEY).map(
    ([name, cents]) => html`<${Cell} name=${name} number>${money ? html`<${Money} cents=${money[cents]} />` : "…"}<//>`,
  );
}

const MONEY = { Balance: "balanceCents", Pending: "pendingCents", Available: "availableCents" };

const COLUMNS = [
  { name: "Id", show: (customer) => html`<a href=${link("customers", customer.id)}>${customer.id}</a>` },
  { name: "Name", show: (customer) => customer.name ?? html`<span class="faint">–</span>` },
  { name: "Status", show: (customer) => html`<${Chip} status=${customer.status} />` },
  { name: "Pays", show: (customer) => customer.mode },
  {
    names: Object.keys(MONEY),
    number: true,
    show: (customer) => html`<${Balances} customer=${customer} />`,
  },
  { name: "Since", show: (customer) => html`<${Time} at=${customer.createdAt} />` },
];

const NOBODY = html`<${Empty} title="No customer yet">
  Make one with <em>New customer</em>; it begins with an empty wallet.
<//>`;
const NONE_SUCH = html`<${Empty} title="No such customer">Look for another, or choose <em>All</em>.<//>`;

function NewCustomer({ done }) {
  const request = (form) => {
    const terms = termsOf(form);
    if (typeof terms === "string") return terms;
    const given = Object.entries({ id: typed(form, "id"), ...terms }).filter(([, term]) => term !== undefined && term !== null);
    return { method: "POST", path: "users", body: Object.fromEntries(given) };
  };
  return html`<${Ask} scope="admin" label="New customer" title="New customer" submit="Make customer" request=${request} done=${done}>
    <${Field} label="Id (optional)" note="For ever theirs. Made here where you leave it out.">
      <input name="id" maxlength="64" autocomplete="off" spellcheck=${false} autofocus />
    <//>
    <${TermsFields} />
  <//>`;
}
