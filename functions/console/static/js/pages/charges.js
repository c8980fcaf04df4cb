/** The columns in which charges of several customers are listed. */

import { html } from "../dom.js";
import { link } from "../routes.js";
import { Money } from "../ui/parts.js";
import { nameOf } from "./customer_records.js";

export const CHARGE_COLUMNS = [
  { name: "What for", show: (record) => html`<a href=${link("records", record.id)}>${nameOf(record)}</a>` },
  { name: "Customer", show: (record) => html`<a href=${link("customers", record.userId)}>${record.userId}</a>` },
  { name: "Amount", number: true, show: (record) => html`<${Money} cents=${record.amountCents} />` },
];
