"""What the API takes and answers, with the fields as they are in JSON.

Amounts are integers of cents where a name ends in Cents, or decimal strings.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""
# ruff: noqa: TC003 - whoever reads the types of these while running needs what they name.

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NotRequired, TypedDict


class AdjustmentAnswer(TypedDict):
    """Who let an event count for other units, when and why."""

    at: str
    by: str
    reason: str | None
    unitsBefore: int | str
    unitsAfter: int | str
    recordId: str


class AllJobsAnswer(TypedDict):
    """What all jobs did, one after the other."""

    logs: LogsAnswer
    billing: JobAnswer
    retries: RetriesAnswer
    closing: ClosingAnswer


class AttemptAnswer(TypedDict):
    """One attempt to charge; `number` is null where it was made by hand or money arrived."""

    number: int | None
    at: str
    outcome: Literal["paid", "insufficient_funds"]
    balanceCents: int


class BalanceAnswer(TypedDict):
    """A customer's money at one moment, and a page of their usage, newest first."""

    customerId: str
    balanceCents: int
    pendingCents: int
    availableCents: int
    hasFunds: bool
    status: Literal["active", "suspended", "deleted"]
    usageDetails: list[UsageEventAnswer]
    cursor: str | None


class BilledEventAnswer(TypedDict):
    """A recorded event with what bills it, null until the billing run has made it."""

    id: str
    customerId: str
    productId: str
    units: int | str
    unitPriceCents: str | None
    occurredAt: str
    createdAt: str
    recordId: str
    billedAt: str | None
    presentUnits: NotRequired[int | str | None]
    adjusts: NotRequired[str | None]
    record: RecordAnswer | None
    entryId: str | None
    adjustments: list[AdjustmentAnswer]


class ClosingAnswer(TypedDict):
    """What a closing run did."""

    customersFound: int
    entriesAdded: int
    imbalances: int
    failed: int
    remaining: int


class CountAnswer(TypedDict):
    """How many there are, as an index tells, which may lag by a moment."""

    count: int
    more: bool


class CreditAnswer(TypedDict):
    """The entry that a credit made, and the balance right after it."""

    entryId: str
    balanceCents: int


class CustomerAnswer(TypedDict):
    """A customer."""

    id: str
    name: str | None
    email: str | None
    mode: Literal["prepaid", "postpaid"]
    status: Literal["active", "suspended", "deleted"]
    suspendedBy: Literal["operator", "dunning"] | None
    suspendedAt: str | None
    creditLimitCents: int | None
    retrySchedule: list[int] | None
    createdAt: str


class CustomerListAnswer(TypedDict):
    """Customers, newest first."""

    items: list[CustomerAnswer]
    cursor: str | None


class DayAnswer(TypedDict):
    """What the entries of a day come to, by kind; debits below 0."""

    date: str
    creditsCents: int
    usageCents: int
    chargesCents: int
    refundsCents: int


class DeadLettersAnswer(TypedDict):
    """About how many messages were given up, and wait for somebody to look at them."""

    name: Literal["settle", "run-billing", "closing", "ingest-logs"]
    messages: int


class DecisionAnswer(TypedDict):
    """Who took something back, when and why."""

    at: str
    by: str
    reason: str | None


class DunningRunAnswer(TypedDict):
    """A record that leads or led a dunning: where its workflow stands, and the attempts."""

    recordId: str
    customerId: str
    recordStatus: Literal["pending", "retrying", "paid", "failed", "void"]
    amountCents: int
    description: str | None
    status: (
        Literal["running", "succeeded", "failed", "timed_out", "aborted", "pending_redrive"] | None
    )
    startedAt: str | None
    stoppedAt: str | None
    attempts: list[AttemptAnswer]
    retrySchedule: list[int]
    nextAttemptAt: str | None
    executions: list[ExecutionAnswer]


class DunningRunListAnswer(TypedDict):
    """Executions of the dunning workflow, newest first, each with its record."""

    items: list[DunningRunAnswer]
    cursor: str | None


class EntryAnswer(TypedDict):
    """One ledger entry; `hash` covers everything else in it but `id`."""

    id: str
    seq: int
    kind: str
    amountCents: int
    balanceCents: int
    reference: str
    postedAt: str
    previousHash: str
    hash: str


class ExecutionAnswer(TypedDict):
    """One execution of the dunning workflow."""

    name: str
    status: Literal["running", "succeeded", "failed", "timed_out", "aborted", "pending_redrive"]
    startedAt: str
    stoppedAt: str | None
    error: str | None


