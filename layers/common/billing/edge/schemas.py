"""What requests may say and what answers look like, in JSON; /openapi.json is made from these.

Requests are strict: no conversion, and no field that is not named here.
"""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from billing.domain.customers import (
    RETRIES_MAX,
    RETRY_DELAY_SECONDS_MAX,
    Mode,
    Status,
    SuspendedBy,
    Terms,
)
from billing.domain.errors import InvalidInputError
from billing.domain.logfiles import FileState, LogLine
from billing.domain.money import MAX_CENTS
from billing.domain.pricing import UNIT_DECIMALS_MAX
from billing.domain.records import AttemptOutcome, RecordId, RecordStatus
from billing.domain.tabs import SHARDS_MAX, TabRef
from billing.domain.usage import UsageClaim
from billing.edge.http.fields import (
    PAGE_ITEMS_DEFAULT,
    Cents,
    Email,
    EventId,
    Id,
    Instant,
    Limit,
    MajorUnits,
    Name,
    Price,
    Quantity,
    RecordIdText,
    ShownDecimal,
    ShownInstant,
    ShownUnits,
    Units,
    UserId,
)
from billing.services.credit_wallet import CreditRequest
from billing.services.dunning import Step, StepOutcome
from billing.services.executions import ExecutionStatus
from billing.services.manage_records import ProcessOutcome
from billing.services.record_usage import BATCH_EVENTS_MAX


def example(**members: object) -> dict[str, Any]:
    """Give a schema its example, in JSON terms."""
    return {"examples": [members]}


class _Schema(BaseModel):
    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        # Python code names fields its own way; JSON must use the published names only.
        validate_by_alias=True,
        validate_by_name=False,
        serialize_by_alias=True,
    )


class _Answer(_Schema):
    model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)


# --- Requests -------------------------------------------------------------------------------------


type RetrySchedule = Annotated[
    list[Annotated[int, Field(ge=1, le=RETRY_DELAY_SECONDS_MAX)]],
    Field(min_length=1, max_length=RETRIES_MAX),
]


def seconds_of(schedule: list[int] | None) -> tuple[int, ...] | None:
    """Give a retry schedule as the domain holds it."""
    return None if schedule is None else tuple(schedule)


class UsageRequest(_Schema):
    """One usage event to record."""

    model_config = ConfigDict(
        json_schema_extra=example(
            id="req-2026-01-31-000017",
            customerId="acme",
            productId="api-calls",
            units=250,
            occurredAt="2026-01-31T09:00:00Z",
        )
    )

    id: EventId | None = Field(
        default=None,
        description="Your name for the event, for ever unique within the customer. Made here when "
        "left out; then a repetition is a second event.",
    )
    customer_id: Id
    product_id: Id
    units: Units
    occurred_at: Instant | None = Field(
        default=None, description="When it happened; the time of recording when left out."
    )

    def claim(self, made_id: str) -> UsageClaim:
        """Give the claim that this request makes; `made_id` names an event without a name."""
        return UsageClaim(
            customer_id=self.customer_id,
            event_id=self.id or made_id,
            product_id=self.product_id,
            units=self.units,
            occurred_at=self.occurred_at,
        )


class UsageBatchRequest(_Schema):
    """Up to 1,000 usage events of any customers; each is checked and recorded on its own."""

    model_config = ConfigDict(
        json_schema_extra=example(
            events=[
                {"id": "req-18", "customerId": "acme", "productId": "api-calls", "units": 3},
                {"id": "req-19", "customerId": "globex", "productId": "storage", "units": 1},
            ]
        )
    )

    events: Annotated[list[Any], Field(min_length=1, max_length=BATCH_EVENTS_MAX)] = Field(
        json_schema_extra={"items": {"$ref": "#/components/schemas/UsageRequest"}}
    )


class CreditBody(_Schema):
    """Money that came in for a customer."""

    model_config = ConfigDict(json_schema_extra=example(customerId="acme", amountCents=5000))

    customer_id: Id
    amount_cents: Annotated[int, Field(ge=1, le=MAX_CENTS)]

    def request(self, idempotency_key: str) -> CreditRequest:
        """Give the request that this body makes under a key."""
        return CreditRequest(self.customer_id, self.amount_cents, idempotency_key)


