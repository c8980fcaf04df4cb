"""A preview tells what units would cost, on top of what a customer has used, and writes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from billing.domain.errors import CustomerNotFoundError, InvalidInputError, ProductNotFoundError
from billing.domain.months import MonthTotal
from billing.domain.price_models import TIERS_MAX, Graduated, Part, Tier
from billing.domain.prices import Price, flat
from billing.domain.records import BilledLine, BillingRecord, RecordId, RecordStatus
from billing.domain.tabs import LineKey
from billing.services.explain_record import PARTS_MAX, explain_record
from billing.services.manage_products import change_product
from billing.services.preview_price import Preview, preview_draft, preview_product
from tests.services.months.using import OTHER_TAB, used, used_on
from tests.support.books import Books
from tests.support.prices import FREE, GRADUATED, PACKAGE, VOLUME

MONTH_END = datetime(2026, 2, 1, tzinfo=UTC)


def preview(
    books: Books, units: Sequence[int], product_id: str = "graduated", customer: str | None = None
) -> Preview:
    """Preview a product."""
    return preview_product(
        product_id,
        [Decimal(each) for each in units],
        customer_id=customer,
        stores=books.stores,
        clock=books.clock,
    )


def shown(parts: Iterable[Part]) -> list[tuple[str, int, int]]:
    """Show parts in short."""
    return [(part.kind.value, int(part.units), int(part.amount_cents)) for part in parts]


def cents(of: Preview) -> list[Decimal]:
    """List what the quantities would cost."""
    return [quote.amount_cents for quote in of.quotes]


@pytest.mark.parametrize(
    "price", [GRADUATED, VOLUME, PACKAGE, FREE, flat(Decimal("0.5"))], ids=lambda p: p.model.name
)
def test_a_draft_is_quoted_by_itself(price: Price) -> None:
    units = [Decimal(0), Decimal("0.000001"), Decimal(15), Decimal(10**9)]

    found = preview_draft(price, units)

    assert cents(found) == [price.amount(each) for each in units]
    assert found.units_before == found.amount_before_cents == 0
    for quote in found.quotes:
        assert sum(part.amount_cents for part in quote.parts) == quote.amount_cents


def test_a_product_is_quoted_at_the_price_that_is_in_force(books: Books) -> None:
    change_product(
        "graduated",
        price=flat(Decimal(9)),
        effective_from=MONTH_END,
        stores=books.stores,
        clock=books.clock,
    )

    assert cents(preview(books, [9, 15])) == [45, 160]
    books.clock.now = MONTH_END
    assert cents(preview(books, [9, 15])) == [81, 135]


def test_a_customer_is_quoted_on_top_of_what_was_used_this_month(books: Books) -> None:
    """What is billed, and what waits on any tab, open or sealed; not what is of another month."""
    used(books, 5)
    books.bill()
    used(books, 3)
    used_on(books, OTHER_TAB, 4)
    books.stores.tabs.seal(OTHER_TAB, now=books.clock())
    used(books, 10, at=MONTH_END - timedelta(days=40))
    before = books.counts()

    found = preview(books, [0, 3], customer="acme")

    assert found.units_before == 12
    assert found.amount_before_cents == 154
    assert cents(found) == [0, 6]
    [_, three] = found.quotes
    assert shown(three.parts) == [("tier", 10, 50), ("tier", 5, 110)]
    assert books.counts() == before
    books.clock.now = MONTH_END
    assert preview(books, [3], customer="acme").units_before == 0


def test_a_quote_is_what_is_billed_then(books: Books) -> None:
    for product_id in ("graduated", "volume", "package", "free", "flat"):
        used(books, 9, product_id)
        books.bill()
        [quoted] = cents(preview(books, [7], product_id, "acme"))
        before = books.balance_cents()

        used(books, 7, product_id)
        books.bill()

        assert before - books.balance_cents() == quoted


def test_what_does_not_exist_is_not_quoted(books: Books) -> None:
    with pytest.raises(ProductNotFoundError):
        preview(books, [1], "none")
    for product_id in ("graduated", "flat"):
        with pytest.raises(CustomerNotFoundError):
            preview(books, [1], product_id, "nobody")


def test_a_quantity_that_the_product_does_not_count_is_named(books: Books) -> None:
    for units, field in (([Decimal(1), Decimal("0.5")], "units.1"), ([Decimal(-1)], "units.0")):
        with pytest.raises(InvalidInputError) as refused:
            preview_product(
                "graduated", units, customer_id=None, stores=books.stores, clock=books.clock
            )
        assert [fault.field for fault in refused.value.errors] == [field]
    with pytest.raises(InvalidInputError):
        preview_draft(GRADUATED, [Decimal("0.0000001")])


def test_a_record_is_explained_part_by_part(books: Books) -> None:
    used(books, 9)
    books.bill()
    used(books, 6)
    used(books, 2, "flat")
    used(books, 15, "free")
    books.bill()

    _, record = books.records()
    explained = {
        key.product_id: shown(parts)
        for key, parts in explain_record(record, stores=books.stores).items()
    }

    assert explained == {
        "graduated": [("tier", 10, 50), ("tier", 5, 110)],
        "flat": [("units", 2, 6)],
        "free": [("free", 10, 0), ("units", 5, 10)],
    }
    for key, parts in explain_record(record, stores=books.stores).items():
        line = record.lines[key]
        before = 0 if line.month_before is None else line.month_before.debited_cents
        assert sum(part.amount_cents for part in parts) == before + line.amount_cents


def test_a_record_of_more_parts_than_an_answer_holds_is_not_explained(books: Books) -> None:
    tiers = [Tier(Decimal(bound), Decimal(1)) for bound in range(1, TIERS_MAX)]
    books.product("steps", Price(Graduated((*tiers, Tier(None, Decimal(1))))))
    line = BilledLine(Decimal(TIERS_MAX), Decimal(TIERS_MAX), 1, MonthTotal())
    months = [f"{2000 + number // 12}-{1 + number % 12:02d}" for number in range(201)]
    lines = {LineKey("steps", 1, month): line for month in months}
    record = BillingRecord(
        RecordId("acme", "0", "1"), RecordStatus.PAID, 201 * TIERS_MAX, books.clock(), lines
    )
    fewer = replace(record, lines=dict(list(lines.items())[:200]))

    assert explain_record(record, stores=books.stores) == {}
    explained = explain_record(fewer, stores=books.stores)
    assert sum(len(parts) for parts in explained.values()) == PARTS_MAX
