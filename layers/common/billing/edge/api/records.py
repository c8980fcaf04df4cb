"""Billing records: raised, listed, shown and charged."""

from collections.abc import Iterable

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.errors import (
    CustomerNotFoundError,
    IdempotencyKeyReusedError,
    RecordNotFoundError,
)
from billing.domain.money import to_plain
from billing.domain.price_models import Part
from billing.domain.records import BilledLine, BillingRecord
from billing.domain.tabs import LineKey
from billing.domain.times import optional_text, to_text
from billing.domain.usage import UsageEvent
from billing.edge.api.prices import PartAnswer, show_parts
from billing.edge.api.shared import (
    AmountBody,
    AttemptAnswer,
    RecordAnswer,
    UsageEventAnswer,
    entry_id_of,
    show_attempt,
    show_event,
    show_record_in_short,
    show_units,
)
from billing.edge.http.fields import Cents, Id, Name, ShownDecimal, ShownInstant, ShownUnits
from billing.edge.http.routes import Route
from billing.edge.http.schema import (
    AnswerSchema,
    EmptyRequest,
    ListAnswer,
    PageQuery,
    example,
    is_none,
)
from billing.services.explain_record import PARTS_MAX, Explanations
from billing.services.manage_records import Processed, ProcessOutcome
from billing.services.paging import Page


class ChargeBody(AmountBody):
    """A charge that is not for recorded usage."""

    model_config = ConfigDict(
        json_schema_extra=example(userId="acme", amountCents=12_000, description="Set-up fee")
    )

    user_id: Id
    description: Name | None = None


class LineAnswer(AnswerSchema):
    """One line of a record: a product, at a price version, in a month."""

    product_id: str
    price_version: int
    month: str
    units: ShownUnits
    amount_cents: ShownDecimal = Field(description="Exact, before whole cents are charged.")
    events: int
    units_before: ShownUnits | None = Field(
        description="What was billed of the month before; null where the price needs no month."
    )
    units_after: ShownUnits | None = Field(description="The same, with this line.")
    debited_before_cents: ShownDecimal | None = Field(
        description="What was debited of the month before; below 0 never."
    )
    explanation: list[PartAnswer] | None = Field(
        default=None,
        exclude_if=is_none,
        description="The parts of debitedBeforeCents and amountCents together; not in lists, nor"
        f" where the lines of the record have more than {PARTS_MAX:,} parts in all.",
    )


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


class RecordListAnswer(ListAnswer[RecordDetailAnswer]):
    """Billing records, newest first."""


class RecordEventsAnswer(ListAnswer[UsageEventAnswer]):
    """The events behind a record, newest first; a page may be short and still have a cursor."""


class ProcessAnswer(AnswerSchema):
    """How charging a record now ended."""

    outcome: ProcessOutcome
    balance_cents: Cents = Field(description="The balance after it.")
    record: RecordDetailAnswer


def show_record(
    record: BillingRecord, explanations: Explanations | None = None
) -> RecordDetailAnswer:
    """Show a billing record in full, with the explanations of its lines where they were asked."""
    parts = explanations or {}
    return RecordDetailAnswer(
        **dict(show_record_in_short(record)),
        user_id=record.id.customer_id,
        description=record.description,
        lines=[_line(key, line, parts.get(key)) for key, line in record.lines.items()],
        created_at=to_text(record.created_at),
        failed_at=optional_text(record.failed_at),
        entry_id=entry_id_of(record),
        attempts=[show_attempt(attempt) for attempt in record.attempts],
        retry_count=sum(1 for attempt in record.attempts if attempt.number),
        next_attempt_at=optional_text(record.next_attempt_at),
    )


def show_records(page: Page[BillingRecord]) -> RecordListAnswer:
    """Show a page of billing records."""
    return RecordListAnswer(
        items=[show_record(record) for record in page.items], cursor=page.cursor
    )


def show_record_events(page: Page[UsageEvent], record: BillingRecord) -> RecordEventsAnswer:
    """Show a page of the events behind a record."""
    return RecordEventsAnswer(
        items=[show_event(event, billed_at=record.paid_at) for event in page.items],
        cursor=page.cursor,
    )


def show_processed(processed: Processed) -> ProcessAnswer:
    """Show how charging a record by hand ended."""
    return ProcessAnswer(
        outcome=processed.outcome,
        balance_cents=processed.balance_cents,
        record=show_record(processed.record),
    )


def _line(key: LineKey, line: BilledLine, parts: Iterable[Part] | None) -> LineAnswer:
    before, after = line.month_before, line.month_after
    return LineAnswer(
        product_id=key.product_id,
        price_version=key.price_version,
        month=key.month,
        units=show_units(line.units),
        amount_cents=to_plain(line.amount_cents),
        events=line.events,
        units_before=None if before is None else show_units(before.units),
        units_after=None if after is None else show_units(after.units),
        debited_before_cents=None if before is None else to_plain(before.debited_cents),
        explanation=None if parts is None else show_parts(parts),
    )


CHARGE = Route(
    "POST",
    "/billing",
    Scope.BILLING_WRITE,
    "Raise a charge that is not for recorded usage",
    request=ChargeBody,
    response=RecordDetailAnswer,
    statuses={
        201: "Raised and tried at once; `status` tells how that went. Raised before by the "
        "same request: the record as it stands now, with the header Idempotent-Replayed: true."
    },
    own_errors=(CustomerNotFoundError, IdempotencyKeyReusedError),
    idempotency_key="optional",
)

LIST = Route(
    "GET",
    "/billing",
    Scope.BILLING_READ,
    "List billing records",
    query=PageQuery,
    response=RecordListAnswer,
    statuses={200: "Records, newest first."},
)

LIST_OF_USER = Route(
    "GET",
    "/billing/user/{userId}",
    Scope.BILLING_READ,
    "List the billing records of a customer",
    query=PageQuery,
    response=RecordListAnswer,
    statuses={200: "Records, newest first."},
    own_errors=(CustomerNotFoundError,),
)

READ = Route(
    "GET",
    "/billing/{recordId}",
    Scope.BILLING_READ,
    "Read a billing record",
    response=RecordDetailAnswer,
    statuses={200: "The record."},
    own_errors=(RecordNotFoundError,),
)

LIST_EVENTS = Route(
    "GET",
    "/billing/{recordId}/events",
    Scope.BILLING_READ,
    "List the usage events behind a billing record",
    query=PageQuery,
    response=RecordEventsAnswer,
    statuses={200: "Events, newest first."},
    own_errors=(RecordNotFoundError,),
)

PROCESS = Route(
    "POST",
    "/billing/{recordId}/process",
    Scope.BILLING_WRITE,
    "Charge a billing record now, also a failed one",
    request=EmptyRequest,
    response=ProcessAnswer,
    statuses={200: "How it ended; too little money is an outcome, not an error."},
    own_errors=(RecordNotFoundError,),
)

ROUTES = (CHARGE, LIST, LIST_OF_USER, READ, LIST_EVENTS, PROCESS)
