"""Adjusting usage: an event counts for other units than it was recorded with, or for none.

Nothing is taken out of what was recorded or billed. What an event has too many or too few becomes a
row of its own, on the tab that is open now, at the event's own price and in its own month; so it is
billed like usage, and an amount below 0 gives the money back.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from billing.domain.errors import LimitReachedError, RecordVoidError
from billing.domain.money import subtract, trimmed
from billing.domain.pricing import Product
from billing.domain.rating import check_cost
from billing.domain.records import BillingRecord, Decision, RecordId, RecordStatus
from billing.domain.usage import (
    ADJUSTMENT_SEPARATOR,
    ADJUSTMENTS_MAX,
    Adjustment,
    UsageEvent,
    check_units,
)


@dataclass(frozen=True, slots=True)
class Adjusted:
    """An event after an adjustment, and the row that carries the difference.

    `takes_apart` is the record that is taken back event by event from then on, and not as a whole
    besides; None where there is none that could be.
    """

    event: UsageEvent
    difference: UsageEvent
    takes_apart: RecordId | None


def check_target(units: Decimal, event: UsageEvent, product: Product) -> None:
    """Refuse units that the event could not have been recorded with, naming the field.

    None at all are what an event counts for that is void.
    """
    if units == 0:
        return
    check_units(units, product)
    check_cost(units, product.price_of(event.price_version))


def check_adjustable(event: UsageEvent, *records: BillingRecord | None) -> None:
    """Refuse an event that has been adjusted too often, or of whose records one is void.

    Raises LimitReachedError and RecordVoidError.
    """
    if len(event.adjustments) >= ADJUSTMENTS_MAX:
        raise LimitReachedError(f"A usage event is adjusted at most {ADJUSTMENTS_MAX} times")
    for record in records:
        if record is not None and record.status is RecordStatus.VOID:
            raise RecordVoidError(str(record.id))


def adjust(
    event: UsageEvent,
    units: Decimal,
    record_id: RecordId,
    decision: Decision,
    last: BillingRecord | None,
) -> Adjusted:
    """Let an event count for some units from now on; a record bills the difference.

    `last` is the record that bills the youngest row of the event, None until it is settled.
    """
    before, after = event.present_units, trimmed(units)
    adjustment = Adjustment(before, after, record_id, decision)
    adjusted = replace(event, adjustments=(*event.adjustments, adjustment))
    difference = UsageEvent(
        customer_id=event.customer_id,
        event_id=f"{event.event_id}{ADJUSTMENT_SEPARATOR}{len(adjusted.adjustments)}",
        product_id=event.product_id,
        units=trimmed(subtract(after, before)),
        unit_price_cents=event.unit_price_cents,
        price_version=event.price_version,
        occurred_at=event.occurred_at,
        recorded_at=decision.at,
        record_id=record_id,
    )
    return Adjusted(adjusted, difference, _taken_apart(event, record_id, last))


def _taken_apart(
    event: UsageEvent, record_id: RecordId, last: BillingRecord | None
) -> RecordId | None:
    """Name the record that could be void without the row that the adjustment makes.

    The records of older rows were named when those were followed. What is paid is never void.
    """
    is_paid = last is not None and last.status is RecordStatus.PAID
    last_id = event.last_record_id
    return None if is_paid or last_id == record_id else last_id
