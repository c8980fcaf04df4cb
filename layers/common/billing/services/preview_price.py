"""Preview what units would cost, by a product's price or by a draft, and write nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.domain.errors import CustomerNotFoundError
from billing.domain.money import ZERO, add
from billing.domain.prices import Price, Quote, check_price, check_quantities
from billing.domain.pricing import UNIT_DECIMALS_MAX
from billing.domain.tabs import LineKey, unbilled
from billing.domain.times import Clock, month_of
from billing.services.manage_products import get_product
from billing.services.months import read_standing
from billing.storage.stores import Stores

# Enough for a plot; fifty tiers for each of them still fit into an answer.
PREVIEW_UNITS_MAX = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """What some quantities would cost, each on top of `units_before` of the month.

    `amount_before_cents` is what those come to, billed or not.
    """

    units_before: Decimal
    amount_before_cents: Decimal
    quotes: Sequence[Quote]


def preview_draft(price: Price, units: Sequence[Decimal]) -> Preview:
    """Quote a price that no product has yet, for quantities as fine as any product counts.

    Raises InvalidInputError for a price or a quantity that cannot be.
    """
    check_price(price, UNIT_DECIMALS_MAX)
    return _preview(price, units, before=ZERO, unit_decimals=UNIT_DECIMALS_MAX)


def preview_product(
    product_id: str,
    units: Sequence[Decimal],
    *,
    customer_id: str | None,
    stores: Stores,
    clock: Clock,
) -> Preview:
    """Quote the price of a product that is in force now, on top of what a customer has used of it
    in this month so far, if one is named.

    Raises ProductNotFoundError, CustomerNotFoundError, and InvalidInputError for a quantity that
    the product does not count.
    """
    now = clock()
    product = get_product(product_id, stores=stores)
    version = product.price_at(now)
    before = ZERO
    if customer_id is not None:
        _check_customer(customer_id, stores)
        if version.price.is_counted_by_month:
            line = LineKey(product_id, version.version, month_of(now))
            before = _used(customer_id, line, stores)
    return _preview(version.price, units, before=before, unit_decimals=product.unit_decimals)


def _check_customer(customer_id: str, stores: Stores) -> None:
    if stores.customers.get(customer_id) is None:
        raise CustomerNotFoundError(customer_id)


def _used(customer_id: str, line: LineKey, stores: Stores) -> Decimal:
    """Tell the units of a month that are billed, and those that wait to be."""
    standing = read_standing(customer_id, stores, also=[line])
    billed, waiting = standing.months[line].total, unbilled(standing.tabs).get(line)
    return billed.units if waiting is None else add(billed.units, waiting.units)


def _preview(
    price: Price, units: Sequence[Decimal], *, before: Decimal, unit_decimals: int
) -> Preview:
    check_quantities("units", units, unit_decimals)
    quotes = [price.quote(each, before=before) for each in units]
    return Preview(before, price.amount(before), quotes)
