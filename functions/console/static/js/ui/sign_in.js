/** Asks for a key: at the start, and above the page where the old one is good no more. */

import { call } from "../api.js";
import { html, useEffect, useRef, useState } from "../dom.js";
import { signIn } from "../session.js";
import { Field } from "./dialog.js";
import { ProblemBox } from "./problem.js";

export function SignIn({ again }) {
  const element = useRef(null);
  const [state, setState] = useState({ busy: false, problem: null });
  useEffect(() => element.current.showModal(), []);
  const send = async (event) => {
    event.preventDefault();
    const key = new FormData(event.target).get("key").trim();
    setState({ busy: true, problem: null });
    const problem = await objection(key);
    if (problem) setState({ busy: false, problem });
    else signIn(key);
  };
  const stay = (event) => event.preventDefault();
  return html`<dialog ref=${element} class="sign-in" aria-label=${again ? "Sign in again" : "Sign in"} onCancel=${stay}>
    <form onSubmit=${send}>
      <h2>${again ? "Sign in again" : "Billing console"}</h2>
      <p class="faint">${again ? "The page below stays as it is." : "Sign in with an API key."}</p>
      <${Field} label="API key" note="Kept in this tab until you sign out, or an hour after you last used it.">
        <input name="key" type="password" required autocomplete="off" spellcheck=${false} autofocus />
      <//>
      ${state.problem && html`<${ProblemBox} problem=${state.problem} />`}
      <div class="actions end">
        <button type="submit" class="primary" disabled=${state.busy}>
          ${state.busy ? "Asking…" : "Sign in"}
        </button>
      </div>
    </form>
  </dialog>`;
}

/** What the API has against a key, or null. A key of any scope is good enough to sign in. */
async function objection(key) {
  try {
    await call("GET", "me", { key });
    return null;
  } catch (problem) {
    return problem;
  }
}
