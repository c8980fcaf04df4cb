"""Days and reports are read back as they were added, from whichever parts and shards."""

from datetime import date
from decimal import Decimal

import pytest

from billing.domain.days import Day, DayReport, ProductTotals, Totals
from billing.domain.ledger import EntryKind
from billing.storage import totals
from billing.storage.writes import TransactionCancelledError
from tests.support.books import Books

JANUARY_30, JANUARY_31, FEBRUARY_1 = date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 1)


def used(*products: str) -> Totals:
    """Make totals of a unit of each product, at a tenth of a cent."""
    use = ProductTotals(Decimal(1), Decimal("0.1"), 1)
    return Totals({EntryKind.USAGE: -1}, dict.fromkeys(products, use))


def make_day(day: date, of_day: Totals, *, customer_id: str = "acme") -> Day:
    """Make a day of one entry."""
    return Day(customer_id, day, 0, -1, 1, 1, "f" * 64, of_day)


def add_day(books: Books, before: Day | None, after: Day) -> None:
    """Add to a day, and to the report of its date."""
    stores = books.stores
    shard = stores.reports.shard(after.date, after.customer_id)
    added = after.totals if before is None else used("calls")
    stores.dynamo.transact(
        [*stores.days.adding(before, after), *stores.reports.adding(shard, added)]
    )


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put few products into an item."""
    monkeypatch.setattr(totals, "PRODUCTS_PER_PART", 2)


@pytest.mark.on_dynamodb_local
@pytest.mark.usefixtures("small_parts")
def test_days_and_reports_are_read_between_two_dates(books: Books) -> None:
    many = used("calls", "storage", "bandwidth")
    for day in (JANUARY_30, JANUARY_31, FEBRUARY_1):
        for customer_id in ("acme", "globex", "initech"):
            add_day(books, None, make_day(day, many, customer_id=customer_id))

    days = list(books.stores.days.between("acme", JANUARY_31, FEBRUARY_1))
    reports = list(books.stores.reports.between(date(2026, 1, 1), JANUARY_31))

    assert days == [make_day(JANUARY_31, many), make_day(FEBRUARY_1, many)]
    of_all = many.plus(many).plus(many)
    assert reports == [DayReport(JANUARY_30, of_all), DayReport(JANUARY_31, of_all)]
    assert books.stores.days.get("acme", JANUARY_30) == make_day(JANUARY_30, many)
    assert books.stores.days.get("acme", date(2026, 1, 29)) is None


@pytest.mark.on_dynamodb_local
@pytest.mark.usefixtures("small_parts")
def test_a_day_that_goes_on_is_changed_where_it_changed(books: Books) -> None:
    before = make_day(JANUARY_31, used("storage", "calls", "bandwidth"))
    after = Day("acme", JANUARY_31, 0, -2, 1, 2, "e" * 64, before.totals.plus(used("calls")))
    add_day(books, None, before)

    add_day(books, before, after)

    assert books.stores.days.get("acme", JANUARY_31) == after
    [report] = books.stores.reports.between(JANUARY_31, JANUARY_31)
    assert report.totals == after.totals


@pytest.mark.on_dynamodb_local
def test_a_shard_that_has_changed_is_not_added_to(books: Books) -> None:
    before = make_day(JANUARY_31, used("calls"))
    after = Day("acme", JANUARY_31, 0, -2, 1, 2, "e" * 64, before.totals.plus(used("calls")))
    add_day(books, None, before)
    stores = books.stores
    shard = stores.reports.shard(JANUARY_31, "acme")
    add_day(books, before, after)

    with pytest.raises(TransactionCancelledError):
        stores.dynamo.transact(stores.reports.adding(shard, used("calls")))
