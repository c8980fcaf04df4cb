"""Tabs: a customer's open account of recorded, not yet billed usage.

A customer has one tab, and up to sixteen when many writers meet on it. A tab has a number; sealing
sets its content aside under that number and opens the next one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from billing.domain.errors import IntegrityError
from billing.domain.money import add

SHARDS_MAX = 16

# A tab is written whole with each event, which costs two units a KB: some 23 at so many lines. One
# that has more sends usage on to another shard.
LINES_MAX = 400

# Of months that count what is used, a tab may have so many before a batch brings a few more: they
# are all changed by the one transaction that settles the tab, which has room for some ninety items.
COUNTED_MONTHS_MAX = 15
COUNTED_MONTHS_OF_BATCH_MAX = 5


# Who cannot be charged gets a record a day, and not each minute one more that nobody can pay.
HELD_AT_MOST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LineKey:
    """What one line of a tab counts: a product, at a price version, in a calendar month (UTC)."""

    product_id: str
    price_version: int
    month: str

    def __str__(self) -> str:
        return f"{self.product_id}@{self.price_version}/{self.month}"

    @classmethod
    def parse(cls, text: str) -> "LineKey":
        """Read what `str` wrote."""
        product_and_version, _, month = text.rpartition("/")
        product_id, _, version = product_and_version.rpartition("@")
        return cls(product_id, int(version), month)


@dataclass(frozen=True, slots=True)
class LineTotals:
    """What accrued on one line: units, the price of each of them, number of events.

    There is no such price where it counts by the month: what the line comes to follows from the
    whole month, when it is billed.
    """

    units: Decimal
    unit_price_cents: Decimal | None
    events: int

    def plus(self, other: "LineTotals") -> "LineTotals":
        """Add two totals of one line exactly.

        Raises IntegrityError where they have two prices, because a line is of one price version.
        """
        if other.unit_price_cents != self.unit_price_cents:
            raise IntegrityError("One price version has two prices")
        return LineTotals(
            add(self.units, other.units), self.unit_price_cents, self.events + other.events
        )


type Lines = Mapping[LineKey, LineTotals]


@dataclass(frozen=True, slots=True, order=True)
class TabRef:
    """Names one tab shard of a customer."""

    customer_id: str
    shard: int


@dataclass(frozen=True, slots=True)
class OpenTab:
    """Which number of a tab shard is open, without what was accrued under it.

    `opened_at` is when the number got its first usage, None while it has none; `sealed_at` is when
    the number before it was sealed, None where there is none. One that is full takes no further
    batch until it is billed. `waits_for_settling` is true while a number before it is sealed and
    not settled; one that is held is left open, because its customer cannot be charged.
    """

    ref: TabRef
    number: int
    opened_at: datetime | None = None
    sealed_at: datetime | None = None
    is_full: bool = False
    waits_for_settling: bool = False
    is_held: bool = False

    @property
    def held_until(self) -> datetime | None:
        """When the tab is settled, also where its customer cannot be charged by then."""
        return None if self.opened_at is None else self.opened_at + HELD_AT_MOST

    def may_be_held(self, *, now: datetime) -> bool:
        """Whether what is open may stay so while its customer cannot be charged."""
        if self.held_until is None or self.is_full or self.waits_for_settling:
            return False
        return now < self.held_until

    def with_usage(self, *, now: datetime) -> "OpenTab":
        """Open the number, unless it got usage before."""
        return self if self.opened_at is not None else replace(self, opened_at=now)


@dataclass(frozen=True, slots=True)
class SealedTab:
    """What sealing set aside: the content of tab `number`, waiting to be settled."""

    number: int
    lines: Lines
    opened_at: datetime
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab shard of a customer: the open content of tab `number`, and what is sealed, if any."""

    ref: TabRef
    number: int
    lines: Lines
    sealed: SealedTab | None = None


def accrue(additions: Iterable[tuple[LineKey, LineTotals]]) -> dict[LineKey, LineTotals]:
    """Sum additions by line."""
    lines: dict[LineKey, LineTotals] = {}
    for key, totals in additions:
        before = lines.get(key)
        lines[key] = totals if before is None else before.plus(totals)
    return lines


def counted_by_month(lines: Lines) -> set[LineKey]:
    """Name the lines whose amount follows from their month."""
    return {key for key, totals in lines.items() if totals.unit_price_cents is None}


def unbilled(tabs: Iterable[Tab]) -> Lines:
    """Sum all lines of a customer's tabs, open and sealed."""
    contents = [content for tab in tabs for content in (tab, tab.sealed) if content is not None]
    return accrue(line for content in contents for line in content.lines.items())


def count_events(lines: Lines) -> int:
    """Count the events of all lines."""
    return sum(line.events for line in lines.values())
