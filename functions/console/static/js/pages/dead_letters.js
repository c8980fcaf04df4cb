/** Messages that were given up, in a person's words: what happened, and who makes up for it. */

/** By the names of their queues; `alarm` is the row in docs/operations.md that tells the rest. */
const DEAD_LETTERS = {
  settle: {
    short: "Tabs and customers",
    what: "A tab or a customer could not be dealt with in five attempts",
    todo: "It is still due, and every billing run tries it again; the message is only a note of it.",
    job: "billing",
    alarm: "SettleDeadLetterQueue",
  },
  "run-billing": {
    short: "Billing runs",
    what: "A billing run failed or could not be started",
    todo: "What it billed is billed, and later runs do the rest.",
    job: "billing",
    alarm: "RunBillingDeadLetterQueue",
  },
  closing: {
    short: "Closing runs",
    what: "A closing run failed, or the days of a customer could not be closed in five attempts",
    todo: "Later runs go on where it stopped, and try the same customers.",
    job: "closing",
    alarm: "ClosingDeadLetterQueue",
  },
  "ingest-logs": {
    short: "Log files",
    what: "A look for log files failed, or the message of a file came back six times",
    todo: "Later looks hand out every file that is not read.",
    job: "logs",
    alarm: "IngestLogsDeadLetterQueue",
  },
};

/** What is said of a queue of which this page does not know. */
const UNKNOWN = { short: null, what: "A message was given up", todo: "The logs of the function tell why.", job: null, alarm: null };

export function aboutDeadLetters(name) {
  return DEAD_LETTERS[name] ?? UNKNOWN;
}
