"""Customers: an id and an address belong to the first that claims them."""

import pytest

from billing.domain.customers import Customer, Mode, Status
from billing.domain.errors import (
    CustomerExistsError,
    CustomerNotFoundError,
    EmailTakenError,
    InvalidInputError,
)
from billing.services.manage_customers import get_customer, list_customers
from tests.support.books import Books
from tests.support.faults import Faults, cancelled, on


def test_a_customer_begins_with_nothing(books: Books) -> None:
    made = books.customer("acme", email="Ann@Example.com", credit_limit_cents=5000)

    found = get_customer("acme", stores=books.stores)
    assert found == made
    assert (found.mode, found.status, found.credit_limit_cents) == (
        Mode.POSTPAID,
        Status.ACTIVE,
        5000,
    )
    assert found.email == "Ann@Example.com"
    assert books.balance_cents() == 0
    books.assert_sound()


def test_nobody_is_not_found(books: Books) -> None:
    books.customer("acme")

    for name in ("nobody", "ACME"):
        with pytest.raises(CustomerNotFoundError):
            get_customer(name, stores=books.stores)


def test_a_taken_id_is_never_overwritten(books: Books) -> None:
    first = books.customer("acme")
    books.credit(500)
    before = books.counts()

    with pytest.raises(CustomerExistsError):
        books.customer("acme", mode=Mode.PREPAID, email="new@example.com")

    assert get_customer("acme", stores=books.stores) == first
    assert books.balance_cents() == 500
    assert books.counts() == before


@pytest.mark.parametrize("same", ["ann@example.com", "ANN@EXAMPLE.COM", "Ann@example.com"])
def test_an_address_belongs_to_one_customer_whatever_its_case(books: Books, same: str) -> None:
    books.customer("acme", email="Ann@Example.com")
    before = books.counts()

    with pytest.raises(EmailTakenError) as refused:
        books.customer("globex", email=same)

    assert refused.value.errors[0].field == "email"
    assert books.counts() == before


def test_a_taken_id_is_told_before_a_taken_address(books: Books) -> None:
    books.customer("acme", email="ann@example.com")

    with pytest.raises(CustomerExistsError):
        books.customer("acme", email="ann@example.com")


def test_an_id_taken_a_moment_ago_is_no_taken_address(books: Books, faults: Faults) -> None:
    """While the winner is still writing, some of its items refuse, and others are only held."""
    codes = {0: "TransactionConflict", 1: "ConditionalCheckFailed", 2: "TransactionConflict"}
    fault = cancelled(codes, because=lambda: books.customer("acme"))

    with faults.planned(on("TransactWriteItems", fault)), pytest.raises(CustomerExistsError):
        books.customer("acme", email="ann@example.com")


def test_customers_without_an_address_are_as_many_as_come(books: Books) -> None:
    assert [books.customer(f"c{n}").email for n in range(3)] == [None] * 3


def test_a_prepaid_customer_has_no_credit_limit(books: Books) -> None:
    with pytest.raises(InvalidInputError):
        books.customer("acme", mode=Mode.PREPAID, credit_limit_cents=100)

    assert books.counts()[books.tables.accounts] == 0


def all_pages(books: Books, *, limit: int) -> list[list[Customer]]:
    """Read the list of customers to its end."""
    pages = []
    cursor = None
    while True:
        page = list_customers(limit=limit, cursor=cursor, stores=books.stores)
        pages.append(list(page.items))
        cursor = page.cursor
        if cursor is None:
            return pages


def test_customers_are_listed_newest_first_page_by_page(books: Books) -> None:
    made = []
    for number in range(5):
        made.append(books.customer(f"c{number}"))
        books.clock.advance(1)

    newest_first = made[::-1]
    assert all_pages(books, limit=2) == [newest_first[:2], newest_first[2:4], newest_first[4:]]
    assert all_pages(books, limit=5) == [newest_first]
    assert all_pages(books, limit=100) == [newest_first]


def test_no_customer_is_an_empty_page(books: Books) -> None:
    books.product()

    assert all_pages(books, limit=2) == [[]]


def test_a_list_goes_on_where_it_stopped_although_it_grew(books: Books) -> None:
    for number in range(3):
        books.customer(f"c{number}")
        books.clock.advance(1)
    first = list_customers(limit=2, cursor=None, stores=books.stores)
    books.customer("newcomer")

    rest = list_customers(limit=2, cursor=first.cursor, stores=books.stores)

    assert [customer.id for customer in rest.items] == ["c0"]
    assert rest.cursor is None
