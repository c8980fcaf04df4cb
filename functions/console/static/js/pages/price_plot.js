/** What a price comes to, asked of the API while it is typed: drawn, and at 1, 1,000 and 1,000,000 units. */

import { call } from "../api.js";
import { html, useEffect, useState } from "../dom.js";
import { majorUnits, showMoney, showUnits } from "../money.js";
import { priceOf, unitsToDraw } from "../price_draft.js";
import { Money, Tile, Units } from "../ui/parts.js";
import { Plot } from "../ui/plot.js";
import { ProblemBox } from "../ui/problem.js";
import { Table } from "../ui/table.js";

const TOLD = [1, 1000, 1_000_000];
const TYPING_MILLISECONDS = 350;

export function PricePlot({ draft }) {
  const { items, problem } = usePreview(draft);
  const told = items.slice(0, TOLD.length);
  const drawn = items.slice(TOLD.length);
  return html`<div class="fields">
    ${problem && html`<${ProblemBox} problem=${problem} />`}
    ${items.length > 0 && html`
      <div class="tiles">
        ${told.map((item) => html`<${Tile} name="${showUnits(item.units)} ${item.units === 1 ? "unit" : "units"}"><${Money} cents=${item.amountCents} /><//>`)}
      </div>
      <${Plot} label="Amount against units of a month" xs=${drawn.map((item) => Number(item.units))}
        series=${[{ name: "Amount", ys: drawn.map((item) => Number(majorUnits(item.amountCents))) }]}
        show=${(y) => showMoney(Math.round(y * 100))}>
        <${Table} label="Amounts" items=${drawn.map((item) => ({ ...item, id: item.units }))} columns=${COLUMNS} />
      <//>
    `}
  </div>`;
}

const COLUMNS = [
  { name: "Units", number: true, show: (item) => html`<${Units} units=${item.units} />` },
  { name: "Amount", number: true, show: (item) => html`<${Money} cents=${item.amountCents} />` },
];

/** The last preview stays while the next is typed; a draft that is no price yet has a problem. */
function usePreview(draft) {
  const [state, setState] = useState({ items: [], problem: null });
  const body = JSON.stringify({ price: priceOf(draft), units: [...TOLD, ...unitsToDraw(draft)] });
  useEffect(() => {
    const controller = new AbortController();
    const ask = () => call("POST", "pricing/preview", { body: JSON.parse(body), signal: controller.signal }).then(
      ({ items }) => setState({ items, problem: null }),
      (problem) => problem.name !== "AbortError" && setState((old) => ({ ...old, problem })),
    );
    const timer = setTimeout(ask, TYPING_MILLISECONDS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [body]);
  return state;
}
