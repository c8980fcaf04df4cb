"""Products and their versioned prices."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from billing.domain.errors import (
    IntegrityError,
    InvalidInputError,
    LimitReachedError,
    PriceVersionInForceError,
    PriceVersionNotFoundError,
)
from billing.domain.prices import Price
from billing.domain.times import begins_month, month_start_from

# A product is one item, read whole on the first use of a container; fifty tiers in each of these
# versions still fit into it.
PRICE_VERSIONS_MAX = 100

# Two years, one of them a leap year: a start beyond is a slip of a digit.
PRICE_AHEAD_MAX = timedelta(days=731)

# Quantities finer than a millionth of a unit are better expressed in a smaller unit.
UNIT_DECIMALS_MAX = 6


@dataclass(frozen=True, slots=True)
class PriceVersion:
    """What a product costs from an instant on; numbers are never used again."""

    version: int
    price: Price
    effective_from: datetime


@dataclass(frozen=True, slots=True)
class Product:
    """Something metered.

    `prices` is ordered by `effective_from`, oldest first, never empty; `versions_made` is the
    highest number that one of them has or had. From `archived_at` on it is not used any more.
    `revision` counts the changes; two products that differ in nothing else are the same.
    """

    id: str
    name: str
    unit_decimals: int
    prices: tuple[PriceVersion, ...]
    created_at: datetime
    versions_made: int = 1
    archived_at: datetime | None = None
    revision: int = field(default=0, compare=False)

    def price_at(self, instant: datetime) -> PriceVersion:
        """Choose the price in force at an instant; before the first one, the first one."""
        in_force = [price for price in self.prices if price.effective_from <= instant]
        return in_force[-1] if in_force else self.prices[0]

    def price_of(self, version: int) -> Price:
        """Find the price of a version that usage was recorded at; such a one never goes away.

        Raises IntegrityError where it did.
        """
        found = [each.price for each in self.prices if each.version == version]
        if not found:
            raise IntegrityError(f"Product {self.id} has no price version {version}")
        return found[0]

    def renamed(self, name: str) -> "Product":
        """Change what people call the product; its id stays."""
        return replace(self, name=name)

    def archived(self, *, at: datetime) -> "Product":
        """Take no usage that occurs from an instant on; an earlier end stays."""
        return self if self.archived_at is not None else replace(self, archived_at=at)

    def restored(self) -> "Product":
        """Take usage again, as if it had never been archived."""
        return replace(self, archived_at=None)

    def takes_usage_of(self, instant: datetime) -> bool:
        """Tell whether usage that occurred at an instant may be recorded."""
        return self.archived_at is None or instant < self.archived_at

    def with_price(
        self, price: Price, effective_from: datetime | None, *, now: datetime, notice: timedelta
    ) -> "Product":
        """Set a price, in force from an instant on, or as early as it may be.

        One that is set already is set no second time: without an instant, as long as it is still
        ahead and no later than this one would be. A version that begins at the same instant is
        replaced. Raises InvalidInputError for an instant that cannot be, and LimitReachedError at
        `PRICE_VERSIONS_MAX`.
        """
        start = effective_from or self._earliest_start(price, now + notice)
        if self._has_price(price, start, is_asked_for=effective_from is not None, now=now):
            return self
        _check_start(start, now=now, notice=notice)
        earlier = [each for each in self.prices if each.effective_from < start]
        later = [each for each in self.prices if each.effective_from > start]
        if later and len(earlier) + len(later) == len(self.prices):
            raise _refused_start("must not be earlier than that of the newest price version")
        added = PriceVersion(self.versions_made + 1, price, start)
        prices = (*earlier, added, *later)
        if any(_breaks_a_month(before, after) for before, after in pairwise(prices)):
            raise _refused_start(
                "must be the first instant of a month (UTC), where a price counts by the month"
            )
        if len(prices) > PRICE_VERSIONS_MAX:
            raise LimitReachedError(
                f"Product {self.id} already has {PRICE_VERSIONS_MAX} price versions"
            )
        return replace(self, prices=prices, versions_made=added.version)

    def _has_price(
        self, price: Price, start: datetime, *, is_asked_for: bool, now: datetime
    ) -> bool:
        """Tell whether a price is set already from a start, or from one that is ahead and nearer,
        where nobody asked for this one.
        """
        if is_asked_for:
            return any(each.price == price and each.effective_from == start for each in self.prices)
        newest = self.prices[-1]
        return newest.price == price and now < newest.effective_from <= start

    def without_price(self, version: int, *, now: datetime, notice: timedelta) -> "Product":
        """Take back a price version that is not in force yet; one that is gone stays so.

        Raises PriceVersionNotFoundError for one that never was, and PriceVersionInForceError for
        one that has begun, begins within the notice, or stands before one that needs it.
        """
        if not 1 <= version <= self.versions_made:
            raise PriceVersionNotFoundError(self.id, version)
        kept = tuple(each for each in self.prices if each.version != version)
        for each in self.prices:
            if each.version == version and each.effective_from < now + notice:
                raise PriceVersionInForceError(
                    f"Price version {version} is in force, or will be before everybody knows"
                )
        if any(_breaks_a_month(before, after) for before, after in pairwise(kept)):
            raise PriceVersionInForceError(
                f"The price version after {version} may begin within a month only because of it; "
                "take that one back first"
            )
        return replace(self, prices=kept)

    def _earliest_start(self, price: Price, earliest: datetime) -> datetime:
        counted = price.is_counted_by_month or self.prices[-1].price.is_counted_by_month
        return month_start_from(earliest) if counted else earliest


def check_unit_decimals(unit_decimals: int) -> None:
    """Refuse more decimal places of a unit than this system counts."""
    if not 0 <= unit_decimals <= UNIT_DECIMALS_MAX:
        raise InvalidInputError.of_field("unit_decimals", f"must be from 0 to {UNIT_DECIMALS_MAX}")


def _check_start(start: datetime, *, now: datetime, notice: timedelta) -> None:
    if start < now + notice:
        seconds = int(notice.total_seconds())
        raise _refused_start(f"must be at least {seconds} seconds ahead")
    if start > now + PRICE_AHEAD_MAX:
        raise _refused_start("must not be more than two years ahead")


def _refused_start(message: str) -> InvalidInputError:
    return InvalidInputError.of_field("effective_from", message)


def _breaks_a_month(before: PriceVersion, after: PriceVersion) -> bool:
    """Tell whether a change of price would leave one of the two with a part of a month."""
    counted = before.price.is_counted_by_month or after.price.is_counted_by_month
    return counted and not begins_month(after.effective_from)
