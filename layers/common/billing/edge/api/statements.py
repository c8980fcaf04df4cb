"""Statements: a month of a customer as JSON, as a table and as a page."""

from billing.domain.api_keys import Scope
from billing.domain.errors import ClosingBehindError, CustomerNotFoundError
from billing.edge.api.statement_answers import StatementAnswer, show_statement
from billing.edge.api.statement_page import write_page
from billing.edge.api.statement_table import write_table
from billing.edge.http.representations import CSV, HTML
from billing.edge.http.routes import Route

show = show_statement

READ = Route(
    "GET",
    "/billing/statements/{customerId}/{month}",
    Scope.BILLING_READ,
    "Read the statement of a customer's month",
    "getStatement",
    response=StatementAnswer,
    statuses={200: "The statement; one that is open goes as far as the ledger."},
    own_errors=(CustomerNotFoundError, ClosingBehindError),
    writers={HTML: write_page, CSV: write_table},
)

ROUTES = (READ,)