class _AmountBody(_Schema):
    """An amount, either in major units or in cents."""

    amount: MajorUnits | None = None
    amount_cents: Annotated[int, Field(ge=1, le=MAX_CENTS)] | None = None

    @property
    def cents(self) -> int:
        """The amount in cents; raises InvalidInputError unless it is given once."""
        given = [cents for cents in (self.amount, self.amount_cents) if cents is not None]
        if len(given) != 1:
            raise InvalidInputError.of_field("amount", "give either amount or amountCents")
        return given[0]


class AddFundsBody(_AmountBody):
    """Money that came in for a wallet."""

    model_config = ConfigDict(json_schema_extra=example(amount=50))


class ChargeBody(_AmountBody):
    """A charge that is not for recorded usage."""

    model_config = ConfigDict(
        json_schema_extra=example(userId="acme", amountCents=12_000, description="Set-up fee")
    )

    user_id: Id
    description: Name | None = None


class CustomerRequest(_Schema):
    """A customer to make."""

    model_config = ConfigDict(
        json_schema_extra=example(
            id="acme",
            name="Acme Ltd",
            email="billing@acme.example",
            mode="postpaid",
            creditLimitCents=100_000,
        )
    )

    id: Id | None = Field(default=None, description="Your name for the customer; made here if not.")
    name: Name | None = None
    email: Email | None = Field(default=None, description="Unique; case does not matter.")
    mode: Literal["prepaid", "postpaid"] = "prepaid"
    credit_limit_cents: Annotated[int, Field(ge=0, le=MAX_CENTS)] | None = Field(
        default=None,
        description="How far below zero a postpaid balance may fall; without limit when left out.",
    )
    retry_schedule: RetrySchedule | None = Field(
        default=None, description="Seconds before each retry; the deployment's own when left out."
    )

    @property
    def terms(self) -> Terms:
        """What the request says, in the domain's terms."""
        return Terms(
            name=self.name,
            email=self.email,
            mode=Mode(self.mode),
            credit_limit_cents=self.credit_limit_cents,
            retry_schedule_seconds=seconds_of(self.retry_schedule),
        )


class CustomerChange(_Schema):
    """What to change about a customer; null takes a value away, what is left out stays."""

    model_config = ConfigDict(json_schema_extra=example(creditLimitCents=200_000))

    name: Name | None = None
    email: Email | None = None
    mode: Literal["prepaid", "postpaid"] | None = None
    credit_limit_cents: Annotated[int, Field(ge=0, le=MAX_CENTS)] | None = None
    retry_schedule: RetrySchedule | None = None

    def applied_to(self, terms: Terms) -> Terms:
        """Give the terms after this change; a customer always has a mode."""
        if "mode" in self.model_fields_set and self.mode is None:
            raise InvalidInputError.of_field("mode", "must be prepaid or postpaid")
        wanted: dict[str, Any] = {
            "name": self.name,
            "email": self.email,
            "mode": Mode(self.mode or terms.mode),
            "credit_limit_cents": self.credit_limit_cents,
            "retry_schedule_seconds": seconds_of(self.retry_schedule),
        }
        given = {_TERM_OF.get(name, name) for name in self.model_fields_set}
        return replace(terms, **{name: value for name, value in wanted.items() if name in given})


_TERM_OF = {"retry_schedule": "retry_schedule_seconds"}


class ProductRequest(_Schema):
    """A product to make; its first price is in force at once."""

    model_config = ConfigDict(
        json_schema_extra=example(id="api-calls", name="API calls", unitPriceCents="0.25")
    )

    id: Id | None = Field(default=None, description="Your name for the product; made here if not.")
    name: Name
    unit_price_cents: Price
    unit_decimals: Annotated[int, Field(ge=0, le=UNIT_DECIMALS_MAX)] = Field(
        default=0, description="How many decimal places a quantity may have."
    )


class ProductChange(_Schema):
    """What to change about a product: its name, its price from an instant on, or both."""

    model_config = ConfigDict(
        json_schema_extra=example(unitPriceCents="0.2", effectiveFrom="2026-02-01T00:00:00Z")
    )

    name: Name | None = None
    unit_price_cents: Price | None = None
    effective_from: Instant | None = Field(
        default=None,
        description="When the price takes effect, at least 60 seconds ahead; exactly so when left "
        "out.",
    )


class EmptyRequest(_Schema):
    """No fields; the body may be left out."""


class NoQuery(_Schema):
    """No query parameters."""


class PageQuery(_Schema):
    """Which page of a list."""

    limit: Limit = Field(default=PAGE_ITEMS_DEFAULT, description="The most items to answer.")
    cursor: str | None = Field(default=None, description="The `cursor` of the page before.")


