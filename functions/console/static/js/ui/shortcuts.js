/** Keys for who does not like the mouse. They are off while something is being typed or asked. */

import { useEffect } from "../dom.js";
import { link } from "../routes.js";
import { GAP, drawRows } from "./rows.js";

export const SHORTCUTS = [
  ["/", "search for a customer"],
  ["g o", "to the overview"],
  ["g c", "to the customers"],
  ["g r", "to the retries"],
  ["g l", "to the log files"],
  ["g p", "to the products"],
  ["g s", "to the system"],
  ["j", "down in a list"],
  ["k", "up in a list"],
  ["Enter", "open what is chosen"],
  ["Esc", "close a dialog"],
  ["?", "these keys"],
];

const PLACES = { o: link(), c: link("customers"), r: link("retries"), l: link("logs"), p: link("products"), s: link("system") };
const AFTER_G_MILLISECONDS = 1500;
export const SEARCH_ID = "search";
let isSought = false;

export function useShortcuts(help) {
  useEffect(() => {
    let pressedG = 0;
    const pressed = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isOccupied(event.target)) return;
      const after = event.timeStamp - pressedG < AFTER_G_MILLISECONDS;
      pressedG = event.key === "g" ? event.timeStamp : 0;
      if (after && event.key in PLACES) location.hash = PLACES[event.key];
      else if (event.key === "/") search(event);
      else if (event.key === "?") help();
      else if (event.key === "j") step(1);
      else if (event.key === "k") step(-1);
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}

function isOccupied(target) {
  return target.closest("input, textarea, select, dialog") !== null || document.querySelector("dialog[open]");
}

/** Put the cursor into the search; from elsewhere, when the page that has it is there. */
function search(event) {
  event.preventDefault();
  const field = document.getElementById(SEARCH_ID);
  isSought = field === null;
  if (isSought) location.hash = PLACES.c;
  else field.focus();
}

/** What the page that comes next gives the focus to, where a key asked for something in it; else null. */
export function soughtField() {
  const field = isSought ? document.getElementById(SEARCH_ID) : null;
  isSought = false;
  return field;
}

/**
 * Move the focus along the first links of the rows, from the first row in sight. Where the next rows of a table are a
 * gap, because the browser did not come to look whether they are near, they are drawn first: one gap for a key, since
 * there may be no link in them.
 */
async function step(by, draws = true) {
  const here = document.activeElement.closest("tbody a");
  const gaps = here ? here.closest("table").querySelectorAll(`.${GAP}`) : [];
  const rows = [...document.querySelectorAll("tbody tr")];
  const stops = rows.map((row) => row.querySelector("a") ?? [...gaps].find((gap) => row.contains(gap))).filter(Boolean);
  const now = stops.indexOf(here);
  const first = stops.findIndex((each) => each.getBoundingClientRect().top >= 0);
  const next = stops[now < 0 ? Math.max(0, first) : Math.min(stops.length - 1, Math.max(0, now + by))];
  if (next?.className !== GAP) return next?.focus();
  if (!draws) return undefined;
  await drawRows(next);
  return step(by, false);
}
