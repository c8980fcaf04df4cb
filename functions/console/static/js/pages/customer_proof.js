/** Whether a customer's ledger adds up: every entry is checked by the API, and the result is shown here. */

import { get, part } from "../api.js";
import { html, useEffect, useState } from "../dom.js";
import { showUnits } from "../money.js";
import { ProblemBox } from "../ui/problem.js";
import { Tile } from "../ui/parts.js";

export function Proof({ id, turn }) {
  const { proof, problem, again } = useProof(id, turn);
  if (problem) return html`<${ProblemBox} problem=${problem} retry=${again} byItself />`;
  if (!proof) return html`<${Tile} name="Proof" note="entry by entry"><span class="faint">checking…</span><//>`;
  if (proof.fault) {
    return html`<div class="problem" role="alert">
      <strong>The ledger does not add up</strong>
      <p>${proof.fault}. The first ${proof.entries} entries are good.</p>
    </div>`;
  }
  const note = proof.complete ? `to entry ${showUnits(proof.entries)}` : `checked to entry ${showUnits(proof.entries)} so far`;
  return html`<${Tile} name="Proof" note=${note}>
    <span class="chip ${proof.ok ? "good" : "warn"}">${proof.ok ? "adds up" : "not all checked"}</span>
  <//>`;
}

/** Check the ledger, page by page, from the beginning each time. */
function useProof(id, turn) {
  const [state, setState] = useState({ proof: null, problem: null });
  const [again, setAgain] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    checked(id, controller.signal, (proof) => setState({ proof, problem: null })).catch(
      (problem) => problem.name !== "AbortError" && setState({ proof: null, problem }),
    );
    return () => controller.abort();
  }, [id, turn, again]);
  return { ...state, again: () => setAgain(again + 1) };
}

async function checked(id, signal, tell) {
  let cursor = null;
  do {
    const from = cursor === null ? "" : `?cursor=${part(cursor)}`;
    const proof = await get(`billing/ledger/${part(id)}/verify${from}`, signal);
    tell(proof);
    cursor = proof.complete ? null : proof.cursor;
  } while (cursor !== null);
}
