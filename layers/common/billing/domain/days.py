"""Days: what a customer's ledger entries of one date (UTC) come to, and what the books make of it.

A day is added up page by page from verified entries and the records that they settle. It is closed
when its date is over and all of its entries are in: `Wallet.has_closed` tells.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from billing.domain.ledger import ChainState, Entry, EntryKind, chain_at, verify_chain
from billing.domain.money import ZERO, add, subtract, trimmed
from billing.domain.records import BilledLine, BillingRecord, RecordId
from billing.domain.times import day_of

# Entries that settle a record, whose lines tell what was used.
SETTLING = frozenset({EntryKind.USAGE, EntryKind.CHARGE})

# The records that entries settle, by the reference of the entry.
type SettledRecords = Mapping[str, BillingRecord]


@dataclass(frozen=True, slots=True)
class ProductTotals:
    """What was billed of one product: units, exact cents, number of events.

    `taken_back` is the part of it that corrections made up: what lines of less than no units came
    to, and None where there are none. Who voids what is not billed yet lets less be billed, and
    takes nothing back.
    """

    units: Decimal = ZERO
    amount_cents: Decimal = ZERO
    events: int = 0
    taken_back: "ProductTotals | None" = None

    @classmethod
    def of_line(cls, line: BilledLine) -> "ProductTotals":
        """Count one line of a record."""
        totals = cls(trimmed(line.units), trimmed(line.amount_cents), line.events)
        return replace(totals, taken_back=totals) if line.units < 0 else totals

    @property
    def before_corrections(self) -> "ProductTotals":
        """The rest of it: what lines of no less than no units came to."""
        back = self.taken_back or ProductTotals()
        return ProductTotals(
            trimmed(subtract(self.units, back.units)),
            trimmed(subtract(self.amount_cents, back.amount_cents)),
            self.events - back.events,
        )

    def plus(self, other: "ProductTotals") -> "ProductTotals":
        """Add two totals exactly."""
        back = [each.taken_back for each in (self, other) if each.taken_back is not None]
        return ProductTotals(
            trimmed(add(self.units, other.units)),
            trimmed(add(self.amount_cents, other.amount_cents)),
            self.events + other.events,
            back[0].plus(back[1]) if len(back) > 1 else next(iter(back), None),
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """What entries come to: whole cents by kind, and what was billed by product.

    The cents of a kind are the sum of its entries, debits below 0. Products come from the lines of
    the records that were settled: a record below 0 takes units back, a charge by hand has no
    product, and a refund gives money back and no units, so that it counts by its kind alone. The
    exact cents of the products differ from the debits of usage by what wallets carry. Products
    stand in the order in which they first came.
    """

    by_kind: Mapping[EntryKind, int] = field(default_factory=dict)
    by_product: Mapping[str, ProductTotals] = field(default_factory=dict)

    def plus(self, other: "Totals") -> "Totals":
        """Add two totals exactly."""
        by_kind, by_product = dict(self.by_kind), dict(self.by_product)
        for kind, cents in other.by_kind.items():
            by_kind[kind] = by_kind.get(kind, 0) + cents
        for product_id, totals in other.by_product.items():
            by_product[product_id] = by_product.get(product_id, ProductTotals()).plus(totals)
        return Totals(by_kind, by_product)

    @property
    def sum_cents(self) -> int:
        """What all entries come to."""
        return sum(self.by_kind.values())


NOTHING = Totals()


@dataclass(frozen=True, slots=True)
class Day:
    """One date of a customer, as far as its entries are added up.

    The balances are those before entry `first_seq` and after entry `last_seq`, whose hash is
    `head_hash`. A date without entries is no day.
    """

    customer_id: str
    date: date
    opening_cents: int
    closing_cents: int
    first_seq: int
    last_seq: int
    head_hash: str
    totals: Totals = NOTHING

    @property
    def after(self) -> ChainState:
        """Where the chain stands behind what is added up."""
        return ChainState(self.last_seq, self.closing_cents, self.head_hash)

    def with_entries(self, entries: Sequence[Entry], totals: Totals) -> "Day":
        """Add the next entries of this date, and what they come to."""
        last = chain_at(entries[-1])
        return replace(
            self,
            closing_cents=last.sum_cents,
            last_seq=last.seq,
            head_hash=last.head_hash,
            totals=self.totals.plus(totals),
        )


@dataclass(frozen=True, slots=True)
class DayReport:
    """What the entries of all customers of one date come to."""

    date: date
    totals: Totals


def begin_day(entry: Entry) -> Day:
    """Make the day that an entry is the first one of, without that entry."""
    return Day(
        customer_id=entry.customer_id,
        date=day_of(entry.posted_at),
        opening_cents=entry.balance_cents - entry.amount_cents,
        closing_cents=entry.balance_cents - entry.amount_cents,
        first_seq=entry.seq,
        last_seq=entry.seq - 1,
        head_hash=entry.previous_hash,
    )


@dataclass(frozen=True, slots=True)
class DayEntries:
    """Verified entries of one date that follow each other, and what they come to."""

    date: date
    entries: Sequence[Entry]
    totals: Totals

    @property
    def last(self) -> ChainState:
        """Where the chain stands behind them."""
        return chain_at(self.entries[-1])

    def added_to(self, day: Day | None) -> Day:
        """Add them to their day, which begins with them where there is none."""
        begun = day or begin_day(self.entries[0])
        return begun.with_entries(self.entries, self.totals)


def by_day(entries: Iterable[Entry], records: SettledRecords) -> list[DayEntries]:
    """Cut entries, oldest first, where a date ends, and add each part up."""
    cut = groupby(entries, lambda entry: day_of(entry.posted_at))
    parts = [(day, list(some)) for day, some in cut]
    return [DayEntries(day, some, totals_of(some, records)) for day, some in parts]


def settled_records(entries: Iterable[Entry]) -> list[RecordId]:
    """Name the records that entries settle, as far as their references are names of records."""
    return [record_id for entry in entries if (record_id := _settled_by(entry)) is not None]


def verified(
    entries: Sequence[Entry], state: ChainState, since: date | None
) -> tuple[Sequence[Entry], str | None]:
    """Return the entries that follow `state` up to the first fault, and what that fault is.

    Numbers, hashes, sums are those of `verify_chain`; no entry may be dated before `since`, the
    day that is open, or before the entry before it.
    """
    good, fault = verify_chain(entries, state)
    follow = entries[: good.seq - state.seq]
    for number, entry in enumerate(follow):
        posted_on = day_of(entry.posted_at)
        if since is not None and posted_on < since:
            return follow[:number], f"entry {entry.seq} is dated before the day that is open"
        since = posted_on
    return follow, fault


def verify_days(days: Iterable[Day], state: ChainState) -> tuple[ChainState, str | None]:
    """Check days, oldest first, from where `state` stands: that each begins where the one before
    ended, and is the sum of what it holds.

    Returns the state after the last good day, and what is wrong with the next one, or None.
    """
    for day in days:
        if (day.first_seq, day.opening_cents) != (state.seq + 1, state.sum_cents):
            return state, f"day {day.date} does not begin where the day before it ended"
        if day.closing_cents != day.opening_cents + day.totals.sum_cents:
            return state, f"day {day.date} has a balance that is not the sum of its entries"
        state = day.after
    return state, None


def settling_their_records(
    entries: Sequence[Entry], records: SettledRecords
) -> tuple[Sequence[Entry], str | None]:
    """Return the entries up to the first one that does not settle a record as it should, and what
    is wrong with that one.
    """
    for number, entry in enumerate(entries):
        fault = _fault_of_record(entry, records.get(entry.reference))
        if fault is not None:
            return entries[:number], fault
    return entries, None


def totals_of(entries: Iterable[Entry], records: SettledRecords) -> Totals:
    """Add up entries, and the lines of the records that they settle."""
    by_kind: dict[EntryKind, int] = {}
    by_product: dict[str, ProductTotals] = {}
    for entry in entries:
        by_kind[entry.kind] = by_kind.get(entry.kind, 0) + entry.amount_cents
        if entry.kind in SETTLING:
            _add_lines(by_product, records[entry.reference])
    return Totals(by_kind, by_product)


def _add_lines(by_product: dict[str, ProductTotals], record: BillingRecord) -> None:
    # In one order, whatever order a store returns them in: days are rebuilt to the same rows.
    for key, line in sorted(record.lines.items(), key=lambda each: str(each[0])):
        before = by_product.get(key.product_id, ProductTotals())
        by_product[key.product_id] = before.plus(ProductTotals.of_line(line))


def _settled_by(entry: Entry) -> RecordId | None:
    if entry.kind not in SETTLING:
        return None
    try:
        return RecordId.parse(entry.reference)
    except ValueError:
        return None


def _fault_of_record(entry: Entry, record: BillingRecord | None) -> str | None:
    if entry.kind not in SETTLING:
        return None
    if record is None:
        return f"entry {entry.seq} settles record {entry.reference}, which is missing"
    if record.entry_seq != entry.seq or record.amount_cents != -entry.amount_cents:
        return f"entry {entry.seq} is not what record {entry.reference} was settled by"
    return None


def month_days(month: str) -> tuple[date, date]:
    """Return the first and the last date of a calendar month, for instance `2026-01`.

    Raises ValueError for what names no month.
    """
    first = date.fromisoformat(f"{month}-01")
    # A day that is in the next month, however long this one is.
    next_first = (first + timedelta(days=31)).replace(day=1)
    return first, next_first - timedelta(days=1)
