"""What reading log files costs, counted in DynamoDB's request units from every request."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from billing.services.find_logs import COMPARE_ALL_AFTER
from tests.support.books import Books
from tests.support.keeper import Keeper
from tests.support.logs import Bucket, line, ndjson
from tests.support.write_units import Meter

type Measured = Callable[[str, Decimal | int, str], None]

LINES = 99


@pytest.fixture
def bucket(books: Books) -> Bucket:
    """Give an empty bucket beside books with a customer and a product."""
    books.product()
    books.customer()
    return Bucket(books)


@pytest.fixture
def meter(books: Books, keeper: Keeper) -> Meter:
    """Count what the books cost from here on."""
    return Meter(books.client, keeper.plain_client())


def test_a_line_costs_a_write_unit_more_than_other_usage(
    bucket: Bucket, meter: Meter, measured: Measured
) -> None:
    """One of the index of log files; the tally of a file of 99 lines is the rest."""
    bucket.put(ndjson([line(quantity=1)] * LINES))
    meter.restart()

    bucket.read_all()

    of_lines = LINES * (2 + 1 + 1) + 2
    measured("log line, per line of 99", Decimal(meter.write) / LINES, "at most 4.25")
    assert of_lines <= meter.write <= of_lines + 20
    assert bucket.outcomes() == {"accepted": LINES}


def test_a_run_that_finds_nothing_costs_next_to_nothing(
    books: Books, bucket: Bucket, meter: Meter, measured: Measured
) -> None:
    for number in range(20):
        bucket.put(b"", f"incoming/{number}")
    bucket.read_all()
    # The first whole comparison that those files are older than by a day.
    books.clock.advance(2 * COMPARE_ALL_AFTER.total_seconds())
    bucket.read_all()
    books.clock.advance(3600)
    meter.restart()

    bucket.read_all()

    # When all was last compared, and the index of what is to be read.
    measured("run that finds no new file, read units", meter.read, "at most 1.5")
    # What the run did.
    assert meter.write == 1
    assert meter.read == Decimal("1.5")
