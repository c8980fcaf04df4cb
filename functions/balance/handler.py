"""Show a customer's balance and ledger, and prove that the ledger adds up."""

import os

from billing.edge.api import balance
from billing.edge.composition import open_container
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler
from billing.edge.http.schema import PageQuery
from billing.services.read_balance import read_balance
from billing.services.read_ledger import list_entries
from billing.services.verify_ledger import verify_ledger

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "LEDGER_TABLE", "USAGE_TABLE"},
    loads={
        "storage.accounts",
        "storage.customers",
        "storage.days",
        "storage.products",
        "storage.records",
        "storage.wallets",
    },
)


def get_balance(request: Request) -> Answer:
    """Show what a customer has, owes and used."""
    customer_id, page = request.id("customerId"), request.query(PageQuery)
    stores = CONTAINER.open_stores(request.context)
    found = read_balance(customer_id, limit=page.limit, cursor=page.cursor, stores=stores)
    return Answer.of(200, balance.show_balance(found))


def get_ledger(request: Request) -> Answer:
    """List ledger entries."""
    customer_id, page = request.id("customerId"), request.query(balance.LedgerQuery)
    stores = CONTAINER.open_stores(request.context)
    entries = list_entries(
        customer_id, limit=page.limit, cursor=page.cursor, as_of=page.as_of, stores=stores
    )
    return Answer.of(200, balance.show_ledger(entries))


def get_proof(request: Request) -> Answer:
    """Verify the ledger, as far as the time of one request goes."""
    customer_id, query = request.id("customerId"), request.query(balance.VerifyQuery)
    stores = CONTAINER.open_stores(request.context)
    proof = verify_ledger(
        customer_id,
        cursor=query.cursor,
        full=query.full,
        stores=stores,
        deadline=stores.deadline,
    )
    return Answer.of(200, balance.show_proof(proof))


handler = http_handler(
    {
        balance.READ: get_balance,
        balance.LIST_LEDGER: get_ledger,
        balance.VERIFY_LEDGER: get_proof,
    }
)
