"""One run at a time, and never longer than the lease."""

import pytest

from billing.domain.errors import RunInProgressError, UnavailableError
from billing.domain.runs import Job
from billing.services.rounds import LEASE_SECONDS, RENEW_SECONDS
from billing.services.run_billing import BillingRun, RunReport
from tests.services.billing_run.running import dirty, run
from tests.support.books import Books
from tests.support.faults import (
    KILLED_BEFORE,
    THROTTLED,
    Call,
    Fault,
    Faults,
    ProcessKilledError,
    always,
    from_call,
    meanwhile,
    on,
)


def test_nothing_to_bill_is_no_work(books: Books) -> None:
    before = books.counts()

    assert run(books) == RunReport()
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


def test_the_lease_is_free_after_a_run_that_failed(books: Books, faults: Faults) -> None:
    with faults.planned(always(THROTTLED, operation="Query")), pytest.raises(UnavailableError):
        run(books, owner="first")

    assert run(books, owner="second") == RunReport()


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
        taken = books.stores.leases.take(Job.BILLING, "second", now=books.clock(), seconds=60)
        assert taken is not None

    with faults.planned(on("TransactWriteItems", meanwhile(next_run_takes_over))):
        assert run(books, owner="first").records_paid == 1

    with pytest.raises(RunInProgressError):
        run(books, owner="third")


def test_a_run_that_lives_keeps_its_lease_however_long_it_takes(
    books: Books, faults: Faults
) -> None:
    books.patience_seconds = 100 * LEASE_SECONDS
    refused: list[str] = []

    def time_passes() -> None:
        books.clock.advance(RENEW_SECONDS)
        books.monotonic.sleep(RENEW_SECONDS)
        with pytest.raises(RunInProgressError):
            run(books, owner="second")
        refused.append("second")

    def each_read_is_slow(call: Call) -> Fault | None:
        return meanwhile(time_passes) if call.operation == "Query" else None

    with faults.planned(each_read_is_slow):
        run(books, owner="first")

    assert len(refused) * RENEW_SECONDS > LEASE_SECONDS


def test_a_run_that_lost_its_lease_leaves_the_rest_to_who_has_it(
    books: Books, faults: Faults
) -> None:
    books.use(1)

    def sleep_too_long() -> None:
        books.clock.advance(LEASE_SECONDS)
        books.monotonic.sleep(RENEW_SECONDS)
        assert (
            books.stores.leases.take(Job.BILLING, "second", now=books.clock(), seconds=60)
            is not None
        )

    with faults.planned(on("Query", meanwhile(sleep_too_long))):
        report = run(books, owner="first")

    assert (report.tabs_settled, report.remaining) == (0, 1)
    assert books.balance_cents() == 0


@pytest.mark.parametrize("dead", [True, False], ids=["dead", "alive"])
def test_the_next_run_waits_for_the_lease_of_a_run_and_no_longer(
    books: Books, *, dead: bool
) -> None:
    books.use(1)
    leases = books.stores.leases
    assert leases.take(Job.BILLING, "other", now=books.clock(), seconds=LEASE_SECONDS) is not None
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        books.clock.advance(seconds)
        if not dead:
            assert leases.renew(Job.BILLING, "other", {}, now=books.clock(), seconds=LEASE_SECONDS)

    following = BillingRun(books.dunning, "next", books.deadline())
    if dead:
        assert following.run_when_free(sleep=sleep).records_paid == 1
    else:
        with pytest.raises(RunInProgressError):
            following.run_when_free(sleep=sleep)

    assert sum(slept) == LEASE_SECONDS
