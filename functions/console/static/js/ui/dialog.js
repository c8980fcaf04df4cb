/** Dialogs that ask before something is done. The browser keeps the focus in them, and gives it back. */

import { call } from "../api.js";
import { html, useEffect, useRef, useState } from "../dom.js";
import { readAnew } from "../load.js";
import { useLackOf } from "../me.js";
import { ProblemBox, againIn, useWait } from "./problem.js";

/**
 * A button that opens a dialog, which sends one request.
 *
 * Where the key of who sits here lacks the scope, the button is off and names it.
 * The idempotency key is made when the dialog opens. Pressing twice, trying again after a lost answer and
 * sending the same again all carry it, so that money moves once. What is asked stays as it stood there when
 * the dialog opened, whatever the page reads meanwhile. The title tells buttons of the same name apart.
 *
 * @param {{
 *   label: string, title: string, submit?: string, danger?: boolean, scope: string,
 *   request: (form: FormData) => {method: string, path: string, body?: object} | string,
 *   unmet?: (answer: any) => string|null, done: (answer: any) => void, children: any,
 * }} props `request` returns what to send, or what is wrong with the form; `unmet` tells of an answer why
 *   nothing was done, though the API refused nothing
 */
export function Ask({ label, danger = false, scope, done, ...asked }) {
  const [opened, setOpened] = useState(null);
  const lacks = useLackOf(scope);
  const button = useFocusKept();
  const open = () => setOpened({ idempotencyKey: crypto.randomUUID(), ...asked });
  return html`
    <button type="button" ref=${button} title=${asked.title} class=${danger ? "danger" : ""} disabled=${lacks !== null} onClick=${open}>
      ${label}${lacks && html` <small>needs ${lacks}</small>`}
    </button>
    ${opened && html`<${Dialog} ...${opened} danger=${danger} done=${done} close=${() => setOpened(null)} />`}
  `;
}

/**
 * Where a button goes that has the focus, because there is nothing more to do, the focus stays near: at the link of
 * its row, or whatever else is near it, and at the heading where that went as well.
 */
export function useFocusKept(near = (button) => button.closest("tr")?.querySelector("a")) {
  const button = useRef(null);
  useEffect(() => () => {
    if (document.activeElement !== button.current) return;
    const place = near(button.current);
    queueMicrotask(() => (place?.isConnected ? place : document.querySelector("h1"))?.focus());
  }, []);
  return button;
}

function Dialog({ idempotencyKey, title, submit = title, danger, request, unmet = () => null, done, close, children }) {
  const element = useRef(null);
  const underWay = useRef(false);
  const [state, setState] = useState({ busy: false, wrong: null, problem: null });
  const wait = useWait(state.problem);
  // What the page shows is not as it is where something was refused, or may have been done unseen.
  const isOutdated = useRef(false);
  const closed = () => {
    close();
    if (isOutdated.current) readAnew();
  };
  useEffect(() => element.current.showModal(), []);
  const send = async (event) => {
    event.preventDefault();
    // Asked of a reference, because two clicks may come before anything is drawn anew.
    if (underWay.current || wait > 0) return;
    const wanted = request(new FormData(event.target));
    if (typeof wanted === "string") return setState({ busy: false, wrong: wanted, problem: null });
    underWay.current = true;
    setState({ busy: true, wrong: null, problem: null });
    try {
      const answer = await call(wanted.method, wanted.path, { body: wanted.body, idempotencyKey });
      const wrong = unmet(answer);
      isOutdated.current ||= wrong !== null;
      if (wrong) return setState({ busy: false, wrong, problem: null });
      element.current?.close();
      done(answer);
    } catch (problem) {
      isOutdated.current = true;
      setState({ busy: false, wrong: null, problem });
    } finally {
      underWay.current = false;
    }
    return undefined;
  };
  return html`<dialog ref=${element} aria-label=${title} onClose=${closed}>
    <form onSubmit=${send}>
      <h2>${title}</h2>
      ${children}
      ${state.wrong && html`<p class="wrong" role="alert">${state.wrong}</p>`}
      ${state.problem && html`<${ProblemBox} problem=${state.problem} />`}
      <div class="actions end">
        <button type="button" onClick=${() => element.current.close()}>Cancel</button>
        <button type="submit" class=${danger ? "danger" : "primary"} aria-disabled=${state.busy || wait > 0}>
          ${submitLabel(state, wait, submit)}
        </button>
      </div>
    </form>
  </dialog>`;
}

function submitLabel({ busy, problem }, wait, submit) {
  if (busy) return "Sending…";
  return problem ? againIn(wait) : submit;
}

/** A field of a form with its label and, below it, what it is about. */
export function Field({ label, note, children }) {
  return html`<label class="field">
    <span>${label}</span>
    ${children}
    ${note && html`<small>${note}</small>`}
  </label>`;
}

/** What a person is told for some seconds after something was done. */
export function Notice({ text, over }) {
  useEffect(() => {
    if (!text) return undefined;
    const timer = setTimeout(over, 8000);
    return () => clearTimeout(timer);
  }, [text]);
  return html`<p class="notice" role="status">${text}</p>`;
}
