"""Read the statement of a customer's month, with what explains it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from billing.domain.customers import Customer
from billing.domain.days import month_days
from billing.domain.errors import IntegrityError, InvalidInputError
from billing.domain.ledger import Wallet
from billing.domain.pricing import Product
from billing.domain.statements import PricedMonth, Statement, make_statement
from billing.domain.times import day_of
from billing.services.accounts import read_account
from billing.services.read_days import read_span
from billing.storage.stores import Stores

# Of a month with more products, nobody reads how each of them was priced.
PRODUCTS_EXPLAINED_MAX = 200


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement with its customer and wallet as they are now, when they were read, and the
    products that it tells of: none of them where there are too many.
    """

    statement: Statement
    customer: Customer
    wallet: Wallet
    read_at: datetime
    first: date
    last: date
    products: Mapping[str, Product]
    priced: Sequence[PricedMonth]


def read_statement(customer_id: str, month: str, *, now: datetime, stores: Stores) -> StatementView:
    """Read the statement of a month, `2026-01`, also of a deleted customer.

    A month that is not over, or whose last entries wait for the closing run, is read as far as it
    has come. Raises CustomerNotFoundError, InvalidInputError for a month that has not begun,
    ClosingBehindError and IntegrityError.
    """
    first, last = month_days(month)
    if first > day_of(now):
        raise InvalidInputError.of_field("month", "must not be after the current month")
    customer = read_account(customer_id, stores).customer
    wallet, span = read_span(customer_id, first, last, stores)
    is_closed = wallet.has_closed(last, today=day_of(now))
    statement = make_statement(customer_id, month, span, is_closed=is_closed)
    products, priced = _explained(statement, stores)
    return StatementView(statement, customer, wallet, now, first, last, products, priced)


def _explained(
    statement: Statement, stores: Stores
) -> tuple[Mapping[str, Product], list[PricedMonth]]:
    """Read the products of a statement, and how those were priced that count by the month."""
    counted = stores.months.of_month(statement.customer_id, statement.month)
    in_lines = {line.product_id for line in statement.lines if line.product_id is not None}
    product_ids = in_lines | {line.product_id for line in counted}
    if len(product_ids) > PRODUCTS_EXPLAINED_MAX:
        return {}, []
    products = stores.products.get_many(product_ids)
    if products.keys() != product_ids:
        raise IntegrityError(f"A product is gone that {statement.customer_id} has used")
    priced = [
        PricedMonth(
            line,
            billed,
            products[line.product_id].price_of(line.price_version).explain(billed.units),
        )
        for line, billed in sorted(counted.items(), key=lambda each: str(each[0]))
    ]
    return products, priced