class ExecutionHistoryAnswer(TypedDict):
    """What an execution went through, state by state, in order."""

    items: list[StateAnswer]
    cursor: str | None
    recordId: str
    execution: ExecutionAnswer
    executions: list[ExecutionAnswer]
    definition: dict[str, Any]
    awsConsoleUrl: str | None


class FieldProblem(TypedDict):
    """One field and what is wrong with it."""

    field: str
    message: str


class HealthAnswer(TypedDict):
    """The API answers."""

    status: str


class ImbalanceAnswer(TypedDict):
    """A customer whose books do not verify, so that their days stay open."""

    customerId: str
    fault: str
    foundAt: str


class ImbalancesAnswer(TypedDict):
    """Customers whose books do not verify, those first that were found last."""

    items: list[ImbalanceAnswer]
    more: bool


class JobAnswer(TypedDict):
    """What a billing run did."""

    tabsFound: int
    tabsSettled: int
    customersFound: int
    recordsPaid: int
    recordsUnpaid: int
    failed: int
    remaining: int


class KeyAnswer(TypedDict):
    """An API key, of which neither the secret nor its hash is ever shown."""

    id: str
    name: str
    scopes: list[Literal["usage:write", "billing:read", "billing:write", "admin"]]
    createdAt: str
    revokedAt: str | None


class KeyListAnswer(TypedDict):
    """API keys, newest first, revoked ones too."""

    items: list[KeyAnswer]
    cursor: str | None


class LedgerAnswer(TypedDict):
    """Ledger entries, newest first, and the balance after the newest up to `asOf`."""

    items: list[EntryAnswer]
    balanceCents: int
    cursor: str | None


class LineAnswer(TypedDict):
    """One line of a record: a product, at a price version, in a month."""

    productId: str
    priceVersion: int
    month: str
    units: int | str
    amountCents: str
    events: int
    unitsBefore: int | str | None
    unitsAfter: int | str | None
    debitedBeforeCents: str | None
    explanation: NotRequired[list[PartAnswer] | None]


class LogFileAnswer(TypedDict):
    """The account of a log file: `lines` is the sum of what became of each."""

    id: str
    key: str
    bytes: int
    etag: str
    upload: int
    state: Literal["found", "processing", "done", "failed"]
    reason: str | None
    position: int
    lines: int
    accepted: int
    duplicate: int
    conflict: int
    rejected: int
    foundAt: str
    startedAt: str | None
    finishedAt: str | None


class LogFileDetailAnswer(TypedDict):
    """A log file's account, with the usage that was read from it and the lines that were not."""

    id: str
    key: str
    bytes: int
    etag: str
    upload: int
    state: Literal["found", "processing", "done", "failed"]
    reason: str | None
    position: int
    lines: int
    accepted: int
    duplicate: int
    conflict: int
    rejected: int
    foundAt: str
    startedAt: str | None
    finishedAt: str | None
    usage: LogUsageListAnswer
    problems: LogProblemListAnswer


class LogFileListAnswer(TypedDict):
    """Accounts of log files, the newest upload first."""

    items: list[LogFileAnswer]
    cursor: str | None


class LogProblemAnswer(TypedDict):
    """A line that was not accepted, and why."""

    line: int
    outcome: Literal["conflict", "rejected"]
    reason: str


class LogProblemListAnswer(TypedDict):
    """Lines that were not accepted, in order; of one file the first thousand are kept."""

    items: list[LogProblemAnswer]
    cursor: str | None


class LogUsageAnswer(TypedDict):
    """A usage event that was read from a line of a log file."""

    id: str
    customerId: str
    productId: str
    units: int | str
    unitPriceCents: str | None
    occurredAt: str
    createdAt: str
    recordId: str
    billedAt: str | None
    presentUnits: NotRequired[int | str | None]
    adjusts: NotRequired[str | None]
    logFileId: str
    logLine: int


class LogUsageListAnswer(TypedDict):
    """Usage read from log files; a page may be short before the end, which has no cursor."""

    items: list[LogUsageAnswer]
    cursor: str | None


class LogsAnswer(TypedDict):
    """What became of the log files that were to be read, as far as the request could wait."""

    filesFound: int
    filesDone: int
    filesFailed: int
    lines: int
    accepted: int
    duplicate: int
    conflict: int
    rejected: int
    remaining: int


class MeAnswer(TypedDict):
    """The API key that a request came with."""

    keyId: str
    name: str | None
    scopes: list[Literal["usage:write", "billing:read", "billing:write", "admin"]]


