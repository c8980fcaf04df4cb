"""Totals fit into items, however many products there are, and stay where they are."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

from billing.domain.days import Day, ProductTotals, Totals
from billing.domain.ledger import EntryKind
from billing.storage.days import Days, day_items, day_of
from billing.storage.items import size_of
from billing.storage.reports import Reports, ReportShard
from billing.storage.totals import PRODUCTS_PER_PART, parts_of, totals_in

ITEM_BYTES_MAX = 400 * 1024

# To make writes takes no store.
NO_STORE = cast("Any", None)


def of_products(count: int, *, first: int = 0) -> Totals:
    """Make totals of some products with the longest names and amounts."""
    units, cents = Decimal("999999999999.999999"), Decimal("9" * 15 + "." + "9" * 18)
    use = ProductTotals(units, cents, 10**9, ProductTotals(-units, -cents, 10**9))
    names = (f"{number:0>64}" for number in range(first, first + count))
    return Totals({EntryKind.USAGE: -(10**15)}, dict.fromkeys(names, use))


def day_with(totals: Totals) -> Day:
    """Make a day of some totals."""
    return Day("a" * 64, date(2026, 2, 1), 10**15, 0, 1, 10**12, "f" * 64, totals)


def test_a_day_of_four_hundred_products_is_one_item() -> None:
    [item] = day_items(day_with(of_products(400)))

    assert size_of(item) < ITEM_BYTES_MAX / 3
    assert day_of([item]) == day_with(of_products(400))


def test_more_products_than_an_item_takes_stand_in_several() -> None:
    items = day_items(day_with(of_products(3 * PRODUCTS_PER_PART + 1)))

    assert [len(item["products"]) for item in items] == [*[PRODUCTS_PER_PART] * 3, 1]
    assert max(map(size_of, items)) < ITEM_BYTES_MAX / 4
    assert totals_in(items) == of_products(3 * PRODUCTS_PER_PART + 1)


def test_a_product_stays_in_the_part_where_it_first_came() -> None:
    before = of_products(PRODUCTS_PER_PART, first=10)
    after = before.plus(of_products(20))

    old, new = parts_of(after, {})

    assert old["products"].keys() == before.by_product.keys()
    assert len(new["products"]) == 10


def test_only_the_parts_that_changed_are_written() -> None:
    before = of_products(2 * PRODUCTS_PER_PART)
    one_more = Totals(
        {EntryKind.CREDIT: 1}, {"a-new-product": ProductTotals(Decimal(1), Decimal(1), 1)}
    )

    days = Days(NO_STORE, "accounts")
    day = days.adding(day_with(before), day_with(before.plus(one_more)))
    shard = ReportShard(date(2026, 2, 1), 3, before, 7)
    report = Reports(NO_STORE, "accounts").adding(shard, one_more)

    assert len(day) == len(report) == 2
