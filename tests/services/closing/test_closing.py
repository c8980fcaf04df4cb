"""The closing run: what was posted is added to its day once, and days that are over are closed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from billing.domain.days import ProductTotals
from billing.domain.ledger import EntryKind
from billing.services.close_days import close_days
from billing.services.manage_customers import delete_customer
from billing.services.rebuild_days import enlist
from tests.support.books import Books
from tests.support.closing import assert_days_add_up, close, days_of, to_close, wallet_of
from tests.support.faults import CONFLICT, Faults, always, meanwhile, on

TODAY = date(2026, 1, 15)
DAY_SECONDS = 86_400


def use_and_bill(books: Books, units: int = 1, *, product_id: str = "api-calls") -> None:
    """Use something and have it billed."""
    books.use(units, product_id=product_id)
    books.bill()


@pytest.mark.on_dynamodb_local
def test_what_was_posted_is_added_to_its_day(books: Books) -> None:
    books.credit(100)
    use_and_bill(books, 7)
    use_and_bill(books, 8, product_id="bandwidth")

    report = close(books)

    assert (report.found, report.entries_added, report.remaining) == (1, 3, 0)
    assert (report.imbalances, report.failures) == ((), ())
    [day] = days_of(books)
    assert (day.date, day.opening_cents, day.closing_cents) == (TODAY, 0, 91)
    assert day.totals.by_kind == {EntryKind.CREDIT: 100, EntryKind.USAGE: -9}
    assert day.totals.by_product == {
        "api-calls": ProductTotals(Decimal(7), Decimal(7), 1),
        "bandwidth": ProductTotals(Decimal(8), Decimal(2), 1),
    }
    assert_days_add_up(books.stores, "acme")


@pytest.mark.on_dynamodb_local
def test_a_day_goes_on_until_it_is_over_and_then_leaves_the_list(books: Books) -> None:
    books.credit(100)
    close(books)
    use_and_bill(books, 7)
    assert close(books).entries_added == 1
    assert to_close(books) == {"acme"}
    assert not wallet_of(books.stores).has_closed(TODAY, today=TODAY)

    books.clock.advance(DAY_SECONDS)
    assert close(books).entries_added == 0

    assert to_close(books) == set()
    assert wallet_of(books.stores).has_closed(TODAY, today=TODAY)
    [day] = days_of(books)
    assert (day.first_seq, day.last_seq, day.closing_cents) == (1, 2, 93)
    assert_days_add_up(books.stores, "acme")


def test_closing_twice_adds_nothing(books: Books) -> None:
    books.credit(100)
    close(books)
    before = list(books.rows(books.tables.accounts))

    assert close_days("acme", stores=books.stores, clock=books.clock).entries == 0
    assert list(books.rows(books.tables.accounts)) == before


@pytest.mark.parametrize(
    ("first", "second", "days"),
    [
        pytest.param(
            datetime(2026, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            datetime(2026, 2, 1, tzinfo=UTC),
            [date(2026, 1, 31), date(2026, 2, 1)],
            id="a-month-ends-between-them",
        ),
        pytest.param(
            datetime(2026, 2, 1, tzinfo=UTC),
            datetime(2026, 2, 1, 23, 59, 59, 999_999, tzinfo=UTC),
            [date(2026, 2, 1)],
            id="first-and-last-of-a-day",
        ),
    ],
)
def test_entries_belong_to_the_date_of_their_instant(
    books: Books, first: datetime, second: datetime, days: list[date]
) -> None:
    books.clock.now = first
    books.credit(1, key="first")
    books.clock.now = second
    books.credit(2, key="second")

    close(books)

    assert [day.date for day in days_of(books)] == days
    assert sum(day.totals.sum_cents for day in days_of(books)) == 3
    assert_days_add_up(books.stores, "acme")


def test_a_month_that_ends_during_a_run_is_closed_by_the_next(books: Books, faults: Faults) -> None:
    books.clock.now = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
    books.credit(1, key="old")

    def new_month() -> None:
        books.clock.advance(2)
        books.credit(2, key="new")

    with faults.planned(on("TransactWriteItems", meanwhile(new_month))):
        close(books)
    close(books)

    assert [(day.date.month, day.totals.sum_cents) for day in days_of(books)] == [(1, 1), (2, 2)]
    assert wallet_of(books.stores).has_closed(date(2026, 1, 31), today=date(2026, 2, 1))
    assert_days_add_up(books.stores, "acme")


def test_what_a_clock_that_is_behind_posts_goes_to_the_day_that_is_open(books: Books) -> None:
    books.credit(1, key="in-time")
    books.clock.advance(DAY_SECONDS)
    close(books)
    books.clock.advance(-DAY_SECONDS)

    books.credit(2, key="late")
    books.clock.advance(DAY_SECONDS)
    close(books)

    assert [(day.date, day.totals.sum_cents) for day in days_of(books)] == [
        (TODAY, 1),
        (TODAY + timedelta(days=1), 2),
    ]
    assert_days_add_up(books.stores, "acme")


def test_a_clock_that_goes_back_opens_no_day_again(books: Books) -> None:
    books.credit(1)
    books.clock.advance(DAY_SECONDS)
    close(books)
    books.clock.advance(-2 * DAY_SECONDS)

    report = close(books)

    assert (report.found, report.entries_added) == (0, 0)
    assert wallet_of(books.stores).has_closed(TODAY, today=TODAY)


def test_who_was_deleted_is_closed_too(books: Books) -> None:
    books.credit(5)
    books.charge(5)
    delete_customer("acme", stores=books.stores, clock=books.clock)
    books.clock.advance(DAY_SECONDS)

    assert close(books).entries_added == 2

    assert to_close(books) == set()
    assert wallet_of(books.stores).closed_at is not None
    assert_days_add_up(books.stores, "acme")


@pytest.mark.parametrize("when", range(1, 6))
def test_a_posting_at_any_call_of_a_closing_is_added_once(
    books: Books, faults: Faults, when: int
) -> None:
    books.credit(100)

    def post() -> None:
        books.credit(7, key="meanwhile")

    with faults.planned(lambda call: meanwhile(post) if call.number == when else None):
        close_days("acme", stores=books.stores, clock=books.clock)
    close(books)

    [day] = days_of(books)
    assert day.totals.sum_cents == 107
    assert_days_add_up(books.stores, "acme")


@pytest.mark.parametrize("when", range(1, 7))
def test_two_closings_at_once_add_once(books: Books, faults: Faults, when: int) -> None:
    books.credit(100)
    use_and_bill(books, 3)

    def other() -> None:
        close_days("acme", stores=books.stores, clock=books.clock)

    with faults.planned(lambda call: meanwhile(other) if call.number == when else None):
        close_days("acme", stores=books.stores, clock=books.clock)

    assert len(faults.calls) >= when
    [day] = days_of(books)
    assert (day.last_seq, day.totals.sum_cents) == (2, 97)
    assert_days_add_up(books.stores, "acme")


def test_customers_of_one_shard_add_to_its_report_at_once(books: Books, faults: Faults) -> None:
    for name in ("one", "two"):
        books.customer(name)
        books.credit(10, customer_id=name)

    def other() -> None:
        close_days("two", stores=books.stores, clock=books.clock)

    with (
        pytest.MonkeyPatch.context() as patch,
        faults.planned(on("TransactWriteItems", meanwhile(other))),
    ):
        patch.setattr("billing.storage.day_keys.REPORT_SHARDS", 1)
        close_days("one", stores=books.stores, clock=books.clock)

    assert_days_add_up(books.stores, "one", "two")


def test_a_store_that_conflicts_for_ever_leaves_everything_as_it_was(
    books: Books, faults: Faults
) -> None:
    books.credit(10)
    with faults.planned(always(CONFLICT, operation="TransactWriteItems")):
        report = close(books)

    assert [failure.subject for failure in report.failures] == ["acme"]
    assert days_of(books) == []
    assert close(books).entries_added == 1


def test_a_day_of_ten_thousand_entries_is_added_in_pages(
    books: Books, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Played with pages of three entries, so that forty are as many pages as ten thousand."""
    monkeypatch.setattr("billing.services.close_days.ENTRIES_PER_PAGE", 3)
    for number in range(40):
        books.credit(1, key=f"k{number}")

    with faults.planned(lambda _call: None):
        report = close(books)

    assert (report.entries_added, report.remaining) == (40, 0)
    pages = [call for call in faults.calls if call.operation == "TransactWriteItems"]
    assert [len(call.body["TransactItems"]) for call in pages] == [3] * 14
    assert_days_add_up(books.stores, "acme")


