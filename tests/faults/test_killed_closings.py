"""A closing that is killed at any call, or met by a fault: what was posted is added once."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from billing.services.rounds import LEASE_SECONDS
from tests.support.books import Books
from tests.support.closing import assert_days_add_up, close, days_of, to_close, wallet_of
from tests.support.faults import (
    ANSWER_LOST,
    CONFLICT,
    KILLED_AFTER,
    KILLED_BEFORE,
    TIMED_OUT,
    UNPROCESSED,
    Fault,
    Faults,
    ProcessKilledError,
    at,
    die_at,
)

DAY_SECONDS = 86_400
NAMES = ("acme",)


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run close in pages of two entries, so that each day is more than one."""
    monkeypatch.setattr("billing.services.retrying.WORKERS", 1)
    monkeypatch.setattr("billing.services.close_days.ENTRIES_PER_PAGE", 2)


def begin(books: Books) -> None:
    """Begin with a customer who used and paid on two days, the second of which is over."""
    books.product("api-calls", "1")
    for name in NAMES:
        books.customer(name)
    for number in range(2):
        for name in NAMES:
            books.credit(100, customer_id=name, key=f"k{number}")
            books.use(7, customer_id=name)
        books.bill()
        books.clock.advance(DAY_SECONDS)


def assert_closed_once(books: Books) -> None:
    """Check the days of the customer, the reports, and that nobody is left."""
    for name in NAMES:
        assert [day.totals.sum_cents for day in days_of(books, name)] == [93, 93]
        assert wallet_of(books.stores, name).is_added_up
    assert to_close(books) == set()
    assert_days_add_up(books.stores, *NAMES)


@pytest.mark.parametrize("kill", [KILLED_BEFORE, KILLED_AFTER], ids=str)
def test_a_closing_killed_at_any_call_is_ended_by_the_next(
    open_books: Callable[[], AbstractContextManager[Books]], kill: Fault
) -> None:
    with open_books() as books:
        begin(books)
        calls = Faults(books.client).count(lambda: close(books))
        assert_closed_once(books)
    for number in range(1, calls + 1):
        with open_books() as books:
            begin(books)
            faults = Faults(books.client)
            with faults.planned(die_at(number, kill)), pytest.raises(ProcessKilledError):
                close(books, owner="killed")
            books.clock.advance(LEASE_SECONDS)

            report = close(books, owner="next")

            assert (report.failures, report.imbalances, report.remaining) == ((), (), 0)
            assert_closed_once(books)


@pytest.mark.parametrize("fault", [ANSWER_LOST, CONFLICT, TIMED_OUT, UNPROCESSED], ids=str)
def test_a_fault_that_passes_at_any_call_changes_nothing(
    open_books: Callable[[], AbstractContextManager[Books]], fault: Fault
) -> None:
    with open_books() as books:
        begin(books)
        faults = Faults(books.client)
        calls = faults.count(lambda: close(books))
        struck = [
            call.number
            for call in faults.calls
            if fault.operations is None or call.operation in fault.operations
        ]
    assert calls > 10
    for number in struck:
        with open_books() as books:
            begin(books)
            faults = Faults(books.client)
            with faults.planned(at(number, fault)):
                close(books)
            close(books)
            assert_closed_once(books)
