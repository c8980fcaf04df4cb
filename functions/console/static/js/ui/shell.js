/** What stands around every page: the ways to the others, who is signed in, and the keys. */

import { html, useEffect, useRef, useState } from "../dom.js";
import { link } from "../routes.js";
import { signOut } from "../session.js";
import { SHORTCUTS, soughtField, useShortcuts } from "./shortcuts.js";

const WAYS = [
  ["overview", "Overview", link()],
  ["customers", "Customers", link("customers")],
  ["retries", "Retries", link("retries")],
  ["logs", "Log files", link("logs")],
  ["products", "Products", link("products")],
  ["system", "System", link("system")],
];

/** What is reached by way of a page of the bar belongs to it. */
const WITHIN = { event: "customers", record: "customers" };

const ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

export function Shell({ page: shown, children }) {
  const page = WITHIN[shown] ?? shown;
  const [helping, setHelping] = useState(false);
  useShortcuts(() => setHelping(true));
  return html`
    <a class="skip" href="#main" onClick=${toMain}>To the content</a>
    <header class="bar">
      <a class="brand" href=${link()}>Billing</a>
      <nav aria-label="Pages">
        ${WAYS.map(
          ([name, label, address]) =>
            html`<a href=${address} aria-current=${page === name ? (shown === name ? "page" : "true") : undefined}>${label}</a>`,
        )}
      </nav>
      <div class="bar-end">
        <button type="button" aria-label="Keys" title="Keys (?)" onClick=${() => setHelping(true)}>?</button>
        <button type="button" onClick=${signOut}>Sign out</button>
      </div>
    </header>
    <main id="main" tabindex="-1">${children}</main>
    <footer class="units">Amounts are in the currency that you bill in; times are in ${ZONE}, with UTC where you point at them.</footer>
    ${helping && html`<${Help} close=${() => setHelping(false)} />`}
  `;
}

/** A page's heading, which takes the focus when the page is opened, so that a reader begins there, or at what a key sought. */
export function Heading({ title, children }) {
  const element = useRef(null);
  useEffect(() => {
    document.title = `${title} · Billing`;
  }, [title]);
  // Not when its words change: by then a person may be elsewhere on the page.
  useEffect(() => (soughtField() ?? element.current).focus({ preventScroll: true }), []);
  return html`<div class="heading">
    <h1 tabindex="-1" ref=${element}>${title}</h1>
    <div class="actions">${children}</div>
  </div>`;
}

function Help({ close }) {
  const element = useRef(null);
  useEffect(() => element.current.showModal(), []);
  return html`<dialog ref=${element} aria-label="Keys" onClose=${close}>
    <h2>Keys</h2>
    <dl class="keys">
      ${SHORTCUTS.map(([keys, what]) => html`<dt><kbd>${keys}</kbd></dt><dd>${what}</dd>`)}
    </dl>
    <div class="actions end"><button type="button" onClick=${() => element.current.close()}>Close</button></div>
  </dialog>`;
}

function toMain(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}
