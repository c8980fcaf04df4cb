"""One run at a time, and never longer than the lease."""

import pytest

from billing.domain.errors import RunInProgressError
from billing.services.run_billing import (
    INLINE_TABS_MAX,
    JOB,
    LEASE_SECONDS,
    RunReport,
)
from tests.services.billing_run.running import dirty, mark_dirty, run
from tests.support.books import Books
from tests.support.faults import (
    KILLED_BEFORE,
    Faults,
    ProcessKilledError,
    from_call,
    meanwhile,
    on,
)
from tests.support.queue import SettleQueueInMemory


def test_nothing_to_bill_is_no_work(books: Books) -> None:
    before = books.counts()

    assert run(books) == RunReport(tabs_found=0)
    # Only the lease is new.
    assert sum(books.counts().values()) == sum(before.values()) + 1


def test_a_run_bills_every_customer(books: Books) -> None:
    names = [f"customer-{n}" for n in range(8)]
    for number, name in enumerate(names):
        books.customer(name)
        books.use(number + 1, customer_id=name)

    report = run(books)

    assert report == RunReport(tabs_found=8, tabs_settled=8, records_paid=8)
    assert [books.balance_cents(name) for name in names] == [-n for n in range(1, 9)]
    assert dirty(books) == set()


def test_a_second_run_is_refused_while_the_first_is_at_work(books: Books, faults: Faults) -> None:
    books.use(1)
    refused: list[Exception] = []

    def run_too() -> None:
        with pytest.raises(RunInProgressError) as caught:
            run(books, owner="second")
        refused.append(caught.value)

    with faults.planned(on("TransactWriteItems", meanwhile(run_too))):
        report = run(books, owner="first")

    assert (len(refused), report.records_paid) == (1, 1)
    assert books.balance_cents() == -1


def test_the_lease_is_free_as_soon_as_a_run_ends(books: Books) -> None:
    run(books, owner="first")

    assert run(books, owner="second").tabs_found == 0


def test_the_lease_is_free_after_a_run_that_failed(books: Books) -> None:
    class BrokenQueue(SettleQueueInMemory):
        def depth(self) -> int:
            raise RuntimeError("no queue")

    for number in range(INLINE_TABS_MAX + 1):
        mark_dirty(books, f"ghost-{number}")
    with pytest.raises(RuntimeError):
        run(books, owner="first", queue=BrokenQueue())

    assert run(books, owner="second").tabs_found == INLINE_TABS_MAX + 1


def test_the_lease_of_a_run_that_was_killed_runs_out(books: Books, faults: Faults) -> None:
    """Elsewhere a killed leader stayed leader for ever, and nothing was billed again."""
    books.use(1)
    with faults.planned(from_call(3, KILLED_BEFORE)), pytest.raises(ProcessKilledError):
        run(books, owner="killed")

    books.clock.advance(LEASE_SECONDS - 1)
    with pytest.raises(RunInProgressError):
        run(books, owner="next")
    books.clock.advance(1)
    assert run(books, owner="next").records_paid == 1
    assert books.balance_cents() == -1
    books.assert_sound()


@pytest.mark.on_dynamodb_local
def test_a_run_that_overran_its_lease_does_not_free_that_of_the_next(
    books: Books, faults: Faults
) -> None:
    books.use(1)

    def next_run_takes_over() -> None:
        books.clock.advance(LEASE_SECONDS)
        assert books.stores.leases.take(JOB, "second", now=books.clock(), seconds=LEASE_SECONDS)

    with faults.planned(on("TransactWriteItems", meanwhile(next_run_takes_over))):
        assert run(books, owner="first").records_paid == 1

    with pytest.raises(RunInProgressError):
        run(books, owner="third")
