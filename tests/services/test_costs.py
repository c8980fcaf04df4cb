"""The figures that tools/costs calculates with are those that are counted here."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from billing.domain.tabs import HELD_AT_MOST, TabRef
from billing.services.manage_customers import suspend_customer
from billing.services.settle_tab import BUSY_TAB_EVENTS, settle_tab
from billing.storage.keys import BY_CUSTOMER_ATTRIBUTES, LISTING_ATTRIBUTES
from billing.storage.usage import EVENTS_PER_TRANSACTION_MAX
from tests.services.write_units.living import Life
from tests.support.books import Books
from tests.support.clock import SettableClock
from tests.support.logs import Bucket, line, ndjson
from tests.support.moto_books import moto_books, plain_client
from tests.support.prices import GRADUATED
from tests.support.write_units import Meter, item_size
from tools.costs import counted
from tools.costs.months import SHAPES, Shape

CUSTOMER = "0198f0c6-7c1e-7cc4-b4a6-0f3b2c1d4e5f"


@pytest.fixture
def books() -> Iterator[Books]:
    """Give books with as many partitions as a deployment has; names are as long as UUIDs."""
    with moto_books() as books:
        books.customer(CUSTOMER)
        books.product("api-calls", "1")
        yield books


@pytest.fixture
def meter(books: Books) -> Meter:
    """Count what the books cost from here on."""
    return Meter(books.client, plain_client())


def record(books: Books, count: int) -> None:
    """Record events of the customer in one call."""
    books.record([books.claim(1, customer_id=CUSTOMER) for _ in range(count)])


def settle(books: Books) -> None:
    """Settle the customer's tab, as a run does."""
    settle_tab(TabRef(CUSTOMER, 0), dunning=books.dunning)


@pytest.mark.parametrize("events", [1, EVENTS_PER_TRANSACTION_MAX])
def test_recording(books: Books, meter: Meter, events: int) -> None:
    record(books, 1)
    meter.restart()

    record(books, events)

    assert meter.write == counted.EVENT_WRITE_UNITS * events + counted.TAB_WRITE_UNITS
    assert meter.read == 0


@pytest.mark.parametrize(
    ("events", "units"),
    [
        (1, counted.SETTLE_WRITE_UNITS),
        (BUSY_TAB_EVENTS + 1, counted.BUSY_SETTLE_WRITE_UNITS),
    ],
)
def test_a_settle_and_its_mark(books: Books, meter: Meter, events: int, units: int) -> None:
    """A container knows the product by its code from its first settle on."""
    record(books, 1)
    books.bill()
    meter.restart()
    requests = 1 if events == 1 else 2
    record(books, events)
    recording = counted.EVENT_WRITE_UNITS * events + counted.TAB_WRITE_UNITS * requests
    mark = meter.write - recording
    meter.restart()

    settle(books)

    assert meter.write + mark == units
    assert meter.read == counted.SETTLE_READ_UNITS


def test_a_settle_of_a_product_that_counts_by_the_month(books: Books, meter: Meter) -> None:
    books.product("tokens", GRADUATED)
    claims = [books.claim(1, customer_id=CUSTOMER, product_id="tokens") for _ in range(2)]
    books.record(claims[:1])
    books.bill()
    meter.restart()
    books.record(claims[1:])
    mark = meter.write - counted.EVENT_WRITE_UNITS - counted.TAB_WRITE_UNITS
    meter.restart()

    settle(books)

    assert meter.write + mark == counted.MONTH_SETTLE_WRITE_UNITS
    assert meter.read == counted.MONTH_SETTLE_READ_UNITS


