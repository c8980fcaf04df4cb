"""Manage customers, and who may call."""

import os

from billing.edge.api import keys, users
from billing.edge.composition import open_container
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler
from billing.edge.http.schema import EmptyRequest, PageQuery
from billing.services.api_keys import list_api_keys, revoke_api_key
from billing.services.manage_customers import (
    activate_customer,
    change_customer,
    create_customer,
    delete_customer,
    get_customer,
    list_customers,
    suspend_customer,
)

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "LEDGER_TABLE", "DUNNING_STATE_MACHINE_ARN", "RETRY_SCHEDULE_SECONDS"},
    loads={"storage.api_keys", "storage.postings"},
)


def post_user(request: Request) -> Answer:
    """Make a customer."""
    wanted = request.body(users.CustomerRequest)
    customer = create_customer(
        wanted.id or CONTAINER.new_id(),
        wanted.terms,
        stores=CONTAINER.open_stores(request.context),
        clock=CONTAINER.clock,
    )
    return Answer.of(201, users.show_customer(customer))


def list_all(request: Request) -> Answer:
    """List customers."""
    query = request.query(users.CustomerListQuery)
    customers = list_customers(
        limit=query.limit,
        cursor=query.cursor,
        search=query.search,
        stores=CONTAINER.open_stores(request.context),
    )
    return Answer.of(200, users.show_customers(customers))


def get_one(request: Request) -> Answer:
    """Show a customer."""
    customer_id = request.id("userId")
    customer = get_customer(customer_id, stores=CONTAINER.open_stores(request.context))
    return Answer.of(200, users.show_customer(customer))


def patch_user(request: Request) -> Answer:
    """Change a customer's terms."""
    customer_id, wanted = request.id("userId"), request.body(users.CustomerChange)
    dunning = CONTAINER.dunning(request.context)
    customer = change_customer(customer_id, wanted.applied_to, dunning=dunning)
    return Answer.of(200, users.show_customer(customer))


def delete_user(request: Request) -> Answer:
    """Delete a customer."""
    customer_id = request.id("userId")
    stores = CONTAINER.open_stores(request.context)
    delete_customer(customer_id, stores=stores, clock=CONTAINER.clock)
    return Answer.empty()


def post_suspend(request: Request) -> Answer:
    """Suspend a customer by an operator's word."""
    customer_id = request.id("userId")
    request.body(EmptyRequest, optional=True)
    stores = CONTAINER.open_stores(request.context)
    customer = suspend_customer(customer_id, stores=stores, clock=CONTAINER.clock)
    return Answer.of(200, users.show_customer(customer))


def post_activate(request: Request) -> Answer:
    """Lift a suspension."""
    customer_id = request.id("userId")
    request.body(EmptyRequest, optional=True)
    customer = activate_customer(customer_id, dunning=CONTAINER.dunning(request.context))
    return Answer.of(200, users.show_customer(customer))


def list_keys(request: Request) -> Answer:
    """List API keys."""
    query = request.query(PageQuery)
    stores = CONTAINER.open_stores(request.context)
    page = list_api_keys(limit=query.limit, cursor=query.cursor, stores=stores)
    return Answer.of(200, keys.show_keys(page))


def post_revoke_key(request: Request) -> Answer:
    """Revoke an API key."""
    key_id = request.id("keyId")
    request.body(EmptyRequest, optional=True)
    stores = CONTAINER.open_stores(request.context)
    revoked = revoke_api_key(key_id, by=request.key_id, stores=stores, clock=CONTAINER.clock)
    return Answer.of(200, keys.show_key(revoked))


handler = http_handler(
    {
        users.CREATE: post_user,
        users.LIST: list_all,
        users.READ: get_one,
        users.CHANGE: patch_user,
        users.DELETE: delete_user,
        users.SUSPEND: post_suspend,
        users.ACTIVATE: post_activate,
        keys.LIST: list_keys,
        keys.REVOKE: post_revoke_key,
    }
)
