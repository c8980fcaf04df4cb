"""Usage events: recorded, one or a batch, shown, and adjusted."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.errors import (
    CustomerNotFoundError,
    EventConflictError,
    EventNotFoundError,
    LimitReachedError,
    ProductArchivedError,
    ProductNotFoundError,
    RecordVoidError,
)
from billing.domain.money import ZERO
from billing.domain.usage import UsageClaim
from billing.edge.api import usage_answers
from billing.edge.api.shared import UsageEventAnswer, show_event
from billing.edge.api.usage_answers import (
    BilledEventAnswer,
    UsageBatchAnswer,
    UsageResultAnswer,
)
from billing.edge.http.errors import InvalidRequestError
from billing.edge.http.fields import EventId, Id, Instant, Name, Units
from billing.edge.http.problems import problem_of
from billing.edge.http.routes import Route
from billing.edge.http.schema import Schema, example
from billing.edge.http.validation import validate
from billing.services.adjust_usage import AdjustmentRequest
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


class VoidUsageQuery(Schema):
    """Why an event is void."""

    reason: Name | None = Field(default=None, description="Why, for whoever reads it later.")

    def target(self, customer_id: str, event_id: str, *, by: str) -> AdjustmentRequest:
        """Return what is asked for: no units at all."""
        return AdjustmentRequest(customer_id, event_id, ZERO, by, self.reason)


class CorrectionRequest(Schema):
    """How many units an event should have had, and why; 0 voids it."""

    model_config = ConfigDict(json_schema_extra=example(units=25, reason="Counted twice"))

    units: Units = Field(
        description="What the event shall count for, as a number or a decimal string: units that "
        "it could have been recorded with, or 0."
    )
    reason: Name | None = None

    def target(self, customer_id: str, event_id: str, *, by: str) -> AdjustmentRequest:
        """Return what is asked for."""
        return AdjustmentRequest(customer_id, event_id, self.units, by, self.reason)


show_billed_event = usage_answers.show_billed_event


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


_ADJUSTING_ERRORS = (
    CustomerNotFoundError,
    EventNotFoundError,
    LimitReachedError,
    RecordVoidError,
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

VOID = Route(
    "DELETE",
    "/billing/usage/{customerId}/{eventId}",
    Scope.BILLING_WRITE,
    "Void a usage event, before it is billed or after",
    operation_id="voidUsage",
    query=VoidUsageQuery,
    response=BilledEventAnswer,
    statuses={200: "The event, which counts for nothing, now or from before."},
    own_errors=_ADJUSTING_ERRORS,
)

CORRECT = Route(
    "PATCH",
    "/billing/usage/{customerId}/{eventId}",
    Scope.BILLING_WRITE,
    "Correct the units of a usage event, before it is billed or after",
    operation_id="correctUsage",
    request=CorrectionRequest,
    response=BilledEventAnswer,
    statuses={200: "The event, which counts for these units, now or from before."},
    own_errors=_ADJUSTING_ERRORS,
)

ROUTES = (RECORD, RECORD_BATCH, READ, VOID, CORRECT)