@pytest.mark.parametrize("shape", SHAPES, ids=["batched", "single", "quiet"])
def test_what_recording_reads_an_interval_and_that_no_try_fails(
    books: Books, meter: Meter, shape: Shape
) -> None:
    """Of a customer whose tab was sealed before, which tells when it will be sealed again."""
    intervals = 3
    record(books, 1)
    books.bill()
    requests_an_interval = shape.events_per_settle / shape.events_per_request
    counted_life = Life(
        books,
        meter,
        spacing_seconds=60 / requests_an_interval,
        events=shape.events_per_request,
        intervals=intervals,
        customer_id=CUSTOMER,
    ).live()

    assert counted_life.failed == 0
    assert counted_life.read <= shape.recording_read_units * intervals


def test_a_day_of_who_cannot_be_charged(books: Books, meter: Meter) -> None:
    suspend_customer(CUSTOMER, stores=books.stores, clock=books.clock)
    meter.restart()
    minutes = 5
    for _ in range(minutes):
        record(books, 1)
        books.bill()
        books.clock.advance(HELD_AT_MOST.total_seconds() / minutes - 60)

    books.clock.advance(60)
    books.bill()

    recording = minutes * (counted.EVENT_WRITE_UNITS + counted.TAB_WRITE_UNITS)
    runs = (minutes + 1) * counted.RUN_WRITE_UNITS
    assert len(books.records(CUSTOMER)) == 1
    assert meter.write - recording - runs == counted.HELD_DAY_WRITE_UNITS


def test_a_run_that_finds_nothing(books: Books, meter: Meter) -> None:
    books.bill()

    assert meter.write == counted.RUN_WRITE_UNITS
    assert meter.read == counted.RUN_READ_UNITS


def test_log_files(books: Books, meter: Meter) -> None:
    bucket = Bucket(books)
    lines = EVENTS_PER_TRANSACTION_MAX
    bucket.put(ndjson([line(CUSTOMER, 1)] * lines))
    meter.restart()

    bucket.read_all()

    per_line = Decimal(meter.write - counted.LOGS_RUN_WRITE_UNITS) / lines
    assert (
        counted.LOG_LINE_WRITE_UNITS - Decimal("0.001") <= per_line <= counted.LOG_LINE_WRITE_UNITS
    )


def test_a_look_for_log_files_that_finds_nothing(books: Books, meter: Meter) -> None:
    bucket = Bucket(books)
    bucket.read_all()
    meter.restart()

    bucket.read_all()

    assert meter.write == counted.LOGS_RUN_WRITE_UNITS
    assert meter.read == counted.LOGS_RUN_READ_UNITS


def test_what_is_stored(books: Books) -> None:
    books.clock = SettableClock(books.clock.now.replace(microsecond=123456))
    event_id = "7fa798eb-70fb-4a77-bd16-e2d29daddb6a"
    books.record([books.claim(100, customer_id=CUSTOMER, event_id=event_id)])
    settle(books)

    def largest(table: str, prefix: str) -> int:
        rows = [row for row in books.rows(table) if row["sk"]["S"].startswith(prefix)]
        return max(map(item_size, rows))

    def in_indexes(row: Mapping[str, Any]) -> int:
        keys = {"pk", "sk"}
        entries = (keys | set(LISTING_ATTRIBUTES), keys | set(BY_CUSTOMER_ATTRIBUTES))
        return sum(item_size({name: row[name] for name in names}) for names in entries)

    tables = books.tables
    [record] = [row for row in books.rows(tables.accounts) if row["sk"]["S"].startswith("RECORD#")]
    assert counted.RECORD_INDEX_BYTES - 20 <= in_indexes(record) <= counted.RECORD_INDEX_BYTES
    assert counted.EVENT_BYTES - 10 <= largest(tables.usage, "") <= counted.EVENT_BYTES
    assert counted.RECORD_BYTES - 20 <= largest(tables.accounts, "RECORD#") <= counted.RECORD_BYTES
    assert counted.ENTRY_BYTES - 10 <= largest(tables.ledger, "ENTRY#") <= counted.ENTRY_BYTES
    assert counted.ENTRY_KEY_BYTES - 10 <= largest(tables.ledger, "KEY#") <= counted.ENTRY_KEY_BYTES
