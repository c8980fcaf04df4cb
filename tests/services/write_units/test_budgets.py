"""What each path writes and reads, counted by the documented rules and held to its budget."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from billing.domain.customers import Mode
from billing.domain.tabs import TabRef
from billing.domain.usage import UNITS_MAX, LogSource, UsageClaim
from billing.services.dunning import give_up_dunning
from billing.services.record_usage import Outcome
from billing.services.settle_tab import BUSY_TAB_EVENTS, settle_tab
from billing.services.work import do
from billing.storage.usage import EVENTS_PER_TRANSACTION_MAX
from tests.services.write_units.living import record_batch
from tests.support.books import Books
from tests.support.clock import START
from tests.support.write_units import KB, Meter, item_size

type Measured = Callable[[str, Decimal | int, str], None]


def settle(books: Books) -> None:
    """Settle the tab, as a run does."""
    settle_tab(TabRef("acme", 0), dunning=books.dunning)


def test_a_batch_of_99_of_one_customer(books: Books, meter: Meter, measured: Measured) -> None:
    books.use(1)
    meter.restart()

    record_batch(books, EVENTS_PER_TRANSACTION_MAX)

    per_event = Decimal(meter.write) / EVENTS_PER_TRANSACTION_MAX
    measured("batch of 99, per event", per_event, "at most 3.05")
    assert meter.write == 99 * 3 + 2
    assert per_event <= Decimal("3.05")
    assert meter.read == 0


def test_a_single_event(books: Books, meter: Meter, measured: Measured) -> None:
    books.use(1)
    meter.restart()

    books.use(1)

    measured("single event", meter.write, "at most 5")
    assert meter.write == 5
    assert meter.read == 0


@pytest.mark.parametrize(
    ("is_billed", "units"),
    [pytest.param(False, 8, id="before"), pytest.param(True, 9, id="after-it-was-billed")],
)
def test_an_event_that_is_void(
    books: Books, meter: Meter, measured: Measured, *, is_billed: bool, units: int
) -> None:
    """The event and its place in the index, the row and its place, and the tab; then the mark."""
    books.record([books.claim(1, event_id="wrong")])
    if is_billed:
        books.bill()
    meter.restart()

    books.void_usage("wrong")

    measured("a void event", meter.write, str(units))
    assert meter.write == units
    assert meter.read <= 3


def test_an_event_of_an_unpaid_record_that_is_void(
    books: Books, meter: Meter, measured: Measured
) -> None:
    """And the word that its record is taken back event by event, which is not read."""
    books.customer("short", mode=Mode.PREPAID)
    books.record([books.claim(1, event_id="wrong", customer_id="short")])
    books.bill()
    meter.restart()

    books.void_usage("wrong", customer_id="short")

    measured("a void event of an unpaid record", meter.write, "11")
    assert meter.write == 11
    assert meter.read <= 3


def test_the_first_event_of_an_interval_also_marks_its_tab(books: Books, meter: Meter) -> None:
    """That mark belongs to what a settle costs, and is counted there."""
    books.use(1)

    assert meter.write == 5 + 1


def test_a_settle_with_the_marks_it_puts_and_takes(
    books: Books, meter: Meter, measured: Measured
) -> None:
    books.use(1)
    books.bill()
    meter.restart()

    books.use(1)
    mark = meter.write - 5
    meter.restart()
    settle(books)

    measured("settle of one tab", meter.write + mark, "at most 16")
    assert mark == 1
    assert meter.write + mark <= 16
    assert books.balance_cents() == -2


def test_a_settle_of_a_busy_tab(books: Books, meter: Meter, measured: Measured) -> None:
    """It leaves the tab in its index; a later visit that finds nothing new takes it out."""
    record_batch(books, BUSY_TAB_EVENTS + 1)
    mark = meter.write - (BUSY_TAB_EVENTS + 1) * 3 - 2 * 2
    meter.restart()

    settle(books)
    settled = meter.write
    settle(books)

    measured("settle of one busy tab", settled + mark, "at most 16")
    measured("visit of a tab found empty", meter.write - settled, "no budget")
    assert mark == 1
    assert settled + mark <= 16
    assert books.dirty_tabs() == set()


@pytest.mark.on_dynamodb_local
def test_a_thousand_events_a_settle(books: Books, meter: Meter, measured: Measured) -> None:
    """All in: recording, the marks, the run with its lease, and the visit that finds it empty.

    Elsewhere a customer with 996 waiting events was never billed again.
    """
    for count in [EVENTS_PER_TRANSACTION_MAX] * 10 + [10]:
        record_batch(books, count)
    report = books.bill()
    books.bill()

    per_event = Decimal(meter.write) / 1000
    measured("1,000 events a settle, all in, per event", per_event, "at most 3.1")
    assert per_event <= Decimal("3.1")
    assert report.records_paid == 1
    [record] = books.records()
    assert sum(line.events for line in record.lines.values()) == 1000
    assert books.balance_cents() == -1000
    assert books.counts()[books.tables.ledger] == 2
    books.assert_sound()


def test_a_credit(books: Books, meter: Meter, measured: Measured) -> None:
    # The first posting of a day pays a unit for the list of who is to be closed.
    books.credit(500, key="first-of-the-day")
    meter.restart()

    books.credit(500)

    measured("credit", meter.write, "no budget")
    assert meter.write == 3 * 2


def test_who_cannot_pay_costs_a_check(books: Books, meter: Meter, measured: Measured) -> None:
    """Whatever leaves a record unpaid checks the account, for two units each time."""
    books.customer("poor", mode=Mode.PREPAID)
    leader = books.charge(40, customer_id="poor")
    meter.restart()
    books.charge(3, customer_id="poor")
    waiting = meter.write
    meter.restart()
    for number in range(1, 6):
        books.dunning.attempt(leader.id, number)
    attempts = meter.write
    meter.restart()
    give_up_dunning(leader.id, stores=books.stores, clock=books.clock)

    for what, units in (("waiting", waiting), ("attempts", attempts), ("giving up", meter.write)):
        measured(f"{what} without money", units, "no budget")
    # With its places in the lists of what retries and what has failed, and of who is suspended.
    assert (waiting, attempts, meter.write) == (7 + 2, 5 * 2 + 36, 7 + 2 + 3)


def test_who_can_be_charged_again_costs_a_visit(
    books: Books, meter: Meter, measured: Measured
) -> None:
    """To hold a tab, and once its customer has paid, to release it and to be done with the call."""
    books.customer("poor", mode=Mode.PREPAID)
    books.charge(40, customer_id="poor")
    books.run_workflows()
    books.use(1, customer_id="poor")
    meter.restart()
    settle_tab(TabRef("poor", 0), dunning=books.dunning)
    held = meter.write
    books.credit(100, customer_id="poor")
    meter.restart()
    outcome = do("poor", books.dunning)

    assert outcome.next == (TabRef("poor", 0),)
    for what, units in (("holding a tab", held), ("the visit after payment", meter.write)):
        measured(what, units, "no budget")
    assert (held, meter.write) == (6, 3 + 5)


def test_busy_customers_are_recorded_without_a_read_until_the_next_run_is_due(
    books: Books, meter: Meter
) -> None:
    """When that is, the tab tells, which keeps when it was last sealed."""
    names = [f"c{number}" for number in range(5)]
    for name in names:
        books.customer(name)
        books.use(1, customer_id=name)
    books.bill()
    for name in names:
        books.use(1, customer_id=name)
    meter.restart()

    for _ in range(8):
        books.clock.advance(5)
        for name in names:
            books.use(1, customer_id=name)

    assert meter.read == 0
    assert meter.write == 5 * 40


def test_a_number_that_a_run_outdated_costs_a_try_and_no_read(
    books: Books, meter: Meter, measured: Measured
) -> None:
    """The upper bound: a cancelled transaction counted as if it had been carried out."""
    for count in (1, EVENTS_PER_TRANSACTION_MAX):
        books.use(1)
        books.bill()
        books.clock.now -= timedelta(seconds=60)
        meter.restart()

        record_batch(books, count)

        done = count * 3 + 2 + 1
        measured(
            f"outdated number, batch of {count}, more than done", meter.write - done, "no budget"
        )
        assert meter.write == done + count * 2 + 2
        assert meter.read == 0


@pytest.mark.parametrize("pause_seconds", [61, 3600])
def test_a_quiet_customer_costs_at_most_a_read_unit(
    books: Books, meter: Meter, measured: Measured, pause_seconds: int
) -> None:
    """Nothing is remembered any more: neither the tab's number nor the product's price."""
    books.use(1)
    books.bill()
    books.clock.advance(pause_seconds)
    meter.restart()

    books.use(1)

    measured(f"reads after {pause_seconds} s of quiet", meter.read, "at most 1")
    assert meter.write == 6
    assert meter.read <= 1


def test_a_fresh_container_costs_at_most_a_read_unit(books: Books, meter: Meter) -> None:
    books.use(1)
    books.restart_container()
    meter.restart()

    books.use(1)

    assert meter.read <= 1


@pytest.mark.parametrize("source", [None, LogSource("f" * 64, 10**12 - 1, 10**6 - 1)])
def test_an_event_with_the_longest_ids_fits_into_one_unit(
    books: Books, meter: Meter, measured: Measured, source: LogSource | None
) -> None:
    customer_id, product_id = "c" * 64, "p" * 64
    books.customer(customer_id)
    books.product(product_id, "0.009999999999", unit_decimals=6)
    claim = UsageClaim(
        customer_id,
        "e" * 128,
        product_id,
        Decimal("999999999999.999999"),
        START.replace(microsecond=1),
        source,
    )
    assert claim.units < UNITS_MAX
    meter.restart()

    [result] = books.record([claim])

    assert result.outcome is Outcome.ACCEPTED
    [row] = books.rows(books.tables.usage)
    size = item_size(row)
    measured(f"longest event{' of a log file' if source else ''}, bytes", size, "at most 1024")
    # A tab that was sealed a billion times, and a hundred prices, take no more than this.
    assert size + len("15~999999999999") + len("99") <= KB
