"""Show what customers were billed: a month of one, or day by day of one or all."""

import os

from billing.edge.api import series, statements
from billing.edge.composition import open_container
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler
from billing.services.read_series import read_reports, read_series
from billing.services.read_statement import read_statement

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "LEDGER_TABLE"},
    loads={
        "storage.accounts",
        "storage.days",
        "storage.ledger",
        "storage.months",
        "storage.products",
        "storage.records",
        "storage.reports",
        "storage.wallets",
    },
)


def get_statement(request: Request) -> Answer:
    """Show a month of a customer."""
    customer_id, month = request.id("customerId"), request.month("month")
    stores = CONTAINER.open_stores(request.context)
    view = read_statement(customer_id, month, now=CONTAINER.clock(), stores=stores)
    return Answer.of(200, statements.show(view))


def get_series(request: Request) -> Answer:
    """Show what was billed of a customer's usage, day by day."""
    wanted = request.query(series.SeriesQuery)
    stores = CONTAINER.open_stores(request.context)
    days = read_series(wanted.customer_id, wanted.first, wanted.last, stores=stores)
    return Answer.of(200, series.show_series(days))


def get_reports(request: Request) -> Answer:
    """Show what all customers were billed, day by day."""
    wanted = request.query(series.ReportQuery)
    stores = CONTAINER.open_stores(request.context)
    return Answer.of(
        200, series.show_reports(read_reports(wanted.first, wanted.last, stores=stores))
    )


handler = http_handler(
    {
        statements.READ: get_statement,
        series.READ: get_series,
        series.READ_REPORTS: get_reports,
    }
)