class LedgerQuery(PageQuery):
    """Which page of the ledger, and as it stood when."""

    as_of: Instant | None = Field(
        default=None, description="Leave out whatever was posted after this time."
    )


class LogFileQuery(_Schema):
    """Which pages of what came of a log file."""

    limit: Limit = Field(default=PAGE_ITEMS_DEFAULT, description="The most items to a list.")
    usage_cursor: str | None = Field(
        default=None, description="The `cursor` of the `usage` before."
    )
    problems_cursor: str | None = Field(
        default=None, description="The `cursor` of the `problems` before."
    )


class VerifyQuery(_Schema):
    """Where to go on with a verification."""

    cursor: str | None = Field(default=None, description="The `cursor` of the proof before.")


class TabMessage(_Schema):
    """A tab that a billing run handed out through the settle queue."""

    customer_id: Id
    shard: Annotated[int, Field(ge=0, lt=SHARDS_MAX)]

    @classmethod
    def of(cls, ref: TabRef) -> "TabMessage":
        """Write a tab as a message."""
        return cls.model_validate({"customerId": ref.customer_id, "shard": ref.shard})

    @property
    def ref(self) -> TabRef:
        """The tab that the message names."""
        return TabRef(self.customer_id, self.shard)


class DunningTask(_Schema):
    """What the dunning workflow asks a function to do for a record; see dunning.asl.json."""

    customer_id: Id
    record_id: RecordIdText
    attempt: Annotated[int, Field(ge=1)]

    @property
    def id(self) -> RecordId:
        """The record that leads the dunning."""
        return RecordId.parse(self.record_id)


class LogEntry(_Schema):
    """One line of a log file: usage to record."""

    model_config = ConfigDict(
        json_schema_extra=example(
            userId=1, service="api-calls", quantity=1000, timestamp="2024-01-15T10:00:00Z"
        )
    )

    user_id: UserId
    service: Id
    quantity: Quantity
    timestamp: Instant
    id: EventId | None = Field(
        default=None,
        description="Your name for the event, for ever unique within the customer. Made from the "
        "file's key and the line's number when left out.",
    )

    def line(self, number: int) -> LogLine:
        """Give the line in the domain's terms."""
        return LogLine(
            number=number,
            customer_id=self.user_id,
            product_id=self.service,
            units=self.quantity,
            occurred_at=self.timestamp,
            event_id=self.id,
        )


# --- Answers --------------------------------------------------------------------------------------


def _is_none(value: object) -> bool:
    return value is None


class FieldProblem(_Answer):
    """One field and what is wrong with it."""

    field: str = Field(description="A dotted path such as `events.3.units`.")
    message: str


class Problem(_Answer):
    """Why a request was not done, as in RFC 9457 (application/problem+json)."""

    model_config = ConfigDict(
        json_schema_extra=example(
            type="urn:usage-billing:error:invalid_request",
            title="Invalid request",
            status=400,
            detail="units: must be an integer number",
            code="invalid_request",
            errors=[{"field": "units", "message": "must be an integer number"}],
        )
    )

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable: made for programs to decide by.")
    instance: str | None = Field(
        default=None, exclude_if=_is_none, description="Names this request in the logs."
    )
    errors: list[FieldProblem] | None = Field(
        default=None, exclude_if=_is_none, description="The fields at fault, where there are any."
    )


class UsageEventAnswer(_Answer):
    """A recorded event, at the price that was in force when it was recorded."""

    model_config = ConfigDict(
        json_schema_extra=example(
            id="req-2026-01-31-000017",
            customerId="acme",
            productId="api-calls",
            units=250,
            unitPriceCents="0.25",
            occurredAt="2026-01-31T09:00:00.000000Z",
            createdAt="2026-01-31T09:00:01.125000Z",
            recordId="acme~0~1",
            billedAt=None,
        )
    )

    id: str
    customer_id: str
    product_id: str
    units: ShownUnits
    unit_price_cents: ShownDecimal
    occurred_at: ShownInstant
    created_at: ShownInstant
    record_id: str = Field(description="The billing record that bills it, or will.")
    billed_at: ShownInstant | None = Field(description="When it was paid, null until then.")


class RecordAnswer(_Answer):
    """A billing record in short."""

    id: str
    status: RecordStatus
    amount_cents: Cents
    paid_at: ShownInstant | None


class BilledEventAnswer(UsageEventAnswer):
    """A recorded event with what bills it, null until the billing run has made it."""

    model_config = ConfigDict(json_schema_extra=None)

    record: RecordAnswer | None
    entry_id: str | None = Field(description="The ledger entry that paid for it.")


