"""Raise charges, and show and charge billing records."""

import os

from billing.edge.composition import open_container
from billing.edge.http.handler import Answer, Request, http_handler
from billing.edge.schemas import ChargeBody, EmptyRequest, PageQuery
from billing.edge.views import show_processed, show_record, show_record_events, show_records
from billing.services.manage_records import (
    ChargeRequest,
    get_record,
    list_records,
    list_records_of,
    process_record,
    raise_charge,
)
from billing.services.read_usage import list_record_events

CONTAINER = open_container(os.environ)


def post_charge(request: Request) -> Answer:
    """Raise a charge by hand and try it at once."""
    wanted = request.body(ChargeBody)
    charge = ChargeRequest(
        customer_id=wanted.user_id,
        amount_cents=wanted.cents,
        description=wanted.description,
        idempotency_key=request.optional_idempotency_key(),
    )
    stores = CONTAINER.open_stores(request.context)
    raised = raise_charge(
        charge,
        stores=stores,
        clock=CONTAINER.clock,
        new_id=CONTAINER.new_id,
        dunning=CONTAINER.dunning(stores),
    )
    headers = {"Idempotent-Replayed": "true"} if raised.replayed else {}
    return Answer.of(201, show_record(raised.record), headers=headers)


def list_all(request: Request) -> Answer:
    """List the records of all customers."""
    page = request.query(PageQuery)
    stores = CONTAINER.open_stores(request.context)
    records = list_records(limit=page.limit, cursor=page.cursor, stores=stores)
    return Answer.of(200, show_records(records))


def list_of_user(request: Request) -> Answer:
    """List the records of one customer."""
    customer_id, page = request.id("userId"), request.query(PageQuery)
    stores = CONTAINER.open_stores(request.context)
    records = list_records_of(customer_id, limit=page.limit, cursor=page.cursor, stores=stores)
    return Answer.of(200, show_records(records))


def get_one(request: Request) -> Answer:
    """Show a record."""
    record = get_record(request.text("recordId"), stores=CONTAINER.open_stores(request.context))
    return Answer.of(200, show_record(record))


def list_events(request: Request) -> Answer:
    """List the usage events behind a record."""
    page = request.query(PageQuery)
    stores = CONTAINER.open_stores(request.context)
    record = get_record(request.text("recordId"), stores=stores)
    events = list_record_events(record, limit=page.limit, cursor=page.cursor, stores=stores)
    return Answer.of(200, show_record_events(events, record))


def post_process(request: Request) -> Answer:
    """Charge a record now."""
    request.body(EmptyRequest, optional=True)
    stores = CONTAINER.open_stores(request.context)
    processed = process_record(
        request.text("recordId"),
        stores=stores,
        clock=CONTAINER.clock,
        dunning=CONTAINER.dunning(stores),
    )
    return Answer.of(200, show_processed(processed))


handler = http_handler(
    "records",
    {
        "POST /billing": post_charge,
        "GET /billing": list_all,
        "GET /billing/user/{userId}": list_of_user,
        "GET /billing/{recordId}": get_one,
        "GET /billing/{recordId}/events": list_events,
        "POST /billing/{recordId}/process": post_process,
    },
)
