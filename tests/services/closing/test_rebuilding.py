"""Days built again from the ledger are those that are kept, and put right what was changed."""

from collections.abc import Callable
from typing import Any

import pytest

from billing.domain.errors import CustomerNotFoundError, IntegrityError
from billing.services.rebuild_days import RebuiltDay, rebuild_days
from billing.storage import day_keys
from tests.support.books import Books
from tests.support.closing import assert_days_add_up, close, days_of

DAY_SECONDS = 86_400


@pytest.fixture
def books(books: Books) -> Books:
    """Give books with entries of three days, of several products, added up in several runs."""
    for number in range(3):
        books.credit(100, key=f"k{number}")
        close(books)
        books.use(3)
        books.use(5, product_id="bandwidth")
        books.bill()
        close(books)
        books.clock.advance(DAY_SECONDS)
    close(books)
    return books


def rebuild(books: Books, *, write: bool = False) -> list[RebuiltDay]:
    """Build all days again; tell those that differ."""
    rebuilt = rebuild_days("acme", write=write, stores=books.stores)
    return [each for each in rebuilt if each.differs]


def typed_key(books: Books, number: int, part: int = 0) -> Any:  # noqa: ANN401 - of botocore
    """Name an item of a day."""
    key = day_keys.day("acme", days_of(books)[number].date, part)
    return {name: {"S": value} for name, value in key.items()}


def lose(books: Books) -> None:
    """Delete a day."""
    books.client.delete_item(TableName=books.tables.accounts, Key=typed_key(books, 1))


def change(books: Books) -> None:
    """Change what a day says of a product."""
    table, key = books.tables.accounts, typed_key(books, 1)
    item = books.client.get_item(TableName=table, Key=key)["Item"]
    item["products"]["M"]["api-calls"]["L"][0] = {"N": "999"}
    books.client.put_item(TableName=table, Item=item)


def invent(books: Books) -> None:
    """Add a day without entries."""
    table, key = books.tables.accounts, typed_key(books, 0)
    item = books.client.get_item(TableName=table, Key=key)["Item"]
    other = {"sk": {"S": "DAY#2026-03-01#000"}, "date": {"S": "2026-03-01"}}
    books.client.put_item(TableName=table, Item={**item, **other})


def add_part(books: Books) -> None:
    """Add products to a day in an item of their own."""
    table = books.tables.accounts
    item = {
        **typed_key(books, 1, 1),
        "date": {"S": str(days_of(books)[1].date)},
        "products": {"M": {"forged": {"L": [{"N": "1"}, {"N": "1"}, {"N": "1"}]}}},
    }
    books.client.put_item(TableName=table, Item=item)


@pytest.mark.on_dynamodb_local
def test_days_built_again_are_the_same_byte_for_byte(books: Books) -> None:
    assert len(list(rebuild_days("acme", write=False, stores=books.stores))) == 3
    assert rebuild(books) == []


@pytest.mark.on_dynamodb_local
@pytest.mark.parametrize("damage", [lose, change, invent, add_part])
def test_a_day_that_differs_is_named_and_put_right_only_when_asked(
    books: Books, damage: Callable[[Books], None]
) -> None:
    before = days_of(books)
    damage(books)

    assert len(rebuild(books)) == 1
    assert len(rebuild(books)) == 1, "nothing was written"
    assert len(rebuild(books, write=True)) == 1

    assert days_of(books) == before
    assert_days_add_up(books.stores, "acme")


def test_a_day_is_not_put_right_beside_a_posting(books: Books) -> None:
    lose(books)
    rebuilding = rebuild_days("acme", write=True, stores=books.stores)
    next(rebuilding)
    books.credit(1, key="meanwhile")

    with pytest.raises(IntegrityError, match="changed meanwhile"):
        list(rebuilding)
    assert len(rebuild(books, write=True)) == 1


def test_nothing_is_built_from_a_ledger_that_does_not_verify(books: Books) -> None:
    table = books.tables.ledger
    key: Any = {"pk": {"S": "acme"}, "sk": {"S": f"ENTRY#{2:015d}"}}
    books.client.delete_item(TableName=table, Key=key)

    with pytest.raises(IntegrityError, match="entry 2 is missing"):
        rebuild(books)


def test_nobody_has_no_days(books: Books) -> None:
    with pytest.raises(CustomerNotFoundError):
        list(rebuild_days("nobody", write=False, stores=books.stores))
