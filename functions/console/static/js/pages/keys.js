/** The API keys, without their secrets, and revoking one. */

import { part } from "../api.js";
import { html, useContext, useState } from "../dom.js";
import { useList } from "../load.js";
import { Me, useLackOf } from "../me.js";
import { Ask } from "../ui/dialog.js";
import { Chip, Id, Time } from "../ui/parts.js";
import { ListTable } from "../ui/table.js";

/** Whoever may not see the keys is told by which scope others may. */
export function Keys() {
  const me = useContext(Me);
  const lacks = useLackOf("admin");
  if (!me) return null;
  if (lacks) return html`<p class="faint">The list of keys needs the scope <code>${lacks}</code>, which this key lacks.</p>`;
  return html`<${KeyList} me=${me} />`;
}

function KeyList({ me }) {
  const list = useList("keys?limit=25");
  // The list may lag behind what was answered here.
  const [revoked, setRevoked] = useState({});
  const items = list.items?.map((key) => revoked[key.id] ?? key) ?? null;
  const done = (key) => setRevoked({ ...revoked, [key.id]: key });
  const actions = { name: "Actions", show: (key) => html`<${Revoke} apiKey=${key} isOwn=${key.id === me.keyId} done=${done} />` };
  return html`<${ListTable} list=${{ ...list, items }} label="Keys" columns=${[...COLUMNS, actions, ID]} />
    <p class="faint">Keys are made on the command line, by <code>billing keys create</code>.</p>`;
}

const COLUMNS = [
  { name: "Name", show: (key) => key.name },
  { name: "May", show: (key) => key.scopes.join(", ") },
  { name: "Made", show: (key) => html`<${Time} at=${key.createdAt} />` },
  { name: "State", show: (key) => html`<${State} apiKey=${key} />` },
];
const ID = { name: "Id", show: (key) => html`<span class="whole"><${Id} id=${key.id} /></span>` };

function State({ apiKey }) {
  if (!apiKey.revokedAt) return html`<${Chip} status="active" />`;
  return html`<${Chip} status="revoked" /> <${Time} at=${apiKey.revokedAt} />`;
}

/** Nobody revokes the key that they sit here with: the API refuses it. */
function Revoke({ apiKey, isOwn, done }) {
  if (apiKey.revokedAt) return null;
  if (isOwn) return html`<span class="faint">this one</span>`;
  const request = () => ({ method: "POST", path: `keys/${part(apiKey.id)}/revoke`, body: {} });
  return html`<${Ask} scope="admin" label="Revoke" title="Revoke ${apiKey.name}" submit="Revoke" danger request=${request} done=${done}>
    <p>Whoever calls with this key is refused within a minute, for good. Make them another one first.</p>
  <//>`;
}
