"""A billing record in full, as every route shows it that does something to one."""

from collections.abc import Iterable

from pydantic import Field

from billing.domain.ledger import entry_id
from billing.domain.money import to_plain
from billing.domain.price_models import Part
from billing.domain.records import BilledLine, BillingRecord, Refund
from billing.domain.tabs import LineKey
from billing.domain.times import optional_text, to_text
from billing.edge.api.prices import PartAnswer, show_parts
from billing.edge.api.shared import (
    AttemptAnswer,
    DecisionAnswer,
    RecordAnswer,
    entry_id_of,
    show_attempt,
    show_decision,
    show_record_in_short,
    show_units,
)
from billing.edge.http.fields import Cents, ShownDecimal, ShownInstant, ShownUnits
from billing.edge.http.schema import AnswerSchema, is_none
from billing.services.explain_record import PARTS_MAX, Explanations
from billing.services.manage_records import Processed, ProcessOutcome


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


class RefundedAnswer(DecisionAnswer):
    """A part of a record that was given back."""

    entry_id: str = Field(description="The ledger entry that gave it back.")
    amount_cents: Cents


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
    retry_schedule: list[int] = Field(
        description="Seconds to each retry of the dunning that it leads or led last."
    )
    next_attempt_at: ShownInstant | None
    voided: DecisionAnswer | None = Field(description="Who took it back before it was paid.")
    refunded_cents: Cents = Field(description="How much of it was given back.")
    refunds: list[RefundedAnswer]


def show_record_in_full(
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
        retry_schedule=list(record.retry_schedule_seconds),
        next_attempt_at=optional_text(record.next_attempt_at),
        voided=None if record.voided is None else show_decision(record.voided),
        refunded_cents=record.refunded_cents,
        refunds=[_refund(record, refund) for refund in record.refunds],
    )


def _refund(record: BillingRecord, refund: Refund) -> RefundedAnswer:
    return RefundedAnswer(
        **dict(show_decision(refund.decision)),
        entry_id=entry_id(record.id.customer_id, refund.entry_seq),
        amount_cents=refund.amount_cents,
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


class ProcessAnswer(AnswerSchema):
    """How charging a record now ended."""

    outcome: ProcessOutcome
    balance_cents: Cents = Field(description="The balance after it.")
    record: RecordDetailAnswer


def show_charged_now(processed: Processed) -> ProcessAnswer:
    """Show how charging a record by hand ended."""
    return ProcessAnswer(
        outcome=processed.outcome,
        balance_cents=processed.balance_cents,
        record=show_record_in_full(processed.record),
    )