class UsageResultAnswer(_Answer):
    """What became of one event of a batch."""

    status: Literal["accepted", "duplicate", "conflict", "rejected"]
    event: UsageEventAnswer | None = Field(
        default=None,
        exclude_if=_is_none,
        description="The event as recorded, where it was accepted or a duplicate.",
    )
    problem: Problem | None = Field(
        default=None,
        exclude_if=_is_none,
        description="Why not, where it was in conflict or rejected.",
    )


class UsageBatchAnswer(_Answer):
    """One result per event, in the order of the events."""

    results: list[UsageResultAnswer]


class CreditAnswer(_Answer):
    """The entry that a credit made, and the balance right after it."""

    model_config = ConfigDict(json_schema_extra=example(entryId="acme~1", balanceCents=5000))

    entry_id: str
    balance_cents: Cents


class BalanceAnswer(_Answer):
    """A customer's money at one moment, and a page of their usage, newest first."""

    model_config = ConfigDict(
        json_schema_extra=example(
            customerId="acme",
            balanceCents=5000,
            pendingCents=63,
            availableCents=4937,
            hasFunds=True,
            status="active",
            usageDetails=[],
            cursor=None,
        )
    )

    customer_id: str
    balance_cents: Cents
    pending_cents: int = Field(description="Recorded and not billed yet, or billed and not paid.")
    available_cents: int = Field(description="balanceCents less pendingCents.")
    has_funds: bool = Field(description="Whether balanceCents is above 0.")
    status: Status
    usage_details: list[UsageEventAnswer]
    cursor: str | None


class EntryAnswer(_Answer):
    """One ledger entry; `hash` covers everything else in it but `id`."""

    id: str
    seq: int
    kind: str
    amount_cents: Cents = Field(description="Below 0 for a debit.")
    balance_cents: Cents
    reference: str = Field(description="A credit's idempotency key, or the record that was paid.")
    posted_at: ShownInstant
    previous_hash: str
    hash: str


class LedgerAnswer(_Answer):
    """Ledger entries, newest first, and the balance after the newest up to `asOf`."""

    items: list[EntryAnswer]
    balance_cents: Cents
    cursor: str | None


class ProofAnswer(_Answer):
    """What a verification found; `ok` only when every entry was checked and all adds up."""

    model_config = ConfigDict(
        json_schema_extra=example(
            ok=True,
            complete=True,
            entries=2,
            sumCents=4937,
            balanceCents=4937,
            headHash="cccfd9b7a6ff652ff524fe789cd7082a8a5299abd3ada901da97f6fc53dbc291",
            fault=None,
            cursor=None,
        )
    )

    ok: bool
    complete: bool = Field(description="False when time ran out: go on with `cursor`.")
    entries: int
    sum_cents: int
    balance_cents: int
    head_hash: str
    fault: str | None
    cursor: str | None


class PriceAnswer(_Answer):
    """One price version."""

    version: int
    unit_price_cents: ShownDecimal
    effective_from: ShownInstant


class ProductAnswer(_Answer):
    """A product with all its prices, oldest first."""

    id: str
    name: str
    unit_decimals: int
    unit_price_cents: ShownDecimal = Field(description="The price in force now.")
    prices: list[PriceAnswer]
    created_at: ShownInstant


class ProductListAnswer(_Answer):
    """Products in order of their ids."""

    items: list[ProductAnswer]
    cursor: str | None


class CustomerAnswer(_Answer):
    """A customer."""

    id: str
    name: str | None
    email: str | None
    mode: Mode
    status: Status
    suspended_by: SuspendedBy | None = Field(
        description="A suspension by dunning ends when everything is paid, an operator's does not."
    )
    suspended_at: ShownInstant | None
    credit_limit_cents: int | None
    retry_schedule: list[int] | None
    created_at: ShownInstant


class CustomerListAnswer(_Answer):
    """Customers, newest first."""

    items: list[CustomerAnswer]
    cursor: str | None


class WalletBalanceAnswer(_Answer):
    """What a wallet holds."""

    model_config = ConfigDict(
        json_schema_extra=example(userId="acme", balanceCents=4250, balance="42.50")
    )

    user_id: str
    balance_cents: Cents
    balance: ShownDecimal = Field(description="The same in major units.")


