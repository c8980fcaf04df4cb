"""Prices: an event keeps the price that was in force when it occurred."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from billing.domain.errors import (
    ConcurrentChangeError,
    InvalidInputError,
    PriceVersionInForceError,
)
from billing.domain.money import EVENT_AMOUNT_CENTS_MAX
from billing.services.catalogue import PRICE_NOTICE_SECONDS
from billing.services.manage_products import (
    get_product,
)
from tests.services.catalogue.changing import (
    set_price,
    set_price_at,
    take_back,
    used,
)
from tests.support.books import Books, event_in
from tests.support.clock import START
from tests.support.faults import Faults, cancelled, meanwhile, on
from tests.support.logs import Bucket, line, ndjson


def test_an_event_keeps_the_price_of_its_moment(books: Books) -> None:
    books.customer()
    books.product("api-calls", "10")
    before = used(books)
    set_price(books, "25")
    books.clock.advance(PRICE_NOTICE_SECONDS)
    after = used(books)

    books.bill()

    assert (before.price_version, before.unit_price_cents) == (1, Decimal(10))
    assert (after.price_version, after.unit_price_cents) == (2, Decimal(25))
    assert books.balance_cents() == -35
    [record] = books.records()
    billed = {line.price_version: totals.amount_cents for line, totals in record.lines.items()}
    assert billed == {1: Decimal(10), 2: Decimal(25)}
    books.assert_sound()


def test_usage_that_is_told_of_late_has_the_price_of_its_time(books: Books) -> None:
    books.customer()
    books.product("api-calls", "10")
    start = set_price(books, "25").prices[-1].effective_from
    books.clock.advance(3600)
    just_before = start - timedelta(microseconds=1)

    results = books.record(
        [replace(books.claim(1), occurred_at=at) for at in (START, just_before, start, None)]
    )

    assert [event_in(result).unit_price_cents for result in results] == [10, 10, 25, 25]
    books.bill()
    assert books.balance_cents() == -70
    books.assert_sound()


def test_a_log_file_that_comes_an_hour_late_has_the_prices_of_its_lines(books: Books) -> None:
    """A price that came into force meanwhile must not reach back over it."""
    books.customer()
    books.product("api-calls", "10")
    start = set_price(books, "25").prices[-1].effective_from
    books.clock.advance(3600)
    times = [start - timedelta(seconds=1), start]

    Bucket(books).ingest(ndjson([line(quantity=1, timestamp=at.isoformat()) for at in times]))

    books.bill()
    assert books.balance_cents() == -35
    books.assert_sound()


def test_usage_ahead_of_its_time_has_the_price_of_now(books: Books) -> None:
    """A price that is not in force yet may still be taken back."""
    books.customer()
    books.product("api-calls", "10")
    set_price(books, "25", after_seconds=3600)
    ahead = books.clock() + timedelta(hours=2)

    [result] = books.record([replace(books.claim(1), occurred_at=ahead)])

    assert event_in(result).unit_price_cents == 10


@pytest.mark.parametrize("read_before_seconds", [0, 1, 30, 59, 60, 61])
def test_every_container_knows_a_price_before_it_is_in_force(
    books: Books, read_before_seconds: int
) -> None:
    """However long ago a container looked, it never records at a price that is over."""
    books.customer()
    books.product("api-calls", "10")
    used(books)
    books.clock.advance(read_before_seconds)
    set_price(books, "25")

    books.clock.advance(PRICE_NOTICE_SECONDS - 0.001)
    assert used(books).unit_price_cents == 10
    books.clock.advance(0.001)
    assert used(books).unit_price_cents == 25


def test_what_was_checked_at_one_price_is_never_recorded_at_another(
    books: Books, faults: Faults
) -> None:
    """A try that meets somebody else goes on for seconds, and a price may change meanwhile."""
    books.customer()
    books.product("api-calls", "10")
    set_price(books, str(EVENT_AMOUNT_CENTS_MAX))
    books.clock.advance(PRICE_NOTICE_SECONDS - 1)
    late = cancelled({-1: "TransactionConflict"}, because=lambda: books.clock.advance(1))

    with faults.planned(on("TransactWriteItems", late)):
        event = event_in(books.use(2))

    assert (event.price_version, event.unit_price_cents) == (1, Decimal(10))
    assert event.recorded_at - event.occurred_at == timedelta(seconds=1)
    books.bill()
    assert books.balance_cents() == -20
    books.assert_sound()


def test_a_price_may_be_set_long_ahead(books: Books) -> None:
    books.customer()
    books.product("api-calls", "10")
    set_price(books, "25", after_seconds=86_400)

    books.clock.advance(86_399)
    assert used(books).unit_price_cents == 10
    books.clock.advance(1)
    assert used(books).unit_price_cents == 25


@pytest.mark.parametrize("after_seconds", [-1, 0, PRICE_NOTICE_SECONDS - 0.001])
def test_a_price_needs_its_notice(books: Books, after_seconds: float) -> None:
    books.product("api-calls", "10")

    with pytest.raises(InvalidInputError) as refused:
        set_price(books, "25", after_seconds=after_seconds)

    assert refused.value.errors[0].field == "effective_from"
    assert len(get_product("api-calls", stores=books.stores).prices) == 1


def test_a_price_that_is_set_again_at_the_same_instant_is_set_once(books: Books) -> None:
    books.product()
    first = set_price(books, "2", after_seconds=60)
    start = first.prices[-1].effective_from
    books.clock.advance(3600)

    again = set_price_at(books, "2", start)

    assert again.prices == first.prices
    with pytest.raises(InvalidInputError, match="seconds ahead"):
        set_price_at(books, "3", start)


@pytest.mark.parametrize("after_seconds", [0, 1, PRICE_NOTICE_SECONDS - 0.001])
def test_a_price_without_an_instant_that_is_repeated_within_its_notice_is_set_once(
    books: Books, after_seconds: float
) -> None:
    books.product()
    first = set_price(books, "2")
    books.clock.advance(after_seconds)

    assert set_price(books, "2").prices == first.prices
    assert get_product("api-calls", stores=books.stores).prices == first.prices


def test_a_repetition_after_the_notice_is_a_price_of_its_own(books: Books) -> None:
    books.product()
    set_price(books, "2")
    books.clock.advance(PRICE_NOTICE_SECONDS)

    assert [price.version for price in set_price(books, "2").prices] == [1, 2, 3]


def test_another_price_within_the_notice_is_no_repetition(books: Books) -> None:
    books.product()
    set_price(books, "2")
    books.clock.advance(1)

    assert [price.price.unit_price_cents for price in set_price(books, "3").prices] == [1, 2, 3]


def test_a_price_for_now_is_not_taken_for_one_that_is_far_ahead(books: Books) -> None:
    books.product()
    set_price(books, "2", after_seconds=86_400)

    with pytest.raises(InvalidInputError, match="not be earlier than that of the newest"):
        set_price(books, "2")


def test_what_is_agreed_is_never_changed(books: Books) -> None:
    books.product("api-calls", "10")
    agreed = set_price(books, "25", after_seconds=7200)

    with pytest.raises(InvalidInputError):
        set_price(books, "1", after_seconds=3600)

    assert get_product("api-calls", stores=books.stores) == agreed


@pytest.mark.parametrize("price", ["-1", "0.0000000000001", "10000000001"])
def test_an_impossible_price_is_refused(books: Books, price: str) -> None:
    books.product("api-calls", "10")
    before = books.counts()

    with pytest.raises(InvalidInputError):
        set_price(books, price)
    with pytest.raises(InvalidInputError):
        books.product("other", price)

    assert books.counts() == before


def test_one_unit_of_any_price_can_be_recorded(books: Books) -> None:
    books.customer()
    books.product("api-calls", "10000000000")

    assert used(books).unit_price_cents == 10**10


def test_two_prices_set_at_once_are_one_price_and_one_conflict(
    books: Books, faults: Faults
) -> None:
    books.product("api-calls", "10")
    somebody_else = meanwhile(lambda: set_price(books, "30"))

    with faults.planned(on("UpdateItem", somebody_else)), pytest.raises(ConcurrentChangeError):
        set_price(books, "20")

    prices = get_product("api-calls", stores=books.stores).prices
    assert [price.price.unit_price_cents for price in prices] == [10, 30]


def test_a_price_that_was_set_by_a_slip_is_taken_back_and_another_one_set(books: Books) -> None:
    books.customer()
    books.product("api-calls", "10")
    set_price(books, "2500", after_seconds=86_400)
    taken_back = take_back(books, 2)
    set_price(books, "25", after_seconds=3600)

    assert [price.version for price in taken_back.prices] == [1]
    assert take_back(books, 2) == get_product("api-calls", stores=books.stores)
    books.clock.advance(86_400)
    assert used(books).unit_price_cents == 25
    with pytest.raises(PriceVersionInForceError):
        take_back(books, 3)


@pytest.mark.parametrize("read_before_seconds", [0, 30, 49, 60])
def test_no_container_records_at_a_price_that_was_taken_back(
    books: Books, read_before_seconds: int
) -> None:
    """However late a price is taken back, nobody who remembers it comes to use it."""
    books.customer()
    books.product("api-calls", "10")
    set_price(books, "25", after_seconds=PRICE_NOTICE_SECONDS + read_before_seconds)
    used(books)
    books.clock.advance(read_before_seconds)
    take_back(books, 2)

    books.clock.advance(PRICE_NOTICE_SECONDS)

    assert used(books).unit_price_cents == 10


def test_taking_a_price_back_while_somebody_sets_one_is_a_conflict(
    books: Books, faults: Faults
) -> None:
    """As many prices as were read are no sign that they are the same."""
    books.product("api-calls", "10")
    start = set_price(books, "25", after_seconds=3600).prices[-1].effective_from
    somebody_else = meanwhile(lambda: set_price_at(books, "30", start))

    with faults.planned(on("UpdateItem", somebody_else)), pytest.raises(ConcurrentChangeError):
        set_price_at(books, "20", start)
    with faults.planned(on("UpdateItem", somebody_else)):
        take_back(books, 3)

    assert [price.version for price in get_product("api-calls", stores=books.stores).prices] == [1]
