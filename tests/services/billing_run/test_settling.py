"""A tab is sealed and settled once, whoever else is at work."""

import pytest

from billing.domain.tabs import TabRef
from billing.services.rounds import LEASE_SECONDS
from billing.services.settle_tab import BUSY_TAB_EVENTS
from tests.services.billing_run.running import TAB, dirty, mark_dirty, run, settle
from tests.support.books import Books, event_in
from tests.support.faults import (
    KILLED_BEFORE,
    Faults,
    ProcessKilledError,
    at,
    from_call,
    meanwhile,
    on,
)


@pytest.mark.on_dynamodb_local
def test_a_tab_that_a_crash_left_sealed_is_settled_to_the_same_record(
    books: Books, faults: Faults
) -> None:
    event = event_in(books.use(1))
    with faults.planned(from_call(1, KILLED_BEFORE)), pytest.raises(ProcessKilledError):
        books.bill()
    with faults.planned(on("TransactWriteItems", KILLED_BEFORE)), pytest.raises(ProcessKilledError):
        settle(books)
    tab = books.stores.tabs.get(TAB)
    assert tab is not None
    assert tab.sealed is not None
    books.use(2)

    books.clock.advance(LEASE_SECONDS)
    report = books.bill(owner="next")

    assert (report.tabs_settled, report.records_paid) == (1, 2)
    assert [str(record.id) for record in books.records()] == ["acme~0~1", "acme~0~2"]
    assert event.record_id == books.records()[0].id
    assert books.balance_cents() == -3
    books.assert_sound()


@pytest.mark.on_dynamodb_local
def test_two_at_once_settle_a_tab_once(books: Books, faults: Faults) -> None:
    """Wherever the second comes in between two calls of the first, the usage is billed once."""
    books.use(1)
    calls = faults.count(lambda: settle(books))

    for number in range(1, calls + 1):
        books.use(10)
        with faults.planned(at(number, meanwhile(lambda: settle(books)))):
            settle(books)
        books.assert_sound()
        assert books.balance_cents() == -1 - 10 * number
        assert dirty(books) <= {TAB}
    settle(books)
    assert dirty(books) == set()


def test_a_record_is_counted_by_the_run_that_made_it_and_by_no_other(
    books: Books, faults: Faults
) -> None:
    books.use(1)

    settled = meanwhile(lambda: settle(books))
    with faults.planned(on("TransactWriteItems", settled)):
        report = run(books)

    assert (report.tabs_settled, report.records_paid) == (1, 0)
    assert books.balance_cents() == -1


def test_usage_between_any_two_calls_of_a_settle_is_never_lost(
    books: Books, faults: Faults
) -> None:
    books.use(11)
    calls = faults.count(lambda: settle(books))

    for number in range(1, calls + 1):
        books.use(1)
        books.restart_container()
        with faults.planned(at(number, meanwhile(lambda: books.use(10)))):
            settle(books)
        books.assert_sound()
        # The second call seals: what came before it is sealed too.
        assert TAB in dirty(books) or number <= 2
        books.bill()
        assert dirty(books) == set()
        assert books.balance_cents() == -11 * (number + 1)


def test_a_credit_between_any_two_calls_of_a_settle_counts_too(
    books: Books, faults: Faults
) -> None:
    books.use(1)
    calls = faults.count(lambda: settle(books))

    for number in range(1, calls + 1):
        books.use(1)
        books.restart_container()
        credit = meanwhile(lambda: books.credit(100, key=books.new_id()))
        with faults.planned(at(number, credit)):
            settle(books)
        books.assert_sound()
        assert books.balance_cents() == 99 * number - 1


def test_a_busy_tab_stays_in_the_index_until_a_run_finds_it_empty(books: Books) -> None:
    books.record([books.claim(1) for _ in range(BUSY_TAB_EVENTS + 1)])

    first, second, third = books.bill(), books.bill(), books.bill()

    assert (first.tabs_found, first.records_paid) == (1, 1)
    assert (second.tabs_found, second.records_paid) == (1, 0)
    assert third.tabs_found == 0
    assert books.balance_cents() == -BUSY_TAB_EVENTS - 1
    books.assert_sound()


def test_an_empty_tab_that_stands_in_the_index_leaves_it(books: Books) -> None:
    mark_dirty(books, "acme")

    report = run(books)

    assert (report.tabs_found, report.tabs_settled, report.records_paid) == (1, 1, 0)
    assert dirty(books) == set()
    assert books.records() == []


def test_a_tab_that_is_gone_is_no_failure(books: Books) -> None:
    """The index may lag behind the table by a moment."""
    assert settle(books, TabRef("nobody", 0)) == []
    assert books.counts()[books.tables.ledger] == 0
