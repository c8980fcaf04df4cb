"""Record usage events, one or a batch, and show one."""

import os

from billing.domain.errors import InvalidInputError
from billing.domain.usage import UsageClaim
from billing.edge.composition import open_container
from billing.edge.http.handler import Answer, Request, http_handler
from billing.edge.http.validation import validate
from billing.edge.schemas import UsageBatchAnswer, UsageBatchRequest, UsageRequest
from billing.edge.views import show_billed_event, show_event, show_result
from billing.services.read_usage import get_usage_event
from billing.services.record_usage import Outcome, UsageResult, record_usage
from billing.storage.stores import Stores

CONTAINER = open_container(os.environ)


def post_usage(request: Request) -> Answer:
    """Record one event."""
    claim = request.body(UsageRequest).claim(CONTAINER.new_id())
    [result] = _record([claim], CONTAINER.open_stores(request.context))
    if result.event is None:
        raise result.error or AssertionError("a result has an event or an error")
    status = 201 if result.outcome is Outcome.ACCEPTED else 200
    return Answer.of(status, show_event(result.event))


def post_usage_batch(request: Request) -> Answer:
    """Record up to 1,000 events; each ends on its own."""
    events = request.body(UsageBatchRequest).events
    read = [_read(event) for event in events]
    claims = [claim for claim in read if isinstance(claim, UsageClaim)]
    recorded = iter(_record(claims, CONTAINER.open_stores(request.context)))
    results = [next(recorded) if isinstance(item, UsageClaim) else item for item in read]
    shown = [
        show_result(result, prefix=f"events.{position}.") for position, result in enumerate(results)
    ]
    return Answer.of(200, UsageBatchAnswer(results=shown))


def get_usage(request: Request) -> Answer:
    """Show one event with what bills it."""
    customer_id, event_id = request.id("customerId"), request.event_id("eventId")
    stores = CONTAINER.open_stores(request.context)
    return Answer.of(200, show_billed_event(get_usage_event(customer_id, event_id, stores=stores)))


def _read(event: object) -> UsageClaim | UsageResult:
    """Read one event of a batch; one that is malformed is a result already."""
    try:
        return validate(UsageRequest, event).claim(CONTAINER.new_id())
    except InvalidInputError as error:
        return UsageResult(Outcome.REJECTED, error=error)


def _record(claims: list[UsageClaim], stores: Stores) -> list[UsageResult]:
    return record_usage(
        claims,
        stores=stores,
        catalogue=CONTAINER.catalogue,
        tab_numbers=CONTAINER.tab_numbers,
        clock=CONTAINER.clock,
    )


handler = http_handler(
    "usage",
    {
        "POST /billing/usage": post_usage,
        "POST /billing/usage/batch": post_usage_batch,
        "GET /billing/usage/{customerId}/{eventId}": get_usage,
    },
)
