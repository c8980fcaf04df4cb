"""What an event costs where a customer uses many products: each event writes the whole tab."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import batched
from uuid import UUID

import pytest

from billing.domain.tabs import LINES_MAX, LineKey, LineTotals, TabRef
from billing.services.record_usage import Outcome
from billing.services.settle_tab import settle_tab
from billing.storage.usage import EVENTS_PER_TRANSACTION_MAX
from tests.services.write_units.test_budgets import Measured
from tests.support.books import Books
from tests.support.clock import START
from tests.support.write_units import KB, Meter, item_size
from tools.costs.counted import BY_PRODUCTS, TabUnits

# Names as long as most: customers and products are called by UUIDs.
CUSTOMER = str(UUID(int=2**100 + 7))

ITEM_BYTES_MAX = 400 * KB


def make_products(books: Books, count: int) -> list[str]:
    """Make products at a quarter of a cent a unit."""
    product_ids = [str(UUID(int=2**101 + number)) for number in range(count)]
    for product_id in product_ids:
        books.product(product_id, "0.25")
    return product_ids


def use_each(books: Books, product_ids: list[str]) -> None:
    """Record some units of each product, in one call."""
    claims = [
        books.claim(number % 99 + 1, customer_id=CUSTOMER, product_id=product_id)
        for number, product_id in enumerate(product_ids)
    ]
    assert {result.outcome for result in books.record(claims)} == {Outcome.ACCEPTED}


def cost_of_an_event(books: Books, meter: Meter, product_id: str) -> int:
    """Count the write units of one event more."""
    meter.restart()
    books.use(5, customer_id=CUSTOMER, product_id=product_id)
    return meter.write


@pytest.mark.parametrize(
    ("products", "most_units"), [(1, 5), (10, 6), (100, 15), (400, 45)], ids=str
)
def test_an_event_by_the_number_of_products_in_its_tab(
    books: Books, meter: Meter, measured: Measured, products: int, most_units: int
) -> None:
    """Also while something is sealed: from the seal to the settle, and after a crash between."""
    books.customer(CUSTOMER)
    # The first posting of a day pays a unit for the list of who is to be closed.
    books.credit(1, customer_id=CUSTOMER)
    product_ids = make_products(books, products)
    use_each(books, product_ids)
    open_units = cost_of_an_event(books, meter, product_ids[0])
    meter.restart()
    settle_tab(TabRef(CUSTOMER, 0), dunning=books.dunning)
    settle_units = meter.write

    use_each(books, product_ids)
    books.stores.tabs.seal(TabRef(CUSTOMER, 0), now=books.clock())
    use_each(books, product_ids)
    sealed_units = cost_of_an_event(books, meter, product_ids[0])

    bound = f"at most {most_units}"
    measured(f"an event, {products} products in the tab", open_units, bound)
    measured(f"an event, {products} products, open and sealed", sealed_units, bound)
    measured(f"settle of {products} products", settle_units, "no budget")
    assert open_units <= sealed_units <= most_units
    assert BY_PRODUCTS[products] == TabUnits(open_units, sealed_units, settle_units + 1)
    books.assert_sound(CUSTOMER)


def test_a_batch_of_as_many_products_as_events_is_one_transaction(
    books: Books, meter: Meter, measured: Measured
) -> None:
    books.customer(CUSTOMER)
    product_ids = make_products(books, EVENTS_PER_TRANSACTION_MAX)
    use_each(books, product_ids)
    meter.restart()

    use_each(books, product_ids)

    assert [charge.operation for charge in meter.charges] == ["TransactWriteItems"]
    measured("batch of 99 events of 99 products", meter.write, "at most 3.1 an event")
    assert meter.write <= Decimal("3.1") * EVENTS_PER_TRANSACTION_MAX


@pytest.mark.on_dynamodb_local
def test_the_fullest_tab_and_its_record_fit_into_an_item(books: Books, measured: Measured) -> None:
    """A tab takes lines up to its bound, and one batch more; sealed, it is filled once again."""
    product_ids = [
        f"{number:04d}" + "p" * 60 for number in range(LINES_MAX + EVENTS_PER_TRANSACTION_MAX)
    ]
    codes = [books.stores.product_codes.claiming(product_id) for product_id in product_ids]
    for start in range(0, len(codes), 100):
        books.stores.dynamo.transact(codes[start : start + 100])
    lines = {LineKey(product_id, 100, "2026-01"): FULL_LINE for product_id in product_ids}
    fill_tab(books, lines)
    books.stores.tabs.seal(TabRef("acme", 0), now=START)
    fill_tab(books, lines)

    [tab] = [row for row in books.rows(books.tables.accounts) if row["sk"] == {"S": "TAB#00"}]
    measured("fullest tab, bytes", item_size(tab), f"at most {ITEM_BYTES_MAX}")
    assert len(lines) == 499
    assert item_size(tab) <= ITEM_BYTES_MAX
    settle_tab(TabRef("acme", 0), dunning=books.dunning)
    records = [row for row in books.rows(books.tables.accounts) if "recordId" in row]
    measured("its record, bytes", max(map(item_size, records)), f"at most {ITEM_BYTES_MAX}")
    assert len(records) == 2
    assert max(map(item_size, records)) <= ITEM_BYTES_MAX


# As many digits as a price and an amount have.
FULL_LINE = LineTotals(
    Decimal("9" * 12 + "." + "9" * 6), Decimal("0." + "9" * 12), events=999_999_999
)


def fill_tab(books: Books, lines: Mapping[LineKey, LineTotals]) -> None:
    """Open lines of a tab, however many there are."""
    tabs, several = books.stores.tabs, list(lines.items())
    first = len(several) % EVENTS_PER_TRANSACTION_MAX
    parts = [several[:first], *batched(several[first:], EVENTS_PER_TRANSACTION_MAX, strict=True)]
    for part in parts:
        tab = tabs.look(TabRef("acme", 0), consistent=True)
        assert tab is not None
        books.stores.dynamo.transact([tabs.accrual(tab.ref, tab.number, dict(part), now=START)])
