/** What a job did, in words. */

import { showUnits } from "../money.js";

/** By the names of the counts: what one is called, and what many are. */
const WORDS = {
  tabsFound: ["tab found", "tabs found"],
  tabsSettled: ["tab billed", "tabs billed"],
  tabsEnqueued: ["tab handed out", "tabs handed out"],
  customersFound: ["customer looked at", "customers looked at"],
  customersEnqueued: ["customer handed out", "customers handed out"],
  recordsPaid: ["record paid", "records paid"],
  recordsUnpaid: ["record not covered", "records not covered"],
  entriesAdded: ["entry added", "entries added"],
  imbalances: ["ledger that does not add up", "ledgers that do not add up"],
  filesFound: ["file found", "files found"],
  filesDone: ["file read", "files read"],
  filesFailed: ["file that cannot be read", "files that cannot be read"],
  lines: ["line", "lines"],
  accepted: ["accepted", "accepted"],
  duplicate: ["duplicate", "duplicates"],
  conflict: ["conflict", "conflicts"],
  rejected: ["rejected", "rejected"],
  failed: ["fault", "faults"],
  remaining: ["left to do", "left to do"],
};

/** Every count of an answer. */
export function allCounts(counts) {
  return inWords(Object.entries(counts));
}

/** The counts that are more than none, of some or of all. */
export function whatWasDone(counts, only = Object.keys(counts)) {
  const done = Object.entries(counts).filter(([name, count]) => count !== 0 && only.includes(name));
  return inWords(done) || "nothing to do";
}

function inWords(counts) {
  return counts.map(([name, count]) => `${showUnits(count)} ${word(name, count)}`).join(" · ");
}

function word(name, count) {
  const [one, many] = WORDS[name] ?? [name, name];
  return count === 1 ? one : many;
}
