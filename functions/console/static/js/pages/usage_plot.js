/** What was posted of a customer's usage in the last thirty days, by day and product. */

import { part } from "../api.js";
import { html } from "../dom.js";
import { useLoad, useReloadOn } from "../load.js";
import { daysUntil } from "../time.js";
import { DAYS, DayBars } from "../ui/day_bars.js";
import { ProblemBox } from "../ui/problem.js";

export function UsagePlot({ id, turn }) {
  const days = daysUntil(Date.now(), DAYS);
  const { data, problem, reload } = useLoad(`usage/series?customerId=${part(id)}&from=${days[0]}&to=${days.at(-1)}`);
  useReloadOn(reload, turn);
  if (problem) return html`<${ProblemBox} problem=${problem} retry=${reload} byItself />`;
  if (!data || data.items.length === 0) return null;
  return html`<${DayBars} label="Amount posted a day (UTC)" days=${days} items=${data.items} />`;
}
