"""Codes of products: tabs name what they count by them, and whoever bills reads the products."""

from datetime import timedelta

import pytest

from billing.domain.errors import IntegrityError, InvalidInputError, ProductExistsError
from billing.domain.tabs import LineKey, TabRef
from billing.storage import keys
from billing.storage import product_codes as codes_store
from tests.support.books import Books
from tests.support.faults import Faults

# Found by trying: the first 36 bits of their hashes are the same.
ALIKE = ("product-70870", "product-370631")


@pytest.mark.on_dynamodb_local
def test_of_two_products_of_one_code_the_second_is_refused(books: Books) -> None:
    """Else the usage of both would be one line."""
    assert len(set(map(keys.product_code, ALIKE))) == 1
    books.product(ALIKE[0], "1")
    before = books.counts()

    with pytest.raises(InvalidInputError, match="too like that of another product") as refused:
        books.product(ALIKE[1], "2")

    assert [error.field for error in refused.value.errors] == ["id"]
    assert books.counts() == before
    with pytest.raises(ProductExistsError):
        books.product(ALIKE[0], "2")


def test_a_container_reads_the_product_of_a_code_once(books: Books, faults: Faults) -> None:
    """Codes never change; a seal and an account are read each time."""
    books.customer()
    books.product("api-calls", "1")
    books.product("storage", "2")

    def settle() -> int:
        for product_id in ("api-calls", "storage"):
            books.use(1, product_id=product_id)
        return faults.count(books.bill)

    first, second = settle(), settle()
    books.restart_container()

    assert first == second + 1
    assert settle() == first
    assert books.balance_cents() == -9


def test_codes_that_a_container_has_no_room_for_are_read_again(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes_store, "CODES_REMEMBERED_MAX", 2)
    books.customer()
    for number in range(5):
        books.product(f"product-{number}", "1")
        books.use(1, product_id=f"product-{number}")
        books.stores.tabs.of_customer("acme")

    [tab] = books.stores.tabs.of_customer("acme")

    assert {line.product_id for line in tab.lines} == {f"product-{number}" for number in range(5)}
    books.bill()
    assert books.balance_cents() == -5
    books.assert_sound()


def test_usage_of_a_code_that_nobody_claimed_is_told_and_not_guessed(books: Books) -> None:
    books.customer()
    books.product("api-calls", "1")
    books.use(1)
    claim = keys.product_code_claim(keys.product_code("api-calls"))
    books.client.delete_item(
        TableName=books.tables.accounts, Key={name: {"S": text} for name, text in claim.items()}
    )

    with pytest.raises(IntegrityError, match=keys.product_code("api-calls")):
        books.bill()

    assert books.records() == []


def test_a_tab_is_read_by_the_names_of_its_products(books: Books) -> None:
    books.customer()
    books.product("api-calls", "0.25")
    books.use(3)
    books.clock.now += timedelta(days=20)
    books.use(4)

    tab = books.stores.tabs.get(TabRef("acme", 0))

    assert tab is not None
    assert {line: int(totals.units) for line, totals in tab.lines.items()} == {
        LineKey("api-calls", 1, "2026-01"): 3,
        LineKey("api-calls", 1, "2026-02"): 4,
    }
