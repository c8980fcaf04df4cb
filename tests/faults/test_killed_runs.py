"""A billing run that is killed at any of its calls: the next run ends what it began."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from billing.domain.customers import Mode
from billing.domain.records import RecordStatus
from billing.domain.tabs import TabRef
from billing.services.rounds import LEASE_SECONDS
from tests.support.books import Books
from tests.support.faults import (
    KILLED_AFTER,
    KILLED_BEFORE,
    Fault,
    Faults,
    ProcessKilledError,
    die_at,
)


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run settle one tab after another, so that its calls come in one order."""
    monkeypatch.setattr("billing.services.retrying.WORKERS", 1)


def begin(books: Books) -> None:
    """Begin with a customer of every kind, all with usage to bill."""
    books.product("api-calls", "1")
    books.customer("postpaid")
    books.customer("leftover")
    books.customer("poor", mode=Mode.PREPAID)
    for name in ("postpaid", "leftover", "poor"):
        books.use(7, customer_id=name)
    books.stores.tabs.seal(TabRef("leftover", 0), now=books.clock())
    books.use(2, customer_id="leftover")


def assert_billed_once(books: Books) -> None:
    """Check the balance and the records of every customer."""
    expected = {
        "postpaid": (-7, [(7, RecordStatus.PAID)]),
        "leftover": (-9, [(7, RecordStatus.PAID), (2, RecordStatus.PAID)]),
        "poor": (0, [(7, RecordStatus.RETRYING)]),
    }
    for name, (balance_cents, records) in expected.items():
        books.assert_sound(name)
        assert books.balance_cents(name) == balance_cents
        assert [(r.amount_cents, r.status) for r in books.records(name)] == records
    assert books.dirty_tabs() == set()


@pytest.mark.parametrize("kill", [KILLED_BEFORE, KILLED_AFTER], ids=str)
def test_a_run_killed_at_any_call_is_ended_by_the_next(
    open_books: Callable[[], AbstractContextManager[Books]], kill: Fault
) -> None:
    with open_books() as books:
        begin(books)
        calls = Faults(books.client).count(books.bill)
        assert_billed_once(books)

    for number in range(1, calls + 1):
        with open_books() as books:
            begin(books)
            plan = die_at(number, kill)
            with Faults(books.client).planned(plan), pytest.raises(ProcessKilledError):
                books.bill(owner="killed")
            books.clock.advance(LEASE_SECONDS)
            books.bill(owner="next")

            assert_billed_once(books)
            assert len(books.workflow.waiting) == 1


@pytest.mark.parametrize("kill", [KILLED_BEFORE, KILLED_AFTER], ids=str)
def test_runs_killed_one_after_another_still_come_to_an_end(
    books: Books, faults: Faults, kill: Fault
) -> None:
    """Each run gets one call further than the one before it, with usage arriving all the time."""
    begin(books)
    books.customer("steady")
    killed = 0
    ended = False
    while not ended:
        books.use(1, customer_id="steady")
        books.clock.advance(LEASE_SECONDS)
        try:
            with faults.planned(die_at(killed + 1, kill)):
                books.bill(owner=f"run-{killed}")
        except ProcessKilledError:
            killed += 1
        else:
            ended = True

    assert killed > 10
    assert_billed_once(books)
    books.assert_sound("steady")
    assert books.balance_cents("steady") == -killed - 1
