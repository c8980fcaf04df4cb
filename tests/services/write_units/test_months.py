"""What usage that counts by the month writes and reads, held to its budget, and its limits."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from billing.domain.price_models import TIERS_MAX, Graduated, Tier
from billing.domain.prices import Price
from billing.domain.tabs import TabRef
from billing.services.record_usage import Outcome
from billing.services.settle_tab import settle_tab
from billing.storage import keys
from tests.support.books import Books
from tests.support.prices import FREE, GRADUATED
from tests.support.soundness import months_of
from tests.support.write_units import KB, Meter, item_size

type Measured = Callable[[str, Decimal | int, str], None]

LARGEST = Price(
    Graduated(
        (
            *(
                Tier(Decimal(number * 10**10) + Decimal("0.000001"), Decimal("9.999999999999"))
                for number in range(1, TIERS_MAX)
            ),
            Tier(None, Decimal("9.999999999999"), Decimal("9.999999999999")),
        )
    )
)


def settle(books: Books) -> None:
    """Settle the tab, as a run does."""
    settle_tab(TabRef("acme", 0), dunning=books.dunning)


def test_an_event_that_its_month_counts_costs_what_any_other_does(
    books: Books, meter: Meter
) -> None:
    books.product("graduated", GRADUATED)
    for product_id in ("api-calls", "graduated"):
        books.use(1, product_id=product_id)
        meter.restart()
        books.use(1, product_id=product_id)
        assert meter.write == 5
        assert meter.read == 0


def test_a_settle_of_a_product_that_counts_by_the_month(
    books: Books, meter: Meter, measured: Measured
) -> None:
    books.product("graduated", GRADUATED)
    books.use(1, product_id="graduated")
    books.bill()
    books.use(1, product_id="graduated")
    meter.restart()

    settle(books)

    measured("settle of one product that counts by the month", meter.write + 1, "at most 20")
    measured("reads of it", meter.read, "no budget")
    assert meter.write + 1 <= 20
    assert books.balance_cents() == -10


def test_a_settle_of_free_units_posts_nothing_and_costs_less(books: Books, meter: Meter) -> None:
    books.product("free", FREE)
    books.use(1, product_id="free")
    meter.restart()

    settle(books)

    assert meter.write <= 12
    assert books.balance_cents() == 0


def test_a_settle_of_flat_prices_reads_no_product_and_no_month(books: Books, meter: Meter) -> None:
    books.product("graduated", GRADUATED)
    reads = []
    for product_id in ("api-calls", "graduated"):
        for _ in range(2):
            books.use(1, product_id=product_id)
            meter.restart()
            settle(books)
        reads.append(meter.read)

    assert reads == [2, 4]
    assert {line.product_id for line in months_of(books.stores, "acme")} == {"graduated"}


@pytest.mark.on_dynamodb_local
def test_a_customer_of_400_products_that_count_by_the_month(
    books: Books, meter: Meter, measured: Measured
) -> None:
    """All of them in one interval: within the writes of a transaction, its bytes, and those of
    items.
    """
    names = [f"{number:03d}{'p' * 61}" for number in range(400)]
    for name in names:
        books.product(name, GRADUATED)
    for _ in range(2):
        results = books.record([books.claim(3, product_id=name) for name in names])
        assert {result.outcome for result in results} == {Outcome.ACCEPTED}
        meter.restart()
        books.bill()

    measured("billing 400 products that count by the month", meter.write, "no budget")
    rows = [row for row in books.rows(books.tables.accounts) if row["sk"]["S"].startswith("MONTH#")]
    measured("largest item of a month of 400 products, bytes", max(map(item_size, rows)), "400 KB")
    assert len(rows) == keys.MONTH_PARTS
    assert max(map(item_size, rows)) <= 400 * KB / 10
    assert books.balance_cents() == -400 * 30
    books.assert_sound()


@pytest.mark.on_dynamodb_local
def test_a_product_of_as_many_versions_and_tiers_as_may_be_is_one_item(
    books: Books, measured: Measured
) -> None:
    books.product("largest", LARGEST, unit_decimals=6)
    product = books.stores.products.get("largest")
    assert product is not None
    [version] = product.prices
    full = tuple(replace(version, version=number) for number in range(1, 101))
    assert books.stores.products.change(product, replace(product, prices=full, versions_made=100))

    [row] = [row for row in books.rows(books.tables.accounts) if row["sk"]["S"].endswith("largest")]
    measured("largest product, bytes", item_size(row), "400 KB")
    assert item_size(row) <= 400 * KB
    assert books.stores.products.get("largest") == replace(product, prices=full, versions_made=100)
    books.use("999999999.999999", product_id="largest")
    books.bill()
    books.assert_sound()


@pytest.mark.on_dynamodb_local
def test_usage_of_more_months_than_a_transaction_has_room_for_goes_to_other_tabs(
    books: Books,
) -> None:
    """A company brings the history of eight years, of four products, in one batch."""
    products = [f"product-{number}" for number in range(4)]
    for name in products:
        books.product(name, GRADUATED)
    times = [
        datetime(year, month, 1, tzinfo=UTC) for year in range(2018, 2026) for month in range(1, 13)
    ]
    claims = [
        replace(books.claim(1, product_id=name), occurred_at=at)
        for at in times
        for name in products
    ]

    results = books.record(claims)

    assert {result.outcome for result in results} == {Outcome.ACCEPTED}
    tabs = books.stores.tabs.of_customer("acme")
    assert len(tabs) > 1
    books.bill()
    assert len(months_of(books.stores, "acme")) == len(times) * len(products)
    assert books.balance_cents() == -5 * len(claims)
    books.assert_sound()
