"""Prices: an event keeps the price that was in force when it was recorded."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from billing.domain.errors import (
    ConcurrentChangeError,
    InvalidInputError,
    ProductExistsError,
    ProductNotFoundError,
)
from billing.domain.money import EVENT_AMOUNT_CENTS_MAX
from billing.domain.pricing import Product
from billing.domain.usage import UsageEvent
from billing.services.catalogue import PRICE_NOTICE_SECONDS
from billing.services.manage_products import (
    change_product,
    get_product,
    list_products,
)
from tests.support.books import Books, event_in
from tests.support.clock import START
from tests.support.faults import ANSWER_LOST, Faults, cancelled, meanwhile, on


def set_price(books: Books, price: str, *, after_seconds: float | None = None) -> Product:
    """Set the next price of the product."""
    start = None if after_seconds is None else books.clock() + timedelta(seconds=after_seconds)
    return set_price_at(books, price, start)


def set_price_at(books: Books, price: str, start: datetime | None) -> Product:
    """Set the next price, in force from an instant on."""
    return change_product(
        "api-calls",
        name=None,
        unit_price_cents=Decimal(price),
        effective_from=start,
        stores=books.stores,
        clock=books.clock,
    )


def rename(books: Books, name: str) -> Product:
    """Give the product another name."""
    return change_product(
        "api-calls",
        name=name,
        unit_price_cents=None,
        effective_from=None,
        stores=books.stores,
        clock=books.clock,
    )


def used(books: Books) -> UsageEvent:
    """Use one unit, and give the event."""
    return event_in(books.use(1))


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


def test_late_usage_is_priced_when_it_is_recorded(books: Books) -> None:
    books.customer()
    books.product("api-calls", "10")
    set_price(books, "25")
    books.clock.advance(3600)

    [result] = books.record([replace(books.claim(1), occurred_at=START)])

    assert event_in(result).unit_price_cents == 25


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

    assert [price.unit_price_cents for price in set_price(books, "3").prices] == [1, 2, 3]


def test_a_price_for_now_is_not_taken_for_one_that_is_far_ahead(books: Books) -> None:
    books.product()
    set_price(books, "2", after_seconds=86_400)

    with pytest.raises(InvalidInputError, match="later than that of the newest"):
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

    with pytest.raises(InvalidInputError):
        set_price(books, price)
    with pytest.raises(InvalidInputError):
        books.product("other", price)

    assert books.counts()[books.tables.accounts] == 1


def test_one_unit_of_any_price_can_be_recorded(books: Books) -> None:
    books.customer()
    books.product("api-calls", "10000000000")

    assert used(books).unit_price_cents == 10**10


def test_a_start_without_a_price_is_refused(books: Books) -> None:
    books.product("api-calls", "10")

    with pytest.raises(InvalidInputError, match="only for a new unitPriceCents"):
        change_product(
            "api-calls",
            name="x",
            unit_price_cents=None,
            effective_from=START + timedelta(days=1),
            stores=books.stores,
            clock=books.clock,
        )


def test_two_prices_set_at_once_are_one_price_and_one_conflict(
    books: Books, faults: Faults
) -> None:
    books.product("api-calls", "10")
    somebody_else = meanwhile(lambda: set_price(books, "30"))

    with faults.planned(on("UpdateItem", somebody_else)), pytest.raises(ConcurrentChangeError):
        set_price(books, "20")

    prices = get_product("api-calls", stores=books.stores).prices
    assert [price.unit_price_cents for price in prices] == [10, 30]


def test_a_new_name_set_beside_a_new_price_never_takes_the_price_away(
    books: Books, faults: Faults
) -> None:
    books.product("api-calls", "10")
    somebody_else = meanwhile(lambda: set_price(books, "30"))

    with faults.planned(on("UpdateItem", somebody_else)), pytest.raises(ConcurrentChangeError):
        rename(books, "Calls")
    rename(books, "Calls")

    product = get_product("api-calls", stores=books.stores)
    assert (product.name, len(product.prices)) == ("Calls", 2)


@pytest.mark.on_dynamodb_local
def test_a_change_whose_answer_was_lost_is_no_conflict_with_itself(
    books: Books, faults: Faults
) -> None:
    books.product("api-calls", "10")

    with faults.planned(on("UpdateItem", ANSWER_LOST)):
        changed = set_price(books, "20")

    assert get_product("api-calls", stores=books.stores) == changed
    assert len(changed.prices) == 2


def test_an_unknown_product_cannot_be_changed(books: Books) -> None:
    with pytest.raises(ProductNotFoundError):
        rename(books, "Calls")


def test_a_product_is_found_by_its_id(books: Books) -> None:
    books.product("api-calls", "0.25", unit_decimals=3)

    product = get_product("api-calls", stores=books.stores)

    assert (product.id, product.name, product.unit_decimals) == ("api-calls", "api-calls", 3)
    assert product.prices[0].unit_price_cents == Decimal("0.25")
    with pytest.raises(ProductNotFoundError):
        get_product("API-CALLS", stores=books.stores)


def test_a_product_id_belongs_to_the_first(books: Books) -> None:
    books.product("api-calls", "10")

    with pytest.raises(ProductExistsError):
        books.product("api-calls", "1")

    assert get_product("api-calls", stores=books.stores).prices[0].unit_price_cents == 10


@pytest.mark.parametrize("unit_decimals", [-1, 7])
def test_quantities_are_so_fine_and_no_finer(books: Books, unit_decimals: int) -> None:
    with pytest.raises(InvalidInputError) as refused:
        books.product("api-calls", "10", unit_decimals=unit_decimals)

    assert refused.value.errors[0].field == "unit_decimals"


def test_products_are_listed_by_id_page_by_page(books: Books) -> None:
    names = ["bandwidth", "api-calls", "compute", "storage", "Zones"]
    for name in names:
        books.product(name)

    pages = []
    cursor = None
    for _ in range(3):
        page = list_products(limit=2, cursor=cursor, stores=books.stores)
        pages.append([product.id for product in page.items])
        cursor = page.cursor

    assert pages == [["Zones", "api-calls"], ["bandwidth", "compute"], ["storage"]]
    assert cursor is None


@pytest.mark.on_dynamodb_local
def test_the_last_page_is_known_to_be_the_last_even_when_it_is_full(books: Books) -> None:
    for name in ("api-calls", "storage"):
        books.product(name)

    page = list_products(limit=2, cursor=None, stores=books.stores)

    assert (len(page.items), page.cursor) == (2, None)


@pytest.mark.parametrize("cursor", ["", "x", "eyJzZXEiOiIxIn0"])
def test_a_foreign_cursor_is_refused(books: Books, cursor: str) -> None:
    with pytest.raises(InvalidInputError):
        list_products(limit=2, cursor=cursor, stores=books.stores)
