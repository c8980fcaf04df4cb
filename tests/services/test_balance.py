"""The balance: what is in the wallet, what is still to be paid, and the usage behind it."""

from datetime import timedelta

import pytest

from billing.domain.customers import Mode, Status
from billing.domain.errors import (
    CustomerNotFoundError,
    EventNotFoundError,
    InvalidInputError,
    UnavailableError,
)
from billing.domain.usage import UsageEvent
from billing.services.manage_customers import delete_customer
from billing.services.read_balance import Balance, read_balance
from billing.services.read_usage import BilledEvent, get_usage_event
from tests.support.books import Books, event_in
from tests.support.clock import START
from tests.support.faults import (
    CONFLICT,
    KILLED_BEFORE,
    Faults,
    ProcessKilledError,
    always,
    at,
    meanwhile,
    on,
)


@pytest.fixture
def books(books: Books) -> Books:
    """Give books with a customer and a product of one cent a unit."""
    books.customer("acme")
    books.product("api-calls", "1")
    return books


def balance(books: Books, customer_id: str = "acme", *, limit: int = 50) -> Balance:
    """Read a balance."""
    return read_balance(customer_id, limit=limit, cursor=None, stores=books.stores)


def figures(of: Balance) -> tuple[int, int, int]:
    """Tell balance, pending and available cents."""
    return of.balance_cents, of.pending_cents, of.available_cents


def test_a_new_customer_has_nothing_at_all(books: Books) -> None:
    read = balance(books)

    assert figures(read) == (0, 0, 0)
    assert not read.has_funds
    assert (list(read.usage.items), read.usage.cursor) == ([], None)


def test_usage_is_pending_until_it_is_billed(books: Books) -> None:
    books.credit(500)
    books.use(120)
    assert figures(balance(books)) == (500, 120, 380)

    books.bill()
    assert figures(balance(books)) == (380, 0, 380)


def test_usage_that_a_crash_left_sealed_is_pending_too(books: Books, faults: Faults) -> None:
    books.use(120)
    with faults.planned(on("TransactWriteItems", KILLED_BEFORE)), pytest.raises(ProcessKilledError):
        books.bill()
    books.use(7)

    assert figures(balance(books)) == (0, 127, -127)


def test_a_record_that_could_not_be_paid_stays_pending(books: Books) -> None:
    books.customer("prepaid", mode=Mode.PREPAID)
    books.credit(100, customer_id="prepaid")
    books.use(120, customer_id="prepaid")
    books.bill()
    books.use(30, customer_id="prepaid")

    read = balance(books, "prepaid")

    assert figures(read) == (100, 150, -50)
    assert not read.has_funds


def test_there_are_funds_while_the_wallet_covers_what_is_pending(books: Books) -> None:
    books.credit(10)
    books.use(10)
    assert balance(books).has_funds

    books.use(1)
    assert not balance(books).has_funds


def test_the_usage_of_who_was_deleted_is_listed(books: Books) -> None:
    books.credit(10)
    books.use(10)
    books.bill()
    delete_customer("acme", stores=books.stores, clock=books.clock)

    read = balance(books)

    assert (figures(read), read.customer.status) == ((0, 0, 0), Status.DELETED)
    assert [billed.event.units for billed in read.usage.items] == [10]


@pytest.mark.parametrize(("units", "pending"), [("1", 0), ("2", 1), ("3", 1), ("6", 2)])
def test_parts_of_a_cent_are_shown_rounded(books: Books, units: str, pending: int) -> None:
    books.product("quarter", "0.25")
    books.use(units, product_id="quarter")
    assert balance(books).pending_cents == pending

    books.bill()
    read = balance(books)
    # What the run could not post is carried, and still shown.
    assert read.pending_cents - read.balance_cents == pending


def test_a_wallet_at_zero_has_no_funds(books: Books) -> None:
    books.credit(1)
    assert balance(books).has_funds
    books.use(1)
    books.bill()

    assert not balance(books).has_funds


def test_nobody_has_no_balance(books: Books) -> None:
    with pytest.raises(CustomerNotFoundError):
        balance(books, "nobody")


