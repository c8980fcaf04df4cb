"""Manage the catalogue: products and their price versions."""

from datetime import datetime, timedelta
from decimal import Decimal

from billing.domain.errors import (
    ConcurrentChangeError,
    InvalidInputError,
    ProductExistsError,
    ProductNotFoundError,
)
from billing.domain.pricing import (
    PriceVersion,
    Product,
    check_unit_decimals,
    check_unit_price,
)
from billing.domain.times import Clock
from billing.services.catalogue import PRICE_NOTICE_SECONDS
from billing.services.paging import Page, cursor_at, position_of
from billing.storage.stores import Stores


def create_product(
    product_id: str,
    *,
    name: str,
    unit_price_cents: Decimal,
    unit_decimals: int,
    stores: Stores,
    clock: Clock,
) -> Product:
    """Make a product whose first price is in force at once; raises ProductExistsError."""
    check_unit_price(unit_price_cents)
    check_unit_decimals(unit_decimals)
    now = clock()
    product = Product(
        id=product_id,
        name=name,
        unit_decimals=unit_decimals,
        prices=(PriceVersion(1, unit_price_cents, now),),
        created_at=now,
    )
    if not stores.products.create(product):
        raise ProductExistsError(product.id)
    return product


def get_product(product_id: str, *, stores: Stores) -> Product:
    """Read a product; raises ProductNotFoundError."""
    product = stores.products.get(product_id)
    if product is None:
        raise ProductNotFoundError(product_id)
    return product


def list_products(*, limit: int, cursor: str | None, stores: Stores) -> Page[Product]:
    """List products in order of their ids."""
    products, position = stores.products.page(limit=limit, after=position_of(cursor))
    return Page(products, cursor_at(position))


def change_product(
    product_id: str,
    *,
    name: str | None,
    unit_price_cents: Decimal | None,
    effective_from: datetime | None,
    stores: Stores,
    clock: Clock,
) -> Product:
    """Rename a product, or set its next price, in force from `effective_from` on.

    A price needs a notice of `PRICE_NOTICE_SECONDS`, which is also the default, so that every
    event gets the price in force when it was recorded. A change that was made already, at the same
    instant, is made no second time, however late it is repeated; without an instant, as long as the
    first is still ahead. Raises ProductNotFoundError, InvalidInputError, LimitReachedError, and
    ConcurrentChangeError when somebody else set a price at the same time.
    """
    before = get_product(product_id, stores=stores)
    after = before if name is None else before.renamed(name)
    if unit_price_cents is not None:
        check_unit_price(unit_price_cents)
        now, notice = clock(), timedelta(seconds=PRICE_NOTICE_SECONDS)
        if not before.has_newest_price(unit_price_cents, effective_from, now=now, notice=notice):
            start = _start_of_price(effective_from, now=now)
            after = after.with_price(unit_price_cents, start)
    elif effective_from is not None:
        raise InvalidInputError.of_field("effective_from", "is only for a new unitPriceCents")
    if not stores.products.change(before, after):
        raise ConcurrentChangeError(f"Product {product_id} was changed at the same time")
    return after


def _start_of_price(effective_from: datetime | None, *, now: datetime) -> datetime:
    earliest = now + timedelta(seconds=PRICE_NOTICE_SECONDS)
    if effective_from is None:
        return earliest
    if effective_from < earliest:
        raise InvalidInputError.of_field(
            "effective_from", f"must be at least {PRICE_NOTICE_SECONDS} seconds ahead"
        )
    return effective_from
