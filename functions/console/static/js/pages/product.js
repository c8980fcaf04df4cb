/** One product: its price versions in time, and the next one, drawn while it is typed. */

import { part } from "../api.js";
import { html, useState } from "../dom.js";
import { useLoad, useNow } from "../load.js";
import { draftOf, inWords, priceOf, tiersInWords } from "../price_draft.js";
import { Ask, Notice } from "../ui/dialog.js";
import { Chip, Id, Panel, Skeleton, Time } from "../ui/parts.js";
import { ProblemBox } from "../ui/problem.js";
import { Heading } from "../ui/shell.js";
import { Begins, beginsAt } from "./price_begins.js";
import { PriceEditor } from "./price_editor.js";
import { PricePlot } from "./price_plot.js";

export function Product({ id }) {
  const { data: product, problem, reload } = useLoad(`products/${part(id)}`);
  const [notice, setNotice] = useState("");
  const changed = (text) => {
    setNotice(text);
    reload();
  };
  return html`
    <${Heading} title=${product?.name ?? id}>
      ${product && html`<${Archive} product=${product} done=${() => changed("The product was changed.")} />`}
    <//>
    <${Notice} text=${notice} over=${() => setNotice("")} />
    ${problem && html`<${ProblemBox} problem=${problem} retry=${reload} byItself />`}
    ${!product && !problem && html`<${Skeleton} lines=${5} />`}
    ${product && html`<${Told} key=${product.id} product=${product} changed=${changed} />`}
  `;
}

function Told({ product, changed }) {
  return html`
    <p class="facts">
      <${Id} id=${product.id} />
      ${product.archivedAt && html`<span><${Chip} status="archived" /> takes no usage from <${Time} at=${product.archivedAt} /></span>`}
      ${product.unitDecimals > 0 && html`<span>quantities with ${product.unitDecimals} decimal places</span>`}
      <span class="faint">since <${Time} at=${product.createdAt} /></span>
    </p>
    <${Panel} title="Prices">
      <ol class="timeline">
        ${product.prices.map((version) => html`<${Version} key=${version.version} product=${product} version=${version} changed=${changed} />`)}
      </ol>
    <//>
    <${NextPrice} product=${product} changed=${changed} />
  `;
}

function Version({ product, version, changed }) {
  const now = useNow();
  const ahead = Date.parse(version.effectiveFrom) > now;
  const request = () => ({ method: "DELETE", path: `products/${part(product.id)}/prices/${version.version}` });
  return html`<li class=${ahead ? "ahead" : "good"}>
    <strong>Version ${version.version}</strong>
    <span>${inWords(version.price)}</span>
    <span class="faint">from <${Time} at=${version.effectiveFrom} /></span>
    ${version.price.tiers && html`<ul class="prices">${tiersInWords(version.price).map((tier) => html`<li>${tier}</li>`)}</ul>`}
    ${ahead && html`<${Ask} scope="admin" label="Take back" title="Take version ${version.version} back" submit="Take back" danger
      request=${request} done=${() => changed("The price was taken back.")}>
      <p>The version before it stays in force.</p>
    <//>`}
  </li>`;
}

function NextPrice({ product, changed }) {
  const [draft, setDraft] = useState(() => draftOf(product.prices.at(-1).price));
  const request = (form) => {
    const begins = beginsAt(form);
    const when = begins === null ? {} : { effectiveFrom: begins };
    return { method: "PATCH", path: `products/${part(product.id)}`, body: { price: priceOf(draft), ...when } };
  };
  return html`<${Panel} title="Another price">
    <div class="editor">
      <${PriceEditor} draft=${draft} change=${setDraft} />
      <${PricePlot} draft=${draft} />
    </div>
    <div class="actions">
      <${Ask} scope="admin" label="Save this price" title="Save a price of ${product.id}" submit="Save" request=${request}
        done=${() => changed("The price was saved.")}>
        <p>What was used before it begins keeps its price, also where its event comes late.</p>
        <${Begins} />
      <//>
    </div>
  <//>`;
}

function Archive({ product, done }) {
  const archives = product.archivedAt === null;
  const request = () => ({ method: "PATCH", path: `products/${part(product.id)}`, body: { archived: archives } });
  return html`<${Ask} scope="admin" label=${archives ? "Archive" : "Take usage again"} title="${product.id}" danger=${archives}
    submit=${archives ? "Archive" : "Take usage again"} request=${request} done=${done}>
    <p>${archives ? "From a minute from now on no usage of it is taken. What was used is billed." : "Usage of it is taken again."}</p>
  <//>`;
}
