"""A month's statement adds up to the cent, wherever the closing run stands."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from billing.domain.errors import (
    ClosingBehindError,
    CustomerNotFoundError,
    IntegrityError,
    InvalidInputError,
    LimitReachedError,
)
from billing.domain.statements import StatementLineKind
from billing.services import read_days, read_series
from billing.services.read_ledger import list_entries
from billing.services.read_statement import StatementView, read_statement
from billing.storage import keys
from billing.storage.items import typed
from tests.support.added_up import add_up
from tests.support.books import Books
from tests.support.prices import FREE, GRADUATED

DECEMBER, JANUARY, FEBRUARY, MARCH = "2025-12", "2026-01", "2026-02", "2026-03"


@pytest.fixture
def books(books: Books) -> Books:
    """Give books of a customer who paid in, used, was charged and refunded, over three months."""
    books.product("calls", "0.25")
    books.product("storage", GRADUATED)
    books.customer()
    books.credit(5000)
    books.use(250, product_id="calls")
    books.use(12, product_id="storage")
    books.bill()
    books.clock.now = datetime(2026, 1, 31, 23, 58, 59, tzinfo=UTC)
    charge = books.charge(1200)
    books.use(7, product_id="calls")
    books.bill()
    # The bill of the last minute of a month is one of the next.
    books.use(3, product_id="calls")
    books.bill()
    books.clock.now = datetime(2026, 2, 3, 12, tzinfo=UTC)
    books.refund(charge, 200)
    books.clock.now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    return books


def statement(books: Books, month: str, customer_id: str = "acme") -> StatementView:
    """Read a statement."""
    return read_statement(customer_id, month, now=books.clock(), stores=books.stores)


def told(view: StatementView) -> list[tuple[str, str, str]]:
    """Tell the lines of a statement: kind, product or date, amount."""
    return [
        (line.kind.value, line.product_id or str(line.on or ""), str(line.amount_cents))
        for line in view.statement.lines
    ]


CLOSED_AS_FAR_AS: dict[str, Callable[[Books], None]] = {
    "nothing": lambda _books: None,
    "the first entry": lambda books: add_up(books, entries_max=1),
    "all of January but one": lambda books: add_up(books, entries_max=3),
    "all of January": lambda books: add_up(books, entries_max=4),
    "all": add_up,
}


@pytest.mark.on_dynamodb_local
@pytest.mark.parametrize("added", CLOSED_AS_FAR_AS.values(), ids=CLOSED_AS_FAR_AS)
def test_statements_are_the_same_however_far_days_are_added_up(
    books: Books, added: Callable[[Books], None]
) -> None:
    added(books)
    january, february = statement(books, JANUARY), statement(books, FEBRUARY)

    assert told(january) == [
        ("credit", "2026-01-15", "5000"),
        ("usage", "calls", "-64.25"),
        ("usage", "storage", "-154"),
        ("rounding", "", "0.25"),
        ("charge", "2026-01-31", "-1200"),
    ]
    assert told(february) == [
        ("usage", "calls", "-0.75"),
        ("rounding", "", "-0.25"),
        ("refund", "2026-02-03", "200"),
    ]
    spans = [view.statement.span for view in (january, february)]
    assert [(it.opening_cents, it.closing_cents) for it in spans] == [(0, 3582), (3582, 3781)]
    assert spans[1].closing_cents == books.balance_cents()
    assert [(it.days[0].first_seq, it.days[-1].last_seq) for it in spans] == [(1, 4), (5, 6)]


@pytest.mark.on_dynamodb_local
@pytest.mark.parametrize(
    "added", [CLOSED_AS_FAR_AS["nothing"], add_up], ids=["read from the entries", "added up"]
)
def test_usage_that_is_void_after_it_was_billed_has_a_line_of_its_own(
    books: Books, added: Callable[[Books], None]
) -> None:
    books.record([books.claim(40, product_id="calls", event_id="wrong")])
    books.use(8, product_id="calls")
    books.bill()
    books.void_usage("wrong")
    books.bill()
    added(books)

    march = statement(books, MARCH)

    used, back = march.statement.lines
    assert told(march) == [("usage", "calls", "-12"), ("correction", "calls", "10")]
    assert (used.units, back.units) == (Decimal(48), Decimal(-40))
    assert march.statement.span.closing_cents == books.balance_cents() == 3781 - 2
    [day] = read_series.read_series(
        "acme", date(2026, 3, 1), date(2026, 3, 31), stores=books.stores
    )
    assert day.totals.by_product["calls"].units == Decimal(8)
    assert day.totals.by_product["calls"].events == 3


@pytest.mark.on_dynamodb_local
def test_months_without_entries_have_the_balance_that_they_were_left_with(books: Books) -> None:
    for _ in range(2):
        before, march = statement(books, DECEMBER), statement(books, MARCH)
        assert (told(before), before.statement.span.closing_cents) == ([], 0)
        assert (told(march), march.statement.span.opening_cents) == ([], 3781)
        add_up(books)


def test_a_month_is_closed_once_it_is_over_and_all_of_it_is_added_up(books: Books) -> None:
    def closed() -> list[bool]:
        return [statement(books, month).statement.is_closed for month in (JANUARY, FEBRUARY, MARCH)]

    assert closed() == [False, False, False]
    add_up(books, entries_max=5)
    assert closed() == [True, False, False]
    add_up(books)
    assert closed() == [True, True, False]


def test_what_counts_by_the_month_is_explained_by_its_tiers(books: Books) -> None:
    january = statement(books, JANUARY)
    [priced] = january.priced

    assert (priced.line.product_id, priced.billed.units) == ("storage", Decimal(12))
    assert [(str(it.units), str(it.amount_cents)) for it in priced.parts] == [
        ("10", "50"),
        ("2", "104"),
    ]
    assert sum(part.amount_cents for part in priced.parts) == priced.billed.debited_cents == 154
    assert statement(books, FEBRUARY).priced == []
    assert set(january.products) == {"calls", "storage"}


def test_free_units_are_told_of_though_they_move_no_money(books: Books) -> None:
    books.product("tickets", FREE)
    books.customer("globex")
    books.use(9, product_id="tickets", customer_id="globex")
    books.bill()
    view = statement(books, MARCH, "globex")

    assert told(view) == []
    [priced] = view.priced
    assert [(part.kind.value, str(part.units)) for part in priced.parts] == [("free", "9")]


def test_of_too_many_products_none_is_explained(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.services.read_statement.PRODUCTS_EXPLAINED_MAX", 1)
    view = statement(books, JANUARY)

    assert (view.products, view.priced) == ({}, [])
    assert len(told(view)) == 5


def test_a_month_that_has_not_begun_has_no_statement(books: Books) -> None:
    with pytest.raises(InvalidInputError, match="month: must not be after the current month"):
        statement(books, "2026-04")


def test_who_never_was_has_no_statement(books: Books) -> None:
    with pytest.raises(CustomerNotFoundError):
        statement(books, JANUARY, "nobody")


def test_where_too_much_waits_it_is_said_until_it_is_added_up(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_days, "WAITING_ENTRIES_MAX", 3)
    with pytest.raises(ClosingBehindError, match="More than 3 entries wait"):
        statement(books, JANUARY)
    add_up(books, entries_max=1)

    # Three of January wait, and those behind them are not its own.
    assert len(told(statement(books, JANUARY))) == 5
    with pytest.raises(ClosingBehindError):
        statement(books, MARCH)


def test_the_days_that_change_while_they_are_read_are_read_again(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = read_days._read

    def read_slowly(*args: object) -> object:
        span = read(*args)  # type: ignore[arg-type]
        add_up(books, entries_max=1)
        return span

    monkeypatch.setattr(read_days, "_read", read_slowly)
    assert statement(books, JANUARY).wallet.checkpoint.seq == 6


def change_entry(books: Books, seq: int, **attributes: object) -> None:
    """Put an entry with other content in the place of one."""
    key = typed(keys.entry("acme", seq))
    found = books.client.get_item(TableName=books.tables.ledger, Key=key)["Item"]
    item = {**found, **typed(attributes)}
    books.client.put_item(TableName=books.tables.ledger, Item=item)


def remove_entry(books: Books, seq: int) -> None:
    """Take an entry out of the ledger."""
    key = typed(keys.entry("acme", seq))
    books.client.delete_item(TableName=books.tables.ledger, Key=key)


FORGERIES: dict[str, tuple[Callable[[Books], None], str]] = {
    "an amount": (lambda b: change_entry(b, 2, amountCents=-1), "entry 2 has a balance"),
    "a date": (
        lambda b: change_entry(b, 2, postedAt="2026-01-16T00:00:00.000000Z"),
        "content of entry 2 does not match",
    ),
    "an entry missing": (lambda b: remove_entry(b, 3), "entry 3 is missing"),
    "the last entry missing": (lambda b: remove_entry(b, 6), "entry 6 is missing"),
}


@pytest.mark.parametrize(("forge", "fault"), FORGERIES.values(), ids=FORGERIES)
def test_nothing_is_stated_of_a_ledger_that_does_not_verify(
    books: Books, forge: Callable[[Books], None], fault: str
) -> None:
    forge(books)
    with pytest.raises(IntegrityError, match=fault):
        statement(books, MARCH)


def test_a_day_that_does_not_add_up_is_no_statement(books: Books) -> None:
    add_up(books)
    books.client.update_item(
        TableName=books.tables.accounts,
        Key=typed({"pk": "CUSTOMER#acme", "sk": "DAY#2026-01-15#000"}),
        UpdateExpression="SET kinds.credit = :less",
        ExpressionAttributeValues=typed({":less": 4000}),
    )
    with pytest.raises(IntegrityError, match="day 2026-01-15 has a balance that is not the sum"):
        statement(books, JANUARY)


def test_a_series_has_the_same_days_as_the_statement(books: Books) -> None:
    for _ in range(2):
        days = read_series.read_series(
            "acme", date(2026, 1, 15), date(2026, 2, 1), stores=books.stores
        )
        found = {
            (day.date.isoformat(), product_id): (
                str(of_product.units),
                str(of_product.amount_cents),
            )
            for day in days
            for product_id, of_product in day.totals.by_product.items()
        }
        assert found == {
            ("2026-01-15", "calls"): ("250", "62.5"),
            ("2026-01-15", "storage"): ("12", "154"),
            ("2026-01-31", "calls"): ("7", "1.75"),
            ("2026-02-01", "calls"): ("3", "0.75"),
        }
        add_up(books)


@pytest.mark.on_dynamodb_local
def test_reports_are_what_the_days_of_all_customers_come_to(books: Books) -> None:
    books.customer("globex")
    books.credit(70, customer_id="globex")
    books.clock.advance(86_400)
    first, last = date(2026, 1, 1), date(2026, 3, 31)
    assert read_series.read_reports(first, last, stores=books.stores) == []
    for customer_id in ("acme", "globex"):
        add_up(books, customer_id=customer_id)

    reports = read_series.read_reports(first, last, stores=books.stores)
    assert sum(report.totals.sum_cents for report in reports) == 3781 + 70
    assert [report.date.isoformat() for report in reports] == [
        "2026-01-15", "2026-01-31", "2026-02-01", "2026-02-03", "2026-03-10",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("days", "message"),
    [(-1, "must not be before from"), (92, "must be less than 92 days after from")],
    ids=["backwards", "too-long"],
)
def test_a_range_is_bounded(books: Books, days: int, message: str) -> None:
    first = date(2026, 1, 1)
    last = first + timedelta(days=days)
    with pytest.raises(InvalidInputError, match=f"to: {message}"):
        read_series.read_series("acme", first, last, stores=books.stores)
    with pytest.raises(InvalidInputError, match=f"to: {message}"):
        read_series.read_reports(first, last, stores=books.stores)


def test_more_rows_than_an_answer_takes_are_refused(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_series, "SERIES_ROWS_MAX", 3)
    first, last = date(2026, 1, 1), date(2026, 3, 1)
    with pytest.raises(LimitReachedError, match="more than 3 products"):
        read_series.read_series("acme", first, last, stores=books.stores)


INSTANTS = {
    "before all": ("2026-01-14T23:59:59.999999+00:00", 0),
    "the credit": ("2026-01-15T09:00:00+00:00", 1),
    "the end of a day": ("2026-01-15T23:59:59.999999+00:00", 2),
    "a day without entries": ("2026-01-20T12:00:00+00:00", 2),
    "within a day": ("2026-01-31T23:58:59+00:00", 3),
    "the end of a month": ("2026-01-31T23:59:59.999999+00:00", 4),
    "now": ("2026-03-10T12:00:00+00:00", 6),
    "ahead": ("2027-01-01T00:00:00+00:00", 6),
}


@pytest.mark.parametrize("added", CLOSED_AS_FAR_AS.values(), ids=CLOSED_AS_FAR_AS)
def test_the_ledger_as_of_an_instant_is_the_same_however_far_days_are_added_up(
    books: Books, added: Callable[[Books], None]
) -> None:
    def newest(instant: str) -> int:
        as_of = datetime.fromisoformat(instant)
        page = list_entries("acme", limit=1, cursor=None, as_of=as_of, stores=books.stores)
        return page.entries[0].seq if page.entries else 0

    added(books)
    assert {name: newest(instant) for name, (instant, _) in INSTANTS.items()} == {
        name: seq for name, (_, seq) in INSTANTS.items()
    }


def test_the_kinds_of_lines_stand_in_the_order_of_a_statement(books: Books) -> None:
    order = list(StatementLineKind)
    kinds = [line.kind for line in statement(books, JANUARY).statement.lines]
    assert kinds == sorted(kinds, key=order.index)
