"""What a customer has left counts what waits at what it will cost."""

import pytest

from billing.services.read_balance import Balance, read_balance
from tests.services.months.using import OTHER_TAB, TAB, settle, used, used_on
from tests.support.books import Books
from tests.support.faults import Faults, at, meanwhile


def balance(books: Books) -> Balance:
    """Read the balance."""
    return read_balance("acme", limit=10, cursor=None, stores=books.stores)


def test_what_waits_is_pending_at_what_its_month_will_cost(books: Books) -> None:
    books.credit(1000)
    used_on(books, TAB, 9)
    used_on(books, OTHER_TAB, 6)

    assert (balance(books).pending_cents, balance(books).available_cents) == (160, 840)
    settle(books, OTHER_TAB)
    assert (balance(books).pending_cents, balance(books).available_cents) == (130, 840)
    settle(books)
    assert (balance(books).pending_cents, balance(books).available_cents) == (0, 840)


def test_what_will_come_back_is_pending_below_0(books: Books) -> None:
    used(books, 10, "volume")
    books.bill()
    used(books, 1, "volume")

    assert (balance(books).pending_cents, balance(books).available_cents) == (-39, -11)


def test_what_is_sealed_is_pending_like_what_is_open(books: Books) -> None:
    used(books, 9)
    books.stores.tabs.seal(TAB, now=books.clock())
    used(books, 6)

    assert balance(books).pending_cents == 160


@pytest.mark.parametrize("product_id", ["graduated", "free"])
def test_a_settle_between_any_two_reads_shows_no_money_twice(
    books: Books, faults: Faults, product_id: str
) -> None:
    """Also where it posts nothing, because what was used is free."""
    used(books, 4, product_id)
    calls = faults.count(lambda: balance(books))
    settle(books)

    for number in range(1, calls + 1):
        used(books, 1, product_id)
        expected = balance(books).available_cents
        with faults.planned(at(number, meanwhile(lambda: settle(books)))):
            assert balance(books).available_cents == expected
        settle(books)
