"""What is answered about usage events: one with what bills it, or the results of a batch."""

from typing import Literal

from pydantic import ConfigDict, Field

from billing.domain.usage import ADJUSTMENTS_MAX, Adjustment
from billing.edge.api.shared import (
    DecisionAnswer,
    RecordAnswer,
    UsageEventAnswer,
    entry_id_of,
    show_decision,
    show_event,
    show_record_in_short,
    show_units,
)
from billing.edge.http.fields import ShownUnits
from billing.edge.http.schema import AnswerSchema, Problem, is_none
from billing.services.read_usage import BilledEvent


class AdjustmentAnswer(DecisionAnswer):
    """Who let an event count for other units, when and why."""

    units_before: ShownUnits
    units_after: ShownUnits
    record_id: str = Field(description="The billing record that bills the difference, or will.")


class BilledEventAnswer(UsageEventAnswer):
    """A recorded event with what bills it, null until the billing run has made it."""

    model_config = ConfigDict(json_schema_extra=None)

    record: RecordAnswer | None
    entry_id: str | None = Field(description="The ledger entry that paid for it.")
    adjustments: list[AdjustmentAnswer] = Field(
        description=f"What was decided about its units since, oldest first, at most "
        f"{ADJUSTMENTS_MAX}."
    )


class UsageResultAnswer(AnswerSchema):
    """What became of one event of a batch."""

    status: Literal["accepted", "duplicate", "conflict", "rejected"]
    event: UsageEventAnswer | None = Field(
        default=None,
        exclude_if=is_none,
        description="The event as recorded, where it was accepted or a duplicate.",
    )
    problem: Problem | None = Field(
        default=None,
        exclude_if=is_none,
        description="Why not, where it was in conflict or rejected.",
    )


class UsageBatchAnswer(AnswerSchema):
    """One result per event, in the order of the events."""

    results: list[UsageResultAnswer]


def show_billed_event(billed: BilledEvent) -> BilledEventAnswer:
    """Show an event with the record and the entry that bill it, and its adjustments."""
    shown = show_event(billed.event, billed_at=billed.billed_at)
    return BilledEventAnswer(
        **dict(shown),
        record=None if billed.record is None else show_record_in_short(billed.record),
        entry_id=entry_id_of(billed.record),
        adjustments=[_adjustment(made) for made in billed.event.adjustments],
    )


def _adjustment(made: Adjustment) -> AdjustmentAnswer:
    return AdjustmentAnswer(
        **dict(show_decision(made.decision)),
        units_before=show_units(made.units_before),
        units_after=show_units(made.units_after),
        record_id=str(made.record_id),
    )
