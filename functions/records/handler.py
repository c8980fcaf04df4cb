"""Raise charges, and show, charge and take back billing records."""

import os

from billing.edge.api import records
from billing.edge.composition import open_container
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler
from billing.edge.http.schema import EmptyRequest, PageQuery
from billing.services.explain_record import explain_record
from billing.services.manage_records import ChargeRequest, process_record, raise_charge
from billing.services.read_records import get_record, list_records, list_records_of
from billing.services.read_usage import list_record_events
from billing.services.reverse_records import RefundRequest, refund_record, void_record

CONTAINER = open_container(
    os.environ,
    reads={
        "ACCOUNTS_TABLE",
        "LEDGER_TABLE",
        "USAGE_TABLE",
        "DUNNING_STATE_MACHINE_ARN",
        "RETRY_SCHEDULE_SECONDS",
    },
    loads={"storage.products"},
)


def post_charge(request: Request) -> Answer:
    """Raise a charge by hand and try it at once."""
    wanted = request.body(records.ChargeBody)
    charge = ChargeRequest(
        customer_id=wanted.user_id,
        amount_cents=wanted.cents,
        description=wanted.description,
        idempotency_key=request.optional_idempotency_key(),
    )
    raised = raise_charge(
        charge, name=CONTAINER.new_id(), dunning=CONTAINER.dunning(request.context)
    )
    return Answer.created(records.show_record(raised.record), replayed=raised.replayed)


def list_all(request: Request) -> Answer:
    """List the records of all customers."""
    query = request.query(records.RecordListQuery)
    listed = list_records(
        limit=query.limit,
        cursor=query.cursor,
        status=query.wanted_status,
        stores=CONTAINER.open_stores(request.context),
    )
    return Answer.of(200, records.show_records(listed))


def list_of_user(request: Request) -> Answer:
    """List the records of one customer."""
    customer_id, page = request.id("userId"), request.query(PageQuery)
    stores = CONTAINER.open_stores(request.context)
    listed = list_records_of(customer_id, limit=page.limit, cursor=page.cursor, stores=stores)
    return Answer.of(200, records.show_records(listed))


def get_one(request: Request) -> Answer:
    """Show a record."""
    stores = CONTAINER.open_stores(request.context)
    record = get_record(request.text("recordId"), stores=stores)
    return Answer.of(200, records.show_record(record, explain_record(record, stores=stores)))


def list_events(request: Request) -> Answer:
    """List the usage events behind a record."""
    page = request.query(PageQuery)
    stores = CONTAINER.open_stores(request.context)
    record = get_record(request.text("recordId"), stores=stores)
    events = list_record_events(record, limit=page.limit, cursor=page.cursor, stores=stores)
    return Answer.of(200, records.show_record_events(events, record))


def post_process(request: Request) -> Answer:
    """Charge a record now."""
    request.body(EmptyRequest, optional=True)
    processed = process_record(request.text("recordId"), dunning=CONTAINER.dunning(request.context))
    return Answer.of(200, records.show_processed(processed))


def post_void(request: Request) -> Answer:
    """Take back a record that is not paid."""
    wanted = request.body(records.VoidBody, optional=True)
    record = void_record(
        request.text("recordId"),
        by=request.key_id,
        reason=wanted.reason,
        dunning=CONTAINER.dunning(request.context),
    )
    return Answer.of(200, records.show_record(record))


def post_refund(request: Request) -> Answer:
    """Give back a paid record, or a part of it."""
    wanted = request.body(records.RefundBody, optional=True)
    refund = RefundRequest(
        record_id=request.text("recordId"),
        amount_cents=wanted.amount_cents,
        reason=wanted.reason,
        by=request.key_id,
        idempotency_key=request.idempotency_key(),
    )
    receipt = refund_record(refund, dunning=CONTAINER.dunning(request.context))
    return Answer.created(records.show_refund(receipt), replayed=receipt.replayed)


handler = http_handler(
    {
        records.CHARGE: post_charge,
        records.LIST: list_all,
        records.LIST_OF_USER: list_of_user,
        records.READ: get_one,
        records.LIST_EVENTS: list_events,
        records.PROCESS: post_process,
        records.VOID: post_void,
        records.REFUND: post_refund,
    }
)
