/** Tabs, each with an address of its own. */

import { html } from "../dom.js";

/** @param {{label: string, now: string, tabs: [name: string, label: string, address: string][], children: any}} props */
export function Tabs({ label, now, tabs, children }) {
  return html`
    <nav class="tabs" aria-label=${label}>
      ${tabs.map(
        ([name, text, address]) =>
          html`<a href=${address} aria-current=${name === now ? "page" : undefined}>${text}</a>`,
      )}
    </nav>
    <div class="tab">${children}</div>
  `;
}