class WalletAnswer(WalletBalanceAnswer):
    """A wallet: what it holds, what is owed, and how far it may fall."""

    model_config = ConfigDict(json_schema_extra=None)

    outstanding_cents: int = Field(description="The sum of the records that are not paid.")
    outstanding_records: int
    floor_cents: int | None = Field(description="The least balance a charge leaves; null: none.")
    entries: int = Field(description="How many ledger entries make up the balance.")


class LineAnswer(_Answer):
    """One line of a record: a product, at a price version, in a month."""

    product_id: str
    price_version: int
    month: str
    units: ShownUnits
    amount_cents: ShownDecimal = Field(description="Exact, before whole cents are charged.")
    events: int


class AttemptAnswer(_Answer):
    """One attempt to charge; `number` is null where it was made by hand or money arrived."""

    number: int | None
    at: ShownInstant
    outcome: AttemptOutcome
    balance_cents: Cents


class RecordDetailAnswer(RecordAnswer):
    """A billing record: what it asks for, why, and what became of it."""

    user_id: str
    description: str | None
    lines: list[LineAnswer]
    created_at: ShownInstant
    failed_at: ShownInstant | None
    entry_id: str | None = Field(description="The ledger entry that paid it.")
    attempts: list[AttemptAnswer]
    retry_count: int = Field(description="How many retries were made.")
    next_attempt_at: ShownInstant | None


class RecordListAnswer(_Answer):
    """Billing records, newest first."""

    items: list[RecordDetailAnswer]
    cursor: str | None


class RecordEventsAnswer(_Answer):
    """The events behind a record, newest first; a page may be short and still have a cursor."""

    items: list[UsageEventAnswer]
    cursor: str | None


class ProcessAnswer(_Answer):
    """How charging a record now ended."""

    outcome: ProcessOutcome
    balance_cents: Cents = Field(description="The balance after it.")
    record: RecordDetailAnswer


class RetriesAnswer(_Answer):
    """What a look at everybody who owes did."""

    model_config = ConfigDict(
        json_schema_extra=example(customersFound=3, recordsPaid=2, failed=0, remaining=0)
    )

    customers_found: int = Field(description="Customers whose dunning runs or whose money waits.")
    records_paid: int
    failed: int = Field(description="Customers whom a fault kept from being dealt with.")
    remaining: int = Field(description="Customers not reached in time.")


class JobAnswer(_Answer):
    """What a billing run did."""

    model_config = ConfigDict(
        json_schema_extra=example(
            tabsFound=2,
            tabsSettled=2,
            customersFound=1,
            recordsPaid=2,
            recordsUnpaid=1,
            failed=0,
            remaining=0,
        )
    )

    tabs_found: int
    tabs_settled: int
    customers_found: int = Field(description="Customers who were due for another look.")
    records_paid: int
    records_unpaid: int = Field(description="Records raised now that the money did not cover.")
    failed: int = Field(description="Tabs and customers that a fault kept from being dealt with.")
    remaining: int = Field(description="Tabs and customers not reached in time.")


class LogsAnswer(_Answer):
    """What a run over the log files did; the lines are those that it read itself."""

    model_config = ConfigDict(
        json_schema_extra=example(
            filesFound=2,
            filesDone=1,
            filesFailed=0,
            lines=1000,
            accepted=990,
            duplicate=4,
            conflict=1,
            rejected=5,
            remaining=1,
        )
    )

    files_found: int = Field(description="Files that were not read to their end before.")
    files_done: int
    files_failed: int = Field(description="Files that cannot be read on; each says why.")
    lines: int = Field(description="The sum of the four below.")
    accepted: int
    duplicate: int
    conflict: int
    rejected: int
    remaining: int = Field(description="Files found and not read to their end.")


class AllJobsAnswer(_Answer):
    """What all jobs did, one after the other."""

    logs: LogsAnswer
    billing: JobAnswer
    retries: RetriesAnswer


class LogFileAnswer(_Answer):
    """The account of a log file: `lines` is the sum of what became of each."""

    model_config = ConfigDict(
        json_schema_extra=example(
            id="2b1c9a0e6f7d4c358b9a0e6f7d4c358b",
            key="incoming/2026-01-15.json",
            bytes=941000,
            upload=1,
            state="done",
            reason=None,
            position=10000,
            lines=10000,
            accepted=9993,
            duplicate=0,
            conflict=0,
            rejected=7,
            foundAt="2026-01-15T10:00:00.000000Z",
            startedAt="2026-01-15T10:00:00.125000Z",
            finishedAt="2026-01-15T10:00:04.500000Z",
        )
    )

    id: str
    key: str = Field(description="The file's name in the bucket.")
    bytes: int
    upload: int = Field(description="How often a file was put under this name.")
    state: FileState
    reason: str | None = Field(description="Why the file could not be read to its end.")
    position: int = Field(description="The number of the last line accounted for, from 1.")
    lines: int
    accepted: int
    duplicate: int
    conflict: int
    rejected: int
    found_at: ShownInstant
    started_at: ShownInstant | None
    finished_at: ShownInstant | None