def test_one_piece_of_work_ends_and_is_handed_on(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.services.close_days.ENTRIES_PER_PAGE", 1)
    monkeypatch.setattr("billing.services.close_days.PAGES_MAX", 2)
    for number in range(5):
        books.credit(1, key=f"k{number}")

    first = close_days("acme", stores=books.stores, clock=books.clock)

    assert (first.entries, first.more) == (2, True)
    assert close(books).entries_added == 3


def test_a_wallet_from_before_days_takes_its_place_with_its_next_posting(
    books: Books, unlisted: Callable[[], None]
) -> None:
    books.credit(1, key="before")
    unlisted()
    assert to_close(books) == set()
    books.clock.advance(3 * DAY_SECONDS)

    books.credit(2, key="after")
    close(books)

    assert [(day.date.day, day.totals.sum_cents) for day in days_of(books)] == [(15, 1), (18, 2)]
    assert_days_add_up(books.stores, "acme")


@pytest.fixture
def unlisted(books: Books) -> Callable[[], None]:
    """Give what makes the wallet one that an earlier version wrote."""

    def forget() -> None:
        wallet = wallet_of(books.stores)
        books.stores.dynamo.transact(
            [books.stores.wallets.changing(wallet, replace(wallet, closing_from=None))]
        )

    return forget


def test_a_wallet_from_before_days_may_be_listed_without_a_posting(
    books: Books, unlisted: Callable[[], None]
) -> None:
    books.credit(1)
    unlisted()

    assert enlist("acme", stores=books.stores)
    assert not enlist("acme", stores=books.stores)
    assert not enlist("nobody", stores=books.stores)

    assert close(books).entries_added == 1
    assert_days_add_up(books.stores, "acme")
