"""What closing costs: next to nothing beside what it closes, and no posting pays for it."""

from datetime import UTC, datetime

import pytest

from billing.services.read_statement import read_statement
from tests.services.write_units.test_budgets import Measured
from tests.support.books import Books
from tests.support.closing import close, days_of
from tests.support.write_units import HALF, Meter
from tools.costs import counted

DAY_SECONDS = 86_400


def test_the_first_posting_of_a_day_lists_the_wallet_and_no_other(
    books: Books, meter: Meter
) -> None:
    books.credit(1, key="first")
    first = meter.write
    books.credit(1, key="second")

    assert (first, meter.write - first) == (7, 6)


def test_a_day_with_one_record(books: Books, meter: Meter, measured: Measured) -> None:
    """Added within the hour, and closed when the day is over."""
    books.use(1)
    books.bill()
    meter.restart()

    close(books)
    added_write, added_read = meter.write, meter.read
    books.clock.advance(DAY_SECONDS)
    close(books)

    of_runs = 2 * counted.RUN_WRITE_UNITS
    measured("closing a day with one record", meter.write - of_runs, "no budget")
    measured("adding one page, reads with those of the run", added_read, "no budget")
    # Of four partitions, half a unit each; a unit for the entry, and one for its record.
    assert added_read - 4 * HALF - 2 == counted.CLOSING_PAGE_READ_UNITS
    assert added_write - counted.RUN_WRITE_UNITS == counted.CLOSING_PAGE_WRITE_UNITS
    assert meter.write - of_runs == (
        counted.CLOSING_PAGE_WRITE_UNITS + counted.CLOSED_DAY_WRITE_UNITS
    )


def test_a_page_of_a_busy_customer_costs_what_one_record_does(books: Books, meter: Meter) -> None:
    """A day of 1,440 records is 24 such pages, one an hour."""
    for _ in range(5):
        books.use(1)
        books.bill()
    close(books)
    for _ in range(5):
        books.use(1)
        books.bill()
    meter.restart()

    close(books)

    assert meter.write - counted.RUN_WRITE_UNITS == counted.CLOSING_PAGE_WRITE_UNITS
    assert days_of(books)[0].last_seq == 10


def test_a_day_of_many_products(books: Books, meter: Meter, measured: Measured) -> None:
    for number in range(40):
        books.product(f"product-{number:050d}")
    for number in range(40):
        books.use(1, product_id=f"product-{number:050d}")
    books.bill()
    meter.restart()

    close(books)

    [day] = days_of(books)
    assert len(day.totals.by_product) == 40
    measured("adding a page of 40 products with long names", meter.write, "no budget")


@pytest.mark.parametrize("records_a_day", [1, 3], ids=["one record a day", "three records a day"])
def test_the_statement_of_a_closed_month_reads_its_days_and_no_entry(
    books: Books, meter: Meter, measured: Measured, records_a_day: int
) -> None:
    books.clock.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for _ in range(31):
        for _ in range(records_a_day):
            books.use(1)
            books.bill()
        books.clock.advance(DAY_SECONDS)
        close(books)
    meter.restart()

    read_statement("acme", "2026-03", now=books.clock(), stores=books.stores)

    measured(f"reading a statement, {records_a_day} records a day", meter.read, "no budget")
    assert meter.read == 11
    assert meter.write == 0
