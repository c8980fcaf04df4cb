"""Reading a file again: a crash anywhere, and a reader of before that is still at work."""

import itertools

import pytest

from billing.domain.logfiles import FileState
from billing.services.ingest_logs import LEASE_SECONDS
from billing.services.reread_log import reread_log_file
from tests.services.log_faults.interrupted import Interrupted
from tests.services.log_faults.lines import OUTCOMES, check, restart
from tests.support.books import Books
from tests.support.faults import (
    KILLED_AFTER,
    KILLED_BEFORE,
    Fault,
    Faults,
    ProcessKilledError,
    at,
)
from tests.support.logs import Bucket, array, line


def ask(bucket: Bucket, file_id: str) -> None:
    """Ask for a file to be read again."""
    books = bucket.books
    reread_log_file(file_id, queue=bucket.queue, stores=books.stores, clock=books.clock)


@pytest.mark.parametrize("fault", [KILLED_BEFORE, KILLED_AFTER], ids=str)
def test_a_crash_at_any_call_loses_and_doubles_nothing(
    books: Books, bucket: Bucket, faults: Faults, fault: Fault
) -> None:
    """From the request to the end of the second reading, a file for each call."""
    for number in itertools.count(1):
        key, customer = f"incoming/{number:03d}", f"late-{number}"
        bucket.stored.clear()
        lines = [line(quantity=1), line(customer, 2), line(customer, -4), line(quantity=8)]
        bucket.ingest(array(lines), key)
        books.customer(customer)
        file = bucket.tally(key)
        answered = False
        try:
            with faults.planned(at(number, fault)):
                ask(bucket, file.id)
                answered = True
                bucket.run()
        except ProcessKilledError:
            restart(books)
            if not answered:
                ask(bucket, file.id)
            bucket.read_all()
        assert bucket.tally(key).state is FileState.DONE
        assert bucket.outcomes(key) == {"accepted": 3, "rejected": 1}
        assert [problem.line for problem in bucket.problems(key)] == [3]
        if len(faults.calls) < number:
            break
    assert number > 10
    books.bill()
    assert books.balance_cents("acme") == -9 * number
    books.assert_sound("acme")
    books.assert_sound("late-3")


def test_a_reader_of_before_counts_nothing_into_the_next_reading(
    books: Books, bucket: Bucket
) -> None:
    """It is so slow that another one ends the file, and somebody wants that read again."""

    def beside() -> None:
        books.clock.advance(LEASE_SECONDS + 1)
        assert bucket.run(owner="other").files_done == 1
        ask(bucket, bucket.tally().id)

    report = Interrupted(bucket, beside, at_line=2).run(owner="one")

    assert (report.failures, report.counts.lines, report.remaining) == ((), 0, 1)
    assert (bucket.tally().state, bucket.outcomes()) == (FileState.FOUND, OUTCOMES)
    assert bucket.read_all().files_done == 1
    check(books, bucket)
