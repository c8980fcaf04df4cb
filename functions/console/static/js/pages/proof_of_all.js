/** Checks every customer's ledger, one after the other, and can be stopped. */

import { get, part } from "../api.js";
import { html, useEffect, useRef, useState } from "../dom.js";
import { counted } from "../money.js";
import { link } from "../routes.js";
import { ProblemBox } from "../ui/problem.js";

const NOTHING_YET = { ledgers: 0, entries: 0, faults: [], running: true, whole: false };

export function ProofOfAll() {
  const [state, setState] = useState(null);
  const [problem, setProblem] = useState(null);
  const controller = useRef(null);
  useEffect(() => () => controller.current?.abort(), []);
  const start = async () => {
    controller.current = new AbortController();
    setProblem(null);
    setState(NOTHING_YET);
    try {
      await checkAll(controller.current.signal, setState);
    } catch (fault) {
      if (fault.name !== "AbortError") setProblem(fault);
      setState((old) => old && { ...old, running: false });
    }
  };
  return html`
    <p class="faint">Every entry of every ledger is checked: its number, its hash, the sum, and that the wallet equals it.</p>
    <div class="actions">
      ${state?.running
        ? html`<button type="button" onClick=${() => controller.current.abort()}>Stop</button>`
        : html`<button type="button" onClick=${start}>Check every ledger</button>`}
    </div>
    ${state && html`<p role="status" aria-live=${state.running ? "off" : "polite"}>${inWords(state)}</p>`}
    ${state?.faults.map(({ id, fault }) => html`<div class="problem" role="alert">
      <strong>The ledger of <a href=${link("customers", id)}>${id}</a> does not add up</strong><p>${fault}</p>
    </div>`)}
    ${problem && html`<${ProblemBox} problem=${problem} retry=${start} />`}
  `;
}

function inWords({ ledgers, entries, faults, running, whole }) {
  const all = `${counted(ledgers, "ledger", "ledgers")} with ${counted(entries, "entry", "entries")}`;
  if (running) return `${all} so far…`;
  if (!whole) return `${all} were checked before it stopped; ${faults.length} of them do not add up.`;
  return faults.length === 0 ? `${all}: all add up.` : `${all}: ${faults.length} do not add up.`;
}

/** Goes through the list of customers, and through each ledger by its cursor. */
async function checkAll(signal, tell) {
  const state = { ...NOTHING_YET, faults: [] };
  let cursor = "";
  do {
    const page = await get(`users?limit=100${cursor}`, signal);
    for (const customer of page.items) {
      const proof = await proofOf(customer.id, signal);
      state.ledgers += 1;
      state.entries += proof.entries;
      if (!proof.ok) state.faults.push({ id: customer.id, fault: proof.fault });
      tell({ ...state });
    }
    cursor = page.cursor && `&cursor=${part(page.cursor)}`;
  } while (cursor);
  tell({ ...state, running: false, whole: true });
}

async function proofOf(id, signal) {
  let proof = await get(`billing/ledger/${part(id)}/verify`, signal);
  while (!proof.complete) {
    proof = await get(`billing/ledger/${part(id)}/verify?cursor=${part(proof.cursor)}`, signal);
  }
  return proof;
}
