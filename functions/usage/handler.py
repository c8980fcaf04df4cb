"""Record usage events, one or a batch, and show, void or correct one."""

import os

from billing.edge.api import usage
from billing.edge.composition import open_container
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler
from billing.services.read_usage import get_usage_event
from billing.services.record_usage import Outcome

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "USAGE_TABLE", "BILLING_INTERVAL_SECONDS"},
    loads={"storage.products", "storage.records"},
)


def post_usage(request: Request) -> Answer:
    """Record one event."""
    claim = request.body(usage.UsageRequest).claim(CONTAINER.new_id)
    [result] = CONTAINER.recorder(request.context).record([claim])
    status = 201 if result.outcome is Outcome.ACCEPTED else 200
    return Answer.of(status, usage.show_recorded(result))


def post_usage_batch(request: Request) -> Answer:
    """Record up to 1,000 events; each ends on its own."""
    batch = request.body(usage.UsageBatchRequest).read(CONTAINER.new_id)
    recorded = CONTAINER.recorder(request.context).record(usage.claims_of(batch))
    return Answer.of(200, usage.show_batch(batch, recorded))


def get_usage(request: Request) -> Answer:
    """Show one event with what bills it."""
    customer_id, event_id = request.id("customerId"), request.event_id("eventId")
    stores = CONTAINER.open_stores(request.context)
    return Answer.of(
        200, usage.show_billed_event(get_usage_event(customer_id, event_id, stores=stores))
    )


def delete_usage(request: Request) -> Answer:
    """Void one event."""
    return _adjust(request, request.query(usage.VoidUsageQuery))


def patch_usage(request: Request) -> Answer:
    """Correct the units of one event."""
    return _adjust(request, request.body(usage.CorrectionRequest))


def _adjust(request: Request, wanted: usage.VoidUsageQuery | usage.CorrectionRequest) -> Answer:
    customer_id, event_id = request.id("customerId"), request.event_id("eventId")
    target = wanted.target(customer_id, event_id, by=request.key_id)
    adjusted = CONTAINER.usage_adjuster(request.context).adjust(target)
    return Answer.of(200, usage.show_billed_event(adjusted))


handler = http_handler(
    {
        usage.RECORD: post_usage,
        usage.RECORD_BATCH: post_usage_batch,
        usage.READ: get_usage,
        usage.VOID: delete_usage,
        usage.CORRECT: patch_usage,
    }
)
