/** System: what the jobs did, what waits and what was given up, the keys, the proof of all ledgers. */

import { html, useContext } from "../dom.js";
import { Me } from "../me.js";
import { Id, Panel, Skeleton } from "../ui/parts.js";
import { ProblemBox } from "../ui/problem.js";
import { Heading } from "../ui/shell.js";
import { Imbalances, showImbalances } from "./imbalances.js";
import { Keys } from "./keys.js";
import { ProofOfAll } from "./proof_of_all.js";
import { SystemState } from "./system_state.js";
import { useStatus } from "./system_status.js";

export function System() {
  const { data: status, problem, reload } = useStatus();
  return html`
    <${Heading} title="System" />
    ${problem && html`<${ProblemBox} problem=${problem} retry=${reload} byItself />`}
    ${!status && !problem && html`<${Skeleton} lines=${6} />`}
    ${status && html`<${SystemState} status=${status} />`}
    <${Panel} title="Proof of all">
      ${status?.imbalances.items.length > 0 && html`<p class="wrong">${showImbalances(status.imbalances)}, as the closing run found.</p><${Imbalances} items=${status.imbalances.items} />`}
      <${ProofOfAll} />
    <//>
    <${Panel} title="Keys"><${Who} /><${Keys} /><//>
    <${Panel} title="The API">
      <p class="facts">
        ${status && html`<span>Version ${status.version}</span>`}
        <span><a href="docs">Its routes</a>, and the same <a href="openapi.json">as OpenAPI</a></span>
      </p>
    <//>
  `;
}

function Who() {
  const me = useContext(Me);
  if (!me) return html`<${Skeleton} lines=${1} />`;
  return html`<p class="facts">
    <span>Signed in with <strong>${me.name ?? "a key without a name"}</strong></span>
    <${Id} id=${me.keyId} />
    <span>may: ${me.scopes.join(", ")}</span>
  </p>`;
}
