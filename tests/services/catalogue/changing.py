"""Changes of the product that the stories of prices are about."""

from datetime import datetime, timedelta
from decimal import Decimal

from billing.domain.prices import flat
from billing.domain.pricing import Product
from billing.domain.usage import UsageEvent
from billing.services.manage_products import (
    change_product,
    take_back_price,
)
from tests.support.books import Books, event_in


def set_price(books: Books, price: str, *, after_seconds: float | None = None) -> Product:
    """Set the next price of the product."""
    start = None if after_seconds is None else books.clock() + timedelta(seconds=after_seconds)
    return set_price_at(books, price, start)


def set_price_at(books: Books, price: str, start: datetime | None) -> Product:
    """Set the next price, in force from an instant on."""
    return change_product(
        "api-calls",
        price=flat(Decimal(price)),
        effective_from=start,
        stores=books.stores,
        clock=books.clock,
    )


def rename(books: Books, name: str) -> Product:
    """Give the product another name."""
    return change_product(
        "api-calls",
        name=name,
        stores=books.stores,
        clock=books.clock,
    )


def used(books: Books) -> UsageEvent:
    """Use one unit, and give the event."""
    return event_in(books.use(1))


def take_back(books: Books, version: int) -> Product:
    """Take a price version back."""
    return take_back_price("api-calls", version, stores=books.stores, clock=books.clock)


def archive(books: Books, *, archived: bool = True) -> Product:
    """Archive the product, or take it out of the archive."""
    return change_product("api-calls", archived=archived, stores=books.stores, clock=books.clock)
