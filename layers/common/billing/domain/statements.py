"""Statements: what a calendar month (UTC) did to a customer's wallet, from its days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billing.domain.days import NOTHING, Day, ProductTotals, Totals, verify_days
from billing.domain.errors import IntegrityError
from billing.domain.ledger import ChainState, EntryKind
from billing.domain.money import subtract, total
from billing.domain.months import MonthTotal
from billing.domain.price_models import Part
from billing.domain.tabs import LineKey


class StatementLineKind(StrEnum):
    """What a line of a statement is about, in the order of the lines."""

    CREDIT = "credit"
    USAGE = "usage"
    CORRECTION = "correction"
    ROUNDING = "rounding"
    CHARGE = "charge"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What something did to the balance, in exact cents, below 0 for what was debited.

    Usage and its corrections are told by product, with units and events; anything else by date, but
    rounding: the parts of a cent that were carried from earlier bills, less those carried to later
    ones.
    """

    kind: StatementLineKind
    amount_cents: Decimal
    on: date | None = None
    product_id: str | None = None
    units: Decimal | None = None
    events: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a customer from one date to another, and the balance before the first of them.

    Days follow each other without a gap, and are checked when they are put together.
    """

    opening_cents: int
    days: Sequence[Day]

    @property
    def closing_cents(self) -> int:
        """The balance after the last day."""
        return self.days[-1].closing_cents if self.days else self.opening_cents

    @property
    def totals(self) -> Totals:
        """What all of the days come to."""
        totals = NOTHING
        for day in self.days:
            totals = totals.plus(day.totals)
        return totals

    def verify(self) -> None:
        """Raise IntegrityError where the days do not follow each other, or do not add up."""
        if not self.days:
            return
        before = ChainState(self.days[0].first_seq - 1, self.opening_cents)
        _, fault = verify_days(self.days, before)
        if fault is not None:
            raise IntegrityError(fault)


@dataclass(frozen=True, slots=True)
class PricedMonth:
    """What the units of a month come to at a price that counts by the month, part by part, as far
    as they are billed.
    """

    line: LineKey
    billed: MonthTotal
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A month of a customer: the balance before it, what changed it, and the balance after it.

    `is_closed` tells that nothing can be added to it any more.
    """

    customer_id: str
    month: str
    is_closed: bool
    span: Span
    lines: Sequence[StatementLine]


def make_statement(customer_id: str, month: str, span: Span, *, is_closed: bool) -> Statement:
    """Make the statement of a month from its days.

    Raises IntegrityError where opening balance and lines do not come to the closing balance.
    """
    span.verify()
    lines = list(statement_lines(span))
    opening_cents = Decimal(span.opening_cents)
    if total([opening_cents, *(line.amount_cents for line in lines)]) != span.closing_cents:
        raise IntegrityError(f"The statement of {customer_id} for {month} does not add up")
    return Statement(customer_id, month, is_closed, span, lines)


def statement_lines(span: Span) -> Iterator[StatementLine]:
    """Tell what changed the balance, line by line."""
    totals = span.totals
    yield from _by_date(StatementLineKind.CREDIT, EntryKind.CREDIT, span.days)
    products = sorted(totals.by_product.items())
    for product_id, of_product in products:
        used = of_product.before_corrections
        if used != ProductTotals():
            yield _of_product(StatementLineKind.USAGE, product_id, used)
    for product_id, of_product in products:
        if of_product.taken_back is not None:
            yield _of_product(StatementLineKind.CORRECTION, product_id, of_product.taken_back)
    exact_cents = total(of_product.amount_cents for of_product in totals.by_product.values())
    posted_cents = Decimal(-totals.by_kind.get(EntryKind.USAGE, 0))
    rounding_cents = subtract(exact_cents, posted_cents)
    if rounding_cents:
        yield StatementLine(StatementLineKind.ROUNDING, rounding_cents)
    yield from _by_date(StatementLineKind.CHARGE, EntryKind.CHARGE, span.days)
    yield from _by_date(StatementLineKind.REFUND, EntryKind.REFUND, span.days)


def _of_product(kind: StatementLineKind, product_id: str, totals: ProductTotals) -> StatementLine:
    return StatementLine(
        kind=kind,
        # Minus would round to the context of the thread.
        amount_cents=totals.amount_cents.copy_negate(),
        product_id=product_id,
        units=totals.units,
        events=totals.events,
    )


def _by_date(
    kind: StatementLineKind, entries: EntryKind, days: Sequence[Day]
) -> Iterator[StatementLine]:
    for day in days:
        cents = day.totals.by_kind.get(entries)
        if cents is not None:
            yield StatementLine(kind, Decimal(cents), on=day.date)