class PartAnswer(TypedDict):
    """One step of an explanation: `quantity` x `priceCents` + `flatPriceCents` = `amountCents`."""

    kind: Literal["units", "packages", "tier", "free"]
    units: int | str
    quantity: int | str
    priceCents: str
    flatPriceCents: str
    amountCents: str
    upTo: int | str | None


class PreviewAnswer(TypedDict):
    """One quote for each of the quantities, in their order."""

    unitsBefore: int | str
    amountBeforeCents: str
    items: list[QuoteAnswer]


class PriceAnswer(TypedDict):
    """A price, written as it may be sent; what is 0 by default is left out."""

    model: Literal["flat", "package", "graduated", "volume"]
    unitPriceCents: NotRequired[str | None]
    packageUnits: NotRequired[int | str | None]
    packagePriceCents: NotRequired[str | None]
    tiers: NotRequired[list[TierAnswer] | None]
    freeUnits: NotRequired[int | str | None]


class PriceBody(TypedDict):
    """A price: the fields of its `model`, and `freeUnits` of any model."""

    model: Literal["flat", "package", "graduated", "volume"]
    unitPriceCents: NotRequired[int | str | Decimal | None]
    packageUnits: NotRequired[int | Decimal | str | None]
    packagePriceCents: NotRequired[int | str | Decimal | None]
    tiers: NotRequired[Sequence[TierBody] | None]
    freeUnits: NotRequired[int | Decimal | str]


class PriceVersionAnswer(TypedDict):
    """One price version."""

    version: int
    price: PriceAnswer
    unitPriceCents: str | None
    effectiveFrom: str


class PricedMonthAnswer(TypedDict):
    """What the units of the month come to at a price that counts by the month, part by part."""

    productId: str
    productName: str
    priceVersion: int
    units: int | str
    amountCents: str
    parts: list[PartAnswer]


