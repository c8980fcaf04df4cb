"""What several resources take and show."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from pydantic import ConfigDict, Field

from billing.domain.ledger import entry_id
from billing.domain.logfiles import LineCounts
from billing.domain.money import MAX_CENTS, to_plain
from billing.domain.records import Attempt, AttemptOutcome, BillingRecord, Decision, RecordStatus
from billing.domain.times import optional_text, to_text
from billing.domain.usage import UsageEvent
from billing.edge.http.errors import InvalidRequestError
from billing.edge.http.fields import Cents, MajorUnits, ShownDecimal, ShownInstant, ShownUnits
from billing.edge.http.schema import AnswerSchema, Schema, example, is_none

if TYPE_CHECKING:
    from billing.services.credit_wallet import CreditReceipt


class AmountBody(Schema):
    """An amount, either in major units or in cents."""

    amount: MajorUnits | None = None
    amount_cents: Annotated[int, Field(ge=1, le=MAX_CENTS)] | None = None

    @property
    def cents(self) -> int:
        """The amount in cents; raises InvalidRequestError unless it is given once."""
        given = [cents for cents in (self.amount, self.amount_cents) if cents is not None]
        if len(given) != 1:
            raise InvalidRequestError.of_field("amount", "give either amount or amountCents")
        return given[0]


class UsageEventAnswer(AnswerSchema):
    """A recorded event, at the price that was in force when it occurred."""

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
    unit_price_cents: ShownDecimal | None = Field(
        description="Null where the price counts by the month, so that its record tells the amount."
    )
    occurred_at: ShownInstant
    created_at: ShownInstant
    record_id: str = Field(description="The billing record that bills it, or will.")
    billed_at: ShownInstant | None = Field(description="When it was paid, null until then.")
    present_units: ShownUnits | None = Field(
        default=None,
        exclude_if=is_none,
        description="What counts now, where the event was adjusted; `units` stay as recorded.",
    )
    adjusts: str | None = Field(
        default=None,
        exclude_if=is_none,
        description="Of a row that carries the difference of an adjustment, the id of the event; "
        "its units may be below 0.",
    )


class DecisionAnswer(AnswerSchema):
    """Who took something back, when and why."""

    at: ShownInstant
    by: str = Field(description="The id of the API key.")
    reason: str | None


class RecordAnswer(AnswerSchema):
    """A billing record in short."""

    id: str
    status: RecordStatus
    amount_cents: Cents
    paid_at: ShownInstant | None


class AttemptAnswer(AnswerSchema):
    """One attempt to charge; `number` is null where it was made by hand or money arrived."""

    number: int | None
    at: ShownInstant
    outcome: AttemptOutcome
    balance_cents: Cents


class CreditAnswer(AnswerSchema):
    """The entry that a credit made, and the balance right after it."""

    model_config = ConfigDict(json_schema_extra=example(entryId="acme~1", balanceCents=5000))

    entry_id: str
    balance_cents: Cents


def show_event(event: UsageEvent, *, billed_at: datetime | None = None) -> UsageEventAnswer:
    """Show an event."""
    return UsageEventAnswer(
        id=event.event_id,
        customer_id=event.customer_id,
        product_id=event.product_id,
        units=show_units(event.units),
        unit_price_cents=None
        if event.unit_price_cents is None
        else to_plain(event.unit_price_cents),
        occurred_at=to_text(event.occurred_at),
        created_at=to_text(event.recorded_at),
        record_id=str(event.record_id),
        billed_at=optional_text(billed_at),
        present_units=show_units(event.present_units) if event.adjustments else None,
        adjusts=event.adjusts,
    )


def show_record_in_short(record: BillingRecord) -> RecordAnswer:
    """Show a billing record without its lines and attempts."""
    return RecordAnswer(
        id=str(record.id),
        status=record.status,
        amount_cents=record.amount_cents,
        paid_at=optional_text(record.paid_at),
    )


def show_attempt(attempt: Attempt) -> AttemptAnswer:
    """Show an attempt to charge."""
    return AttemptAnswer(
        number=attempt.number,
        at=to_text(attempt.at),
        outcome=attempt.outcome,
        balance_cents=attempt.balance_cents,
    )


def show_receipt(receipt: "CreditReceipt") -> CreditAnswer:
    """Show what a credit did."""
    return CreditAnswer(entry_id=receipt.entry_id, balance_cents=receipt.balance_cents)


def show_units(units: Decimal) -> int | str:
    """Show a quantity, as an integer where it is whole."""
    return int(units) if units == units.to_integral_value() else to_plain(units)


def entry_id_of(record: BillingRecord | None) -> str | None:
    """Name the ledger entry that paid a record, once there is one."""
    if record is None or record.entry_seq is None:
        return None
    return entry_id(record.id.customer_id, record.entry_seq)


def counts_of(counts: LineCounts) -> dict[str, int]:
    """Show what became of lines, as fields of an answer."""
    return {
        "lines": counts.lines,
        "accepted": counts.accepted,
        "duplicate": counts.duplicate,
        "conflict": counts.conflict,
        "rejected": counts.rejected,
    }


def show_decision(decision: Decision) -> DecisionAnswer:
    """Show who decided something."""
    return DecisionAnswer(at=to_text(decision.at), by=decision.by, reason=decision.reason)