def test_money_on_its_way_from_tab_to_wallet_is_seen_once(books: Books, faults: Faults) -> None:
    """A run between the reads of wallet and tab must neither hide usage nor show it twice."""
    books.use(120)
    calls = faults.count(lambda: balance(books))

    for number in range(1, calls + 1):
        books.use(120)
        with faults.planned(at(number, meanwhile(books.bill))):
            read = balance(books)
        assert read.available_cents == -120 * (number + 1)


def test_a_wallet_that_never_stands_still_is_unavailable(books: Books, faults: Faults) -> None:
    change = meanwhile(lambda: books.credit(1, key=books.new_id()))
    books.patience_seconds = 2.0

    with (
        faults.planned(always(change, operation="Query")),
        pytest.raises(UnavailableError),
    ):
        balance(books)

    assert books.monotonic.seconds < books.patience_seconds


def use_on_three_tabs(books: Books, faults: Faults) -> list[UsageEvent]:
    """Use a unit every second on one of three tabs, twice at the same instant; newest first."""
    events: list[UsageEvent] = []
    for number in range(12):
        if number % 4 == 0:
            books.restart_container()
        plan = on("TransactWriteItems", CONFLICT) if number in {4, 8} else lambda _call: None
        with faults.planned(plan):
            recorder = books.recorder(lambda _count: len(events) // 4 - 1)
            [result] = recorder.record([books.claim(1, event_id=f"e{number:02d}")])
        events.append(event_in(result))
        books.clock.advance(0 if number == 5 else 1)
    assert {event.record_id.tab.shard for event in events} == {0, 1, 2}
    return sorted(events, key=lambda event: (event.recorded_at, event.event_id), reverse=True)


@pytest.mark.parametrize("limit", [1, 5, 6, 12, 100])
def test_usage_of_all_tabs_is_one_list_newest_first(
    books: Books, faults: Faults, limit: int
) -> None:
    events = use_on_three_tabs(books, faults)
    listed: list[BilledEvent] = []
    cursor = None
    pages = 0
    while cursor is not None or pages == 0:
        page = read_balance("acme", limit=limit, cursor=cursor, stores=books.stores).usage
        assert len(page.items) == min(limit, len(events) - len(listed))
        listed.extend(page.items)
        cursor = page.cursor
        pages += 1

    assert [billed.event for billed in listed] == events
    assert pages == -(-12 // limit)


@pytest.mark.on_dynamodb_local
def test_usage_that_comes_while_a_list_is_read_shifts_nothing(books: Books, faults: Faults) -> None:
    events = use_on_three_tabs(books, faults)
    first = balance(books, limit=5).usage
    books.use(1)

    rest = read_balance("acme", limit=100, cursor=first.cursor, stores=books.stores).usage

    assert [billed.event for billed in [*first.items, *rest.items]] == events


def test_every_event_tells_when_it_was_billed(books: Books) -> None:
    books.use(1)
    books.bill()
    billed_at = books.clock()
    books.use(2)

    waiting, billed = balance(books).usage.items

    assert (waiting.billed_at, waiting.record) == (None, None)
    assert billed.billed_at == billed_at == START + timedelta(seconds=60)
    assert billed.record is not None
    assert billed.record.entry_seq == 1


def test_an_event_of_an_unpaid_record_has_the_record_and_no_time(books: Books) -> None:
    books.customer("prepaid", mode=Mode.PREPAID)
    event = event_in(books.use(120, customer_id="prepaid"))
    books.bill()

    found = get_usage_event("prepaid", event.event_id, stores=books.stores)

    assert found.record is not None
    assert found.billed_at is None


@pytest.mark.parametrize("cursor", ["", "nonsense", "eyJzZXEiOiIxIn0"])
def test_a_foreign_cursor_is_refused(books: Books, cursor: str) -> None:
    with pytest.raises(InvalidInputError):
        read_balance("acme", limit=5, cursor=cursor, stores=books.stores)


def test_an_event_is_found_by_customer_and_id(books: Books) -> None:
    books.customer("globex")
    event = event_in(books.use(3))

    found = get_usage_event("acme", event.event_id, stores=books.stores)

    assert found == BilledEvent(event, None)
    with pytest.raises(EventNotFoundError):
        get_usage_event("globex", event.event_id, stores=books.stores)
    with pytest.raises(EventNotFoundError):
        get_usage_event("acme", "other", stores=books.stores)
    with pytest.raises(CustomerNotFoundError):
        get_usage_event("nobody", event.event_id, stores=books.stores)
