"""Usage events: what is recorded, one or a batch, and what is shown of one."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.errors import (
    CustomerNotFoundError,
    EventConflictError,
    EventNotFoundError,
    LimitReachedError,
    ProductArchivedError,
    ProductNotFoundError,
)
from billing.domain.usage import UsageClaim
from billing.edge.api.shared import (
    RecordAnswer,
    UsageEventAnswer,
    entry_id_of,
    show_event,
    show_record_in_short,
)
from billing.edge.http.errors import InvalidRequestError
from billing.edge.http.fields import EventId, Id, Instant, Units
from billing.edge.http.problems import problem_of
from billing.edge.http.routes import Route
from billing.edge.http.schema import AnswerSchema, Problem, Schema, example, is_none
from billing.edge.http.validation import validate
from billing.services.read_usage import BilledEvent
from billing.services.record_usage import BATCH_EVENTS_MAX, Recorded, Refused, UsageResult

# Of each of a thousand events, so that the answer stays within what Lambda may answer.
ERRORS_OF_EVENT_SHOWN_MAX = 10


class UsageRequest(Schema):
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
        default=None, description="When it happened; the time of the request when left out."
    )

    def claim(self, new_id: Callable[[], str]) -> UsageClaim:
        """Return the claim that this request makes; an event without a name is given a new one."""
        return UsageClaim(
            customer_id=self.customer_id,
            event_id=self.id or new_id(),
            product_id=self.product_id,
            units=self.units,
            occurred_at=self.occurred_at,
        )


class UsageBatchRequest(Schema):
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

    def read(self, new_id: Callable[[], str]) -> list[UsageClaim | Refused]:
        """Read each event on its own; one that is malformed is refused already."""
        return [_read(event, new_id) for event in self.events]


def _read(event: object, new_id: Callable[[], str]) -> UsageClaim | Refused:
    try:
        read = validate(UsageRequest, event, errors_shown_max=ERRORS_OF_EVENT_SHOWN_MAX)
        return read.claim(new_id)
    except InvalidRequestError as error:
        return Refused(error)


def claims_of(batch: Iterable[UsageClaim | Refused]) -> list[UsageClaim]:
    """List what is left to record of a batch that was read."""
    return [each for each in batch if isinstance(each, UsageClaim)]


class BilledEventAnswer(UsageEventAnswer):
    """A recorded event with what bills it, null until the billing run has made it."""

    model_config = ConfigDict(json_schema_extra=None)

    record: RecordAnswer | None
    entry_id: str | None = Field(description="The ledger entry that paid for it.")


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
    """Show an event with the record and the entry that bill it."""
    shown = show_event(billed.event, billed_at=billed.billed_at)
    return BilledEventAnswer(
        **dict(shown),
        record=None if billed.record is None else show_record_in_short(billed.record),
        entry_id=entry_id_of(billed.record),
    )


def show_recorded(result: UsageResult) -> UsageEventAnswer:
    """Show an event that was recorded by itself; raises the error that kept it out."""
    if isinstance(result, Refused):
        raise result.error
    return show_event(result.event)


def show_batch(
    batch: Iterable[UsageClaim | Refused], recorded: Iterable[UsageResult]
) -> UsageBatchAnswer:
    """Show what became of a batch: the results of its claims, in their places among the others."""
    of_claims = iter(recorded)
    results = [next(of_claims) if isinstance(each, UsageClaim) else each for each in batch]
    return UsageBatchAnswer(
        results=[
            _result(result, prefix=f"events.{position}.") for position, result in enumerate(results)
        ]
    )


def _result(result: UsageResult, *, prefix: str) -> UsageResultAnswer:
    return UsageResultAnswer(
        status=result.outcome.value,
        event=show_event(result.event) if isinstance(result, Recorded) else None,
        problem=problem_of(result.error, prefix=prefix) if isinstance(result, Refused) else None,
    )


RECORD = Route(
    "POST",
    "/billing/usage",
    Scope.USAGE_WRITE,
    "Record one usage event",
    operation_id="recordUsage",
    request=UsageRequest,
    response=UsageEventAnswer,
    statuses={201: "Recorded.", 200: "Recorded before with the same content; the first event."},
    own_errors=(
        CustomerNotFoundError,
        ProductNotFoundError,
        ProductArchivedError,
        EventConflictError,
        LimitReachedError,
    ),
)

RECORD_BATCH = Route(
    "POST",
    "/billing/usage/batch",
    Scope.USAGE_WRITE,
    "Record up to 1,000 usage events",
    operation_id="recordUsageBatch",
    request=UsageBatchRequest,
    response=UsageBatchAnswer,
    statuses={200: "One result per event, in the same order."},
)

READ = Route(
    "GET",
    "/billing/usage/{customerId}/{eventId}",
    Scope.BILLING_READ,
    "Read one usage event and what bills it",
    operation_id="getUsageEvent",
    response=BilledEventAnswer,
    statuses={200: "The event."},
    own_errors=(CustomerNotFoundError, EventNotFoundError),
)

ROUTES = (RECORD, RECORD_BATCH, READ)
