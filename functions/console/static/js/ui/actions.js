/** What a person can do to money, customers and records; each asks once and sends one request. */

import { part } from "../api.js";
import { html } from "../dom.js";
import { majorUnits, parseAmount, showMoney } from "../money.js";
import { Ask, Field } from "./dialog.js";

const NO_AMOUNT = "Write an amount above 0, such as 12.50.";

/** What was typed, or undefined where nothing was: the API knows no empty texts. */
export function typed(form, name) {
  return form.get(name)?.trim() || undefined;
}

/** What a form says, without what was left out. */
export function filled(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/**
 * @param {{customer: string, missingCents?: number, lackCents?: number, done: Function}} props what the last attempt
 *   lacked is proposed; what all that is pending lacks is told
 */
export function AddFunds({ customer, missingCents = 0, lackCents = 0, done }) {
  const request = (form) => {
    const amountCents = parseAmount(form.get("amount"));
    if (amountCents === null) return NO_AMOUNT;
    return { method: "POST", path: "billing/credit", body: { customerId: customer, amountCents } };
  };
  return html`<${Ask} scope="billing:write" label="Add funds" title="Add funds to ${customer}" submit="Add funds" request=${request} done=${done}>
    <${AmountField} value=${missingCents > 0 ? majorUnits(missingCents) : ""} note="${lackInWords(missingCents, lackCents)}It pays what is outstanding first, oldest first." />
  <//>`;
}

function lackInWords(missingCents, lackCents) {
  if (missingCents > 0) return `${showMoney(missingCents)} was missing at the last attempt. `;
  return lackCents > 0 ? `${showMoney(lackCents)} is missing for all that is pending. ` : "";
}

export function Charge({ customer, done }) {
  const request = (form) => {
    const amountCents = parseAmount(form.get("amount"));
    if (amountCents === null) return NO_AMOUNT;
    const body = filled({ userId: customer, amountCents, description: typed(form, "description") });
    return { method: "POST", path: "billing", body };
  };
  return html`<${Ask} scope="billing:write" label="Charge" title="Charge ${customer}" submit="Charge" request=${request} done=${done}>
    <${AmountField} note="It is tried at once, and retried where the money is too little." />
    <${Field} label="What for (optional)"><input name="description" maxlength="200" autocomplete="off" /><//>
  <//>`;
}

export function SuspendOrActivate({ customer, done }) {
  const suspends = customer.status === "active";
  const word = suspends ? "Suspend" : "Activate";
  const request = () => ({
    method: "POST",
    path: `users/${part(customer.id)}/${word.toLowerCase()}`,
    body: {},
  });
  return html`<${Ask} scope="admin" label=${word} title="${word} ${customer.id}" submit=${word} danger=${suspends} request=${request} done=${done}>
    <p>${suspends ? "No charge is taken until somebody activates the customer again. Usage is still recorded." : "What is outstanding is charged, as far as the money goes, and retries begin anew."}</p>
  <//>`;
}

export function ChargeNow({ record, done }) {
  const request = () => ({ method: "POST", path: `billing/${part(record.id)}/process`, body: {} });
  return html`<${Ask} scope="billing:write" label="Charge now" title="Charge ${told(record)} now" submit="Charge now" request=${request} unmet=${notCharged} done=${done}>
    <p>It counts as no retry, and suspends nobody where the money is too little.</p>
  <//>`;
}

/** Why a charge took nothing, though nothing is wrong with it. */
function notCharged({ outcome, balanceCents }) {
  if (outcome === "paid") return null;
  if (outcome === "insufficient_funds") return `The money is too little: the balance is ${showMoney(balanceCents)}. Nothing was charged.`;
  return `Nothing was charged: the record is ${outcome === "void" ? "void" : "paid already"}.`;
}

export function VoidRecord({ record, done }) {
  const request = (form) => ({
    method: "POST",
    path: `billing/${part(record.id)}/void`,
    body: filled({ reason: typed(form, "reason") }),
  });
  return html`<${Ask} scope="billing:write" label="Void" title="Void ${told(record)}" submit="Void" danger request=${request} done=${done}>
    <p>Nothing was taken and nothing will be. The usage that it bills is not billed again.</p>
    <${ReasonField} />
  <//>`;
}

export function Refund({ record, done }) {
  const left = record.amountCents - record.refundedCents;
  const request = (form) => {
    const amountCents = parseAmount(form.get("amount"));
    if (amountCents === null) return NO_AMOUNT;
    if (amountCents > left) return `At most ${showMoney(left)} can go back.`;
    const body = filled({ amountCents, reason: typed(form, "reason") });
    return { method: "POST", path: `billing/${part(record.id)}/refund`, body };
  };
  return html`<${Ask} scope="billing:write" label="Refund" title="Refund ${told(record)}" submit="Refund" danger request=${request} done=${done}>
    <${AmountField} value=${majorUnits(left)} note="${showMoney(left)} can go back. The money is in the wallet at once." />
    <${ReasonField} />
  <//>`;
}

/** A record in a question: how much, and what for where somebody said so. */
function told({ amountCents, description }) {
  return showMoney(amountCents) + (description ? ` for ${description}` : "");
}

/** What can be done about a record, by its status. */
export function RecordActions({ record, done }) {
  const outstanding = ["pending", "retrying", "failed"].includes(record.status);
  if (outstanding) {
    return html`<${ChargeNow} record=${record} done=${done} /><${VoidRecord} record=${record} done=${done} />`;
  }
  const refundable = record.status === "paid" && record.amountCents > record.refundedCents;
  return refundable ? html`<${Refund} record=${record} done=${done} />` : null;
}

function AmountField({ note, value = "" }) {
  return html`<${Field} label="Amount" note=${note}>
    <input name="amount" inputmode="decimal" autocomplete="off" required autofocus defaultValue=${value} />
  <//>`;
}

export function ReasonField() {
  return html`<${Field} label="Reason (optional)"><input name="reason" maxlength="200" autocomplete="off" /><//>`;
}