class Problem(TypedDict):
    """Why a request was not done, as in RFC 9457 (application/problem+json)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: NotRequired[str | None]
    errors: NotRequired[list[FieldProblem] | None]


class ProcessAnswer(TypedDict):
    """How charging a record now ended."""

    outcome: Literal["paid", "already_paid", "insufficient_funds", "void"]
    balanceCents: int
    record: RecordDetailAnswer


class ProductAnswer(TypedDict):
    """A product with all its prices, oldest first."""

    id: str
    name: str
    unitDecimals: int
    price: PriceAnswer
    unitPriceCents: str | None
    prices: list[PriceVersionAnswer]
    archivedAt: str | None
    createdAt: str


class ProductDayAnswer(TypedDict):
    """What was billed of a product on a day: by when it was paid, not by when it was used."""

    date: str
    productId: str
    units: int | str
    events: int
    amountCents: str


class ProductListAnswer(TypedDict):
    """Products in order of their ids."""

    items: list[ProductAnswer]
    cursor: str | None


class ProofAnswer(TypedDict):
    """What a verification found; `ok` only when all was checked and adds up."""

    ok: bool
    complete: bool
    entries: int
    sumCents: int
    balanceCents: int
    headHash: str
    fault: str | None
    cursor: str | None
    days: int


class QueueAnswer(TypedDict):
    """About how many messages of a queue wait for a worker, and how many it is at work on."""

    name: Literal["settle", "closing", "log-files"]
    waiting: int
    underWay: int


class QuoteAnswer(TypedDict):
    """What some units cost; the explanation is of `unitsBefore` and these together."""

    units: int | str
    amountCents: str
    explanation: list[PartAnswer]


class RecordAnswer(TypedDict):
    """A billing record in short."""

    id: str
    status: Literal["pending", "retrying", "paid", "failed", "void"]
    amountCents: int
    paidAt: str | None


class RecordDetailAnswer(TypedDict):
    """A billing record: what it asks for, why, and what became of it."""

    id: str
    status: Literal["pending", "retrying", "paid", "failed", "void"]
    amountCents: int
    paidAt: str | None
    userId: str
    description: str | None
    lines: list[LineAnswer]
    createdAt: str
    failedAt: str | None
    entryId: str | None
    attempts: list[AttemptAnswer]
    retryCount: int
    retrySchedule: list[int]
    nextAttemptAt: str | None
    voided: DecisionAnswer | None
    refundedCents: int
    refunds: list[RefundedAnswer]


class RecordEventsAnswer(TypedDict):
    """The events behind a record, newest first; a page may be short and still have a cursor."""

    items: list[UsageEventAnswer]
    cursor: str | None


class RecordListAnswer(TypedDict):
    """Billing records, newest first."""

    items: list[RecordDetailAnswer]
    cursor: str | None


class RefundAnswer(TypedDict):
    """The entry that a refund made, its amount, and the balance right after it."""

    entryId: str
    balanceCents: int
    amountCents: int


class RefundedAnswer(TypedDict):
    """A part of a record that was given back."""

    at: str
    by: str
    reason: str | None
    entryId: str
    amountCents: int


class ReportsAnswer(TypedDict):
    """Days of all customers, and days by product, oldest first, in one page."""

    days: list[DayAnswer]
    items: list[ProductDayAnswer]
    cursor: NotRequired[str | None]


class RetriesAnswer(TypedDict):
    """What a look at everybody who owes did."""

    customersFound: int
    recordsPaid: int
    failed: int
    remaining: int


class RunAnswer(TypedDict):
    """A job, and its last run that came to its end; null where none ever did."""

    job: Literal["billing", "retries", "closing", "logs"]
    schedule: str | None
    running: bool
    startedAt: str | None
    endedAt: str | None
    counts: dict[str, int]


class SeriesAnswer(TypedDict):
    """Days and products, oldest first, in one page."""

    items: list[ProductDayAnswer]
    cursor: str | None


class StateAnswer(TypedDict):
    """A state that an execution entered."""

    name: str
    type: str
    enteredAt: str
    leftAt: str | None
    input: dict[str, Any] | None
    output: dict[str, Any] | None
    error: str | None
    faults: int


class StatementAnswer(TypedDict):
    """A month of a customer (UTC): `openingCents` and all lines together are `closingCents`."""

    customerId: str
    customerName: str | None
    month: str
    status: Literal["open", "closed"]
    firstDate: str
    lastDate: str
    openingCents: int
    lines: list[StatementLineAnswer]
    closingCents: int
    pricedMonths: list[PricedMonthAnswer]
    firstSeq: int | None
    lastSeq: int | None
    headHash: str | None
    outstandingCents: int
    outstandingRecords: int
    readAt: str


class StatementLineAnswer(TypedDict):
    """What something did to the balance; below 0 for what was debited."""

    kind: Literal["credit", "usage", "correction", "rounding", "charge", "refund"]
    date: str | None
    productId: str | None
    productName: str | None
    units: int | str | None
    events: int | None
    amountCents: str


class SystemStatusAnswer(TypedDict):
    """How the system is."""

    version: str
    at: str
    runs: list[RunAnswer]
    retryScheduleSeconds: list[int]
    customers: CountAnswer
    suspended: CountAnswer
    retrying: CountAnswer
    failed: CountAnswer
    queues: list[QueueAnswer]
    deadLetters: list[DeadLettersAnswer]
    imbalances: ImbalancesAnswer


class TierAnswer(TypedDict):
    """One tier, in order of their bounds."""

    upTo: int | str | None
    unitPriceCents: str
    flatPriceCents: NotRequired[str | None]


class TierBody(TypedDict):
    """One tier of a graduated or volume price."""

    upTo: int | Decimal | str | None
    unitPriceCents: int | str | Decimal
    flatPriceCents: NotRequired[int | str | Decimal]


class UploadAnswer(TypedDict):
    """A form that takes the file: a POST of multipart/form-data with these fields, then `file`."""

    fileId: str
    key: str
    url: str
    fields: dict[str, str]
    maxBytes: int
    expiresAt: str


class UsageBatchAnswer(TypedDict):
    """One result per event, in the order of the events."""

    results: list[UsageResultAnswer]


class UsageEventAnswer(TypedDict):
    """A recorded event, at the price that was in force when it occurred."""

    id: str
    customerId: str
    productId: str
    units: int | str
    unitPriceCents: str | None
    occurredAt: str
    createdAt: str
    recordId: str
    billedAt: str | None
    presentUnits: NotRequired[int | str | None]
    adjusts: NotRequired[str | None]


class UsageRequest(TypedDict):
    """One usage event to record."""

    id: NotRequired[str | None]
    customerId: str
    productId: str
    units: int | Decimal | str
    occurredAt: NotRequired[str | datetime | None]


class UsageResultAnswer(TypedDict):
    """What became of one event of a batch."""

    status: Literal["accepted", "duplicate", "conflict", "rejected"]
    event: NotRequired[UsageEventAnswer | None]
    problem: NotRequired[Problem | None]


class WalletAnswer(TypedDict):
    """A wallet: what it holds, what is owed, and how far it may fall."""

    userId: str
    balanceCents: int
    balance: str
    outstandingCents: int
    outstandingRecords: int
    floorCents: int | None
    entries: int


class WalletBalanceAnswer(TypedDict):
    """What a wallet holds."""

    userId: str
    balanceCents: int
    balance: str
