"""Products and their versioned prices."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from billing.domain.errors import InvalidInputError, LimitReachedError
from billing.domain.money import EVENT_AMOUNT_CENTS_MAX, PRICE_DECIMALS_MAX, decimal_places

# A product is one item, read whole on the first use of a container; this keeps it a few kilobytes.
PRICE_VERSIONS_MAX = 100

# Quantities finer than a millionth of a unit are better expressed in a smaller unit.
UNIT_DECIMALS_MAX = 6


@dataclass(frozen=True, slots=True)
class PriceVersion:
    """What one unit costs from an instant on; `unit_price_cents` is exact, per unit."""

    version: int
    unit_price_cents: Decimal
    effective_from: datetime


@dataclass(frozen=True, slots=True)
class Product:
    """Something metered; `prices` is ordered by `effective_from`, oldest first, never empty."""

    id: str
    name: str
    unit_decimals: int
    prices: tuple[PriceVersion, ...]
    created_at: datetime

    def price_at(self, instant: datetime) -> PriceVersion:
        """Choose the price in force at an instant; before the first one, the first one."""
        in_force = [price for price in self.prices if price.effective_from <= instant]
        return in_force[-1] if in_force else self.prices[0]

    def renamed(self, name: str) -> "Product":
        """Change what people call the product; its id stays."""
        return replace(self, name=name)

    def has_newest_price(
        self,
        unit_price_cents: Decimal,
        effective_from: datetime | None,
        *,
        now: datetime,
        notice: timedelta,
    ) -> bool:
        """Tell whether the newest version is this price, in force from this instant.

        Without an instant, a version that is still ahead, and no further than its notice, is what
        the same request made before.
        """
        newest = self.prices[-1]
        if newest.unit_price_cents != unit_price_cents:
            return False
        if effective_from is None:
            return now < newest.effective_from <= now + notice
        return newest.effective_from == effective_from

    def with_price(self, unit_price_cents: Decimal, effective_from: datetime) -> "Product":
        """Append a price version.

        Raises InvalidInputError when it would take effect before a version that already stands,
        because that would change what is agreed, and LimitReachedError at `PRICE_VERSIONS_MAX`.
        """
        last = self.prices[-1]
        if effective_from <= last.effective_from:
            raise InvalidInputError.of_field(
                "effective_from", "must be later than that of the newest price version"
            )
        if len(self.prices) >= PRICE_VERSIONS_MAX:
            raise LimitReachedError(
                f"Product {self.id} already has {PRICE_VERSIONS_MAX} price versions"
            )
        added = PriceVersion(last.version + 1, unit_price_cents, effective_from)
        return replace(self, prices=(*self.prices, added))


def check_unit_decimals(unit_decimals: int) -> None:
    """Refuse more decimal places of a unit than this system counts."""
    if not 0 <= unit_decimals <= UNIT_DECIMALS_MAX:
        raise InvalidInputError.of_field("unit_decimals", f"must be from 0 to {UNIT_DECIMALS_MAX}")


def check_unit_price(unit_price_cents: Decimal, *, field: str = "unit_price_cents") -> None:
    """Refuse a price that is negative, too fine, or so large that no event can have one unit."""
    if unit_price_cents.is_signed() or not unit_price_cents.is_finite():
        raise InvalidInputError.of_field(field, "must not be negative")
    if decimal_places(unit_price_cents) > PRICE_DECIMALS_MAX:
        raise InvalidInputError.of_field(
            field, f"must not have more than {PRICE_DECIMALS_MAX} decimal places"
        )
    if unit_price_cents > EVENT_AMOUNT_CENTS_MAX:
        raise InvalidInputError.of_field(
            field,
            f"must not be greater than {EVENT_AMOUNT_CENTS_MAX}, which is what one event may cost",
        )
