"""Manage the catalogue: products and their price versions."""

from datetime import datetime, timedelta

from billing.domain.errors import (
    ConcurrentChangeError,
    InvalidInputError,
    ProductExistsError,
    ProductNotFoundError,
)
from billing.domain.prices import Price, check_price
from billing.domain.pricing import PriceVersion, Product, check_unit_decimals
from billing.domain.times import Clock
from billing.services.catalogue import PRICE_NOTICE_SECONDS
from billing.services.paging import Page, cursor_at, position_of
from billing.storage.products import Created
from billing.storage.stores import Stores

PRICE_NOTICE = timedelta(seconds=PRICE_NOTICE_SECONDS)

CODE_TAKEN = "is too like that of another product, by its hash; choose another"


def create_product(
    product_id: str,
    *,
    name: str,
    price: Price,
    unit_decimals: int,
    stores: Stores,
    clock: Clock,
) -> Product:
    """Make a product whose first price is in force at once.

    Raises ProductExistsError, and InvalidInputError also for an id that cannot be told apart from
    another by its hash.
    """
    check_unit_decimals(unit_decimals)
    check_price(price, unit_decimals)
    now = clock()
    product = Product(
        id=product_id,
        name=name,
        unit_decimals=unit_decimals,
        prices=(PriceVersion(1, price, now),),
        created_at=now,
    )
    match stores.products.create(product):
        case Created.ID_TAKEN:
            raise ProductExistsError(product.id)
        case Created.CODE_TAKEN:
            raise InvalidInputError.of_field("id", CODE_TAKEN)
        case Created.DONE:
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
    name: str | None = None,
    price: Price | None = None,
    effective_from: datetime | None = None,
    archived: bool | None = None,
    stores: Stores,
    clock: Clock,
) -> Product:
    """Rename a product, set a price of it, archive it, or take it out of the archive.

    A price is in force from `effective_from` on. It needs a notice of `PRICE_NOTICE_SECONDS`, which
    is also the default, or the end of that month where it counts by the month. So does the end of
    recording where a product is archived. What was asked for before is done no second time. Raises
    ProductNotFoundError, InvalidInputError, LimitReachedError, and ConcurrentChangeError when
    somebody else changed the product at the same time.
    """
    before, now = get_product(product_id, stores=stores), clock()
    after = before if name is None else before.renamed(name)
    if price is not None:
        check_price(price, before.unit_decimals)
        after = after.with_price(price, effective_from, now=now, notice=PRICE_NOTICE)
    elif effective_from is not None:
        raise InvalidInputError.of_field("effective_from", "is only for a new price")
    if archived is not None:
        after = after.archived(at=now + PRICE_NOTICE) if archived else after.restored()
    return _store(before, after, stores)


def take_back_price(product_id: str, version: int, *, stores: Stores, clock: Clock) -> Product:
    """Take back a price version that is not in force yet; one that is gone stays so.

    Raises ProductNotFoundError, PriceVersionNotFoundError, PriceVersionInForceError, and
    ConcurrentChangeError when somebody else changed the product at the same time.
    """
    before = get_product(product_id, stores=stores)
    after = before.without_price(version, now=clock(), notice=PRICE_NOTICE)
    return _store(before, after, stores)


def _store(before: Product, after: Product, stores: Stores) -> Product:
    if not stores.products.change(before, after):
        raise ConcurrentChangeError(f"Product {before.id} was changed at the same time")
    return after
