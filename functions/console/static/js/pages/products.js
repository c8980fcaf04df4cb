/** Products: what is metered, and what it costs now. */

import { html, useState } from "../dom.js";
import { useList } from "../load.js";
import { emptyDraft, inWords, priceOf } from "../price_draft.js";
import { link } from "../routes.js";
import { filled, typed } from "../ui/actions.js";
import { Ask, Field } from "../ui/dialog.js";
import { Chip, Empty, Time } from "../ui/parts.js";
import { Heading } from "../ui/shell.js";
import { ListTable } from "../ui/table.js";
import { PriceEditor } from "./price_editor.js";

export function Products() {
  const list = useList("products?limit=50");
  const open = (product) => {
    location.hash = link("products", product.id);
  };
  return html`
    <${Heading} title="Products"><${NewProduct} done=${open} /><//>
    <${ListTable} list=${list} label="Products" columns=${COLUMNS} empty=${NONE} />
  `;
}

const COLUMNS = [
  { name: "Id", show: (product) => html`<a href=${link("products", product.id)}>${product.id}</a>` },
  { name: "Name", show: (product) => product.name },
  { name: "Costs now", show: (product) => inWords(product.price) },
  { name: "Versions", number: true, show: (product) => product.prices.length },
  { name: "", show: (product) => product.archivedAt && html`<${Chip} status="archived" />` },
  { name: "Since", show: (product) => html`<${Time} at=${product.createdAt} />` },
];

const NONE = html`<${Empty} title="No product yet">Make one with <em>New product</em>; usage names it by its id.<//>`;

function NewProduct({ done }) {
  const request = (form) => {
    const price = JSON.parse(form.get("price"));
    const decimals = typed(form, "decimals");
    const unitDecimals = decimals && Number(decimals);
    const body = filled({ id: typed(form, "id"), name: form.get("name"), unitDecimals, price });
    return { method: "POST", path: "products", body };
  };
  return html`<${Ask} scope="admin" label="New product" title="New product" submit="Make product" request=${request} done=${done}>
    <${Field} label="Id (optional)" note="The name that usage gives. Made here where you leave it out.">
      <input name="id" maxlength="64" autocomplete="off" spellcheck=${false} autofocus />
    <//>
    <${Field} label="Name"><input name="name" maxlength="200" required autocomplete="off" /><//>
    <${FirstPrice} />
    <${Field} label="Decimal places of a quantity (optional)"><input name="decimals" type="number" min="0" max="6" /><//>
  <//>`;
}

/** A price of any model, in force at once; the form has it as JSON. */
function FirstPrice() {
  const [draft, setDraft] = useState(emptyDraft);
  return html`
    <${PriceEditor} draft=${draft} change=${setDraft} />
    <input type="hidden" name="price" value=${JSON.stringify(priceOf(draft))} />
  `;
}