class LogFileListAnswer(_Answer):
    """Accounts of log files, the newest upload first."""

    items: list[LogFileAnswer]
    cursor: str | None


class LogUsageAnswer(UsageEventAnswer):
    """A usage event that was read from a line of a log file."""

    model_config = ConfigDict(json_schema_extra=None)

    log_file_id: str
    log_line: int


class LogUsageListAnswer(_Answer):
    """Usage read from log files; a page may be short before the end, which has no cursor."""

    items: list[LogUsageAnswer]
    cursor: str | None


class LogProblemAnswer(_Answer):
    """A line that was not accepted, and why."""

    line: int
    outcome: Literal["conflict", "rejected"]
    reason: str


class LogProblemListAnswer(_Answer):
    """Lines that were not accepted, in order; of one file the first thousand are kept."""

    items: list[LogProblemAnswer]
    cursor: str | None


class LogFileDetailAnswer(LogFileAnswer):
    """A log file's account, with the usage that was read from it and the lines that were not."""

    model_config = ConfigDict(json_schema_extra=None)

    usage: LogUsageListAnswer = Field(description="Of all uploads, in order of lines.")
    problems: LogProblemListAnswer


class StepAnswer(_Answer):
    """What the dunning workflow goes on with; see dunning.asl.json."""

    customer_id: str
    record_id: str
    outcome: StepOutcome
    attempt: int
    wait_seconds: int

    @classmethod
    def of(cls, step: Step) -> "StepAnswer":
        """Answer with a step."""
        return cls(
            customer_id=step.record_id.customer_id,
            record_id=str(step.record_id),
            outcome=step.outcome,
            attempt=step.attempt,
            wait_seconds=step.wait_seconds,
        )


class ExecutionAnswer(_Answer):
    """One execution of the dunning workflow."""

    name: str = Field(description="Its name in Step Functions.")
    status: ExecutionStatus = Field(
        description="`succeeded` is its normal end, whether or not the record was paid."
    )
    started_at: ShownInstant
    stopped_at: ShownInstant | None
    error: str | None = Field(description="The fault that ended it, if one did.")


class DunningRunAnswer(_Answer):
    """A record that leads or led a dunning: where its workflow stands, and the attempts."""

    model_config = ConfigDict(
        json_schema_extra=example(
            recordId="acme~0~7",
            customerId="acme",
            recordStatus="retrying",
            amountCents=4000,
            status="running",
            startedAt="2026-01-31T09:00:00.125000Z",
            stoppedAt=None,
            attempts=[
                {
                    "number": 0,
                    "at": "2026-01-31T09:00:00.000000Z",
                    "outcome": "insufficient_funds",
                    "balanceCents": 1200,
                }
            ],
            nextAttemptAt="2026-01-31T09:00:01.000000Z",
            executions=[
                {
                    "name": "acme-0-7-1f0c3bd38e2b4c5e9d3f7a6b5c4d3e2f-0",
                    "status": "running",
                    "startedAt": "2026-01-31T09:00:00.125000Z",
                    "stoppedAt": None,
                    "error": None,
                }
            ],
        )
    )

    record_id: str
    customer_id: str
    record_status: RecordStatus
    amount_cents: Cents
    status: ExecutionStatus | None = Field(
        description="Of the newest execution below; null where none is known."
    )
    started_at: ShownInstant | None
    stopped_at: ShownInstant | None
    attempts: list[AttemptAnswer]
    next_attempt_at: ShownInstant | None = Field(description="Null where none is due.")
    executions: list[ExecutionAnswer] = Field(
        description="Newest first: in a list the one that the item is about; for a single record "
        "the last 25, where faults made it start anew. Step Functions forgets them after 90 days."
    )


class DunningRunListAnswer(_Answer):
    """Executions of the dunning workflow, newest first, each with its record."""

    items: list[DunningRunAnswer]
    cursor: str | None


class HealthAnswer(_Answer):
    """The API answers."""

    status: Literal["ok"]
