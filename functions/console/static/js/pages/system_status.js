/** The state of the system, read again each five seconds while a job runs, and each half minute otherwise. */

import { useLoad, usePolling } from "../load.js";

const QUIET_MILLISECONDS = 30_000;

export function useStatus() {
  const status = useLoad("system/status", isBusy);
  usePolling(status.poll, true, QUIET_MILLISECONDS);
  return status;
}

function isBusy(status) {
  return status.runs.some((run) => run.running);
}

/** The run of a job. */
export function runOf(status, job) {
  return status.runs.find((run) => run.job === job);
}

/** A count as far as it went: "1,000+" where there are more. */
export function showCount({ count, more }) {
  return `${new Intl.NumberFormat().format(count)}${more ? "+" : ""}`;
}
