"""Products: made, found, listed, renamed and archived."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from billing.domain.errors import (
    ConcurrentChangeError,
    InvalidInputError,
    ProductArchivedError,
    ProductExistsError,
    ProductNotFoundError,
)
from billing.domain.prices import flat
from billing.domain.times import to_text
from billing.services.catalogue import PRICE_NOTICE_SECONDS
from billing.services.manage_products import (
    change_product,
    get_product,
    list_products,
)
from billing.services.record_usage import Outcome, Recorded, Refused
from billing.storage import keys
from tests.services.catalogue.changing import (
    archive,
    rename,
    set_price,
    used,
)
from tests.support.books import Books, event_in
from tests.support.clock import START
from tests.support.faults import ANSWER_LOST, Faults, meanwhile, on


def test_a_start_without_a_price_is_refused(books: Books) -> None:
    books.product("api-calls", "10")

    with pytest.raises(InvalidInputError, match="only for a new price"):
        change_product(
            "api-calls",
            name="x",
            effective_from=START + timedelta(days=1),
            stores=books.stores,
            clock=books.clock,
        )


@pytest.mark.on_dynamodb_local
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


def test_an_archived_product_takes_no_new_usage_and_what_was_used_is_billed(books: Books) -> None:
    books.customer()
    books.product("api-calls", "10")
    books.use(1)
    end = archive(books).archived_at
    assert end is not None
    books.use(1)
    books.clock.advance(PRICE_NOTICE_SECONDS)

    late, refused, *_ = books.record(
        [
            replace(books.claim(1), occurred_at=end - timedelta(seconds=1)),
            replace(books.claim(1), occurred_at=end),
        ]
    )

    assert event_in(late).unit_price_cents == 10
    assert isinstance(refused, Refused)
    assert isinstance(refused.error, ProductArchivedError)
    assert [result.outcome for result in books.record([books.claim(1)])] == [Outcome.REJECTED]
    books.bill()
    assert books.balance_cents() == -30
    assert archive(books).archived_at == end
    books.assert_sound()


@pytest.mark.parametrize("read_before_seconds", [0, 30, 49])
def test_every_container_knows_of_an_end_before_it_comes(
    books: Books, read_before_seconds: int
) -> None:
    books.customer()
    books.product("api-calls", "10")
    used(books)
    books.clock.advance(read_before_seconds)
    archive(books)

    books.clock.advance(PRICE_NOTICE_SECONDS - 0.001)
    used(books)
    books.clock.advance(0.001)

    assert books.use(1).outcome is Outcome.REJECTED


def test_a_repetition_is_answered_as_the_first_time_though_its_product_was_archived(
    books: Books,
) -> None:
    books.customer()
    books.product("api-calls", "10")
    first = books.claim(1, event_id="e1")
    event = event_in(books.record([first])[0])
    archive(books)
    books.clock.advance(PRICE_NOTICE_SECONDS)

    again, other = books.record([first, replace(first, units=Decimal(2))])

    assert again == Recorded(event, is_duplicate=True)
    assert other.outcome is Outcome.CONFLICT


@pytest.mark.on_dynamodb_local
def test_a_product_that_comes_out_of_the_archive_takes_usage_again(books: Books) -> None:
    books.customer()
    books.product("api-calls", "10")
    archive(books)
    books.clock.advance(PRICE_NOTICE_SECONDS)
    assert books.use(1).outcome is Outcome.REJECTED

    assert archive(books, archived=False).archived_at is None
    books.clock.advance(PRICE_NOTICE_SECONDS)

    assert used(books).unit_price_cents == 10


@pytest.mark.on_dynamodb_local
def test_a_product_of_an_earlier_version_of_this_system_is_read_and_changed(books: Books) -> None:
    """It has one price of a unit a version, and nobody counted its changes."""
    books.product("api-calls", "10")
    key = {name: {"S": text} for name, text in keys.product("api-calls").items()}
    price = {
        "version": {"N": "1"},
        "unitPriceCents": {"N": "0.25"},
        "effectiveFrom": {"S": to_text(START)},
    }
    books.client.update_item(
        TableName=books.tables.accounts,
        Key=key,
        UpdateExpression="SET prices = :prices REMOVE revision, versionsMade",
        ExpressionAttributeValues={":prices": {"L": [{"M": price}]}},
    )

    before = get_product("api-calls", stores=books.stores)
    set_price(books, "2")
    after = set_price(books, "3", after_seconds=PRICE_NOTICE_SECONDS + 1)

    assert before.prices[0].price == flat(Decimal("0.25"))
    assert get_product("api-calls", stores=books.stores) == after
    assert [price.version for price in after.prices] == [1, 2, 3]


def test_an_unknown_product_cannot_be_changed(books: Books) -> None:
    with pytest.raises(ProductNotFoundError):
        rename(books, "Calls")


def test_a_product_is_found_by_its_id(books: Books) -> None:
    books.product("api-calls", "0.25", unit_decimals=3)

    product = get_product("api-calls", stores=books.stores)

    assert (product.id, product.name, product.unit_decimals) == ("api-calls", "api-calls", 3)
    assert product.prices[0].price.unit_price_cents == Decimal("0.25")
    with pytest.raises(ProductNotFoundError):
        get_product("API-CALLS", stores=books.stores)


def test_a_product_id_belongs_to_the_first(books: Books) -> None:
    books.product("api-calls", "10")

    with pytest.raises(ProductExistsError):
        books.product("api-calls", "1")

    assert get_product("api-calls", stores=books.stores).prices[0].price.unit_price_cents == 10


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
