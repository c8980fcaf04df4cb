"""A crash while log files are read loses and doubles no line."""

import itertools
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from billing.domain.deadline import Deadline
from tests.services.log_faults.lines import (
    LINES,
    at_counts,
    check,
    check_fresh,
    put_fresh,
    restart,
)
from tests.support.books import Books
from tests.support.clock import SettableMonotonic
from tests.support.faults import (
    KILLED_AFTER,
    KILLED_BEFORE,
    PASSING,
    Fault,
    Faults,
    ProcessKilledError,
    at,
    meanwhile,
)
from tests.support.logs import Bucket, array, line, ndjson


@pytest.mark.parametrize("fault", [KILLED_BEFORE, KILLED_AFTER], ids=str)
def test_a_crash_at_any_call_loses_and_doubles_nothing(
    books: Books, bucket: Bucket, faults: Faults, fault: Fault
) -> None:
    """One file a crash: each call in turn is the last one of a run, and the next run goes on."""
    for number in itertools.count(1):
        key = put_fresh(bucket, number)
        try:
            with faults.planned(at(number, fault)):
                bucket.run()
        except ProcessKilledError:
            restart(books)
            bucket.read_all()
            check_fresh(bucket, key)
        else:
            break
    assert number > 15
    books.bill()
    assert books.balance_cents("acme") == -11 * number
    books.assert_sound("acme")
    books.assert_sound("1")


@pytest.mark.parametrize("fault", PASSING, ids=str)
def test_a_fault_of_the_store_that_passes_is_not_seen(
    books: Books, bucket: Bucket, faults: Faults, fault: Fault
) -> None:
    struck = range(1, 20, 2)
    for number in struck:
        key = put_fresh(bucket, number)
        with faults.planned(at(number, fault)):
            bucket.read_all()
        assert len(faults.calls) >= number
        # An answer that was lost may leave the file to the next run, which finds nothing to do.
        bucket.read_all()
        check_fresh(bucket, key)
    books.bill()
    assert books.balance_cents("acme") == -11 * len(struck)
    books.assert_sound("acme")
    books.assert_sound("1")


def test_lines_recorded_before_a_crash_count_as_accepted(
    books: Books, bucket: Bucket, faults: Faults
) -> None:
    """The transactions of one customer and of the other are done, that of the tally is not."""
    with pytest.raises(ProcessKilledError), faults.planned(at_counts(KILLED_BEFORE)):
        bucket.run()
    assert bucket.tally().position == 0
    assert sum(1 for _ in books.rows(books.tables.usage)) == 2

    restart(books)
    bucket.read_all()

    check(books, bucket)


def test_a_crash_of_the_second_upload_still_knows_the_lines_of_the_first(
    books: Books, bucket: Bucket, faults: Faults
) -> None:
    bucket.ingest(array([line(quantity=1), line(quantity=-2)]))
    books.clock.advance(60)
    bucket.put(array([line(quantity=1), line(quantity=2), line(quantity=3)]))
    with pytest.raises(ProcessKilledError), faults.planned(at_counts(KILLED_BEFORE)):
        bucket.run()
    assert bucket.tally().position == 0

    restart(books)
    bucket.read_all()

    assert bucket.outcomes() == {"accepted": 2, "duplicate": 1}
    books.assert_sound()


@pytest.mark.parametrize("form", [array, ndjson])
def test_a_run_that_ends_in_the_middle_is_continued_at_the_line(
    books: Books, bucket: Bucket, faults: Faults, form: Callable[[Sequence[object]], bytes]
) -> None:
    bucket.put(form(LINES))
    lines_of_runs = []
    remaining = 1
    while remaining:
        monotonic = SettableMonotonic()
        # Time runs out as soon as one batch is counted.
        with faults.planned(at_counts(meanwhile(partial(monotonic.sleep, 2)))):
            report = bucket.run(deadline=Deadline.after(1, monotonic))
        assert not report.failures
        lines_of_runs.append(report.counts.lines)
        remaining = report.remaining

    assert lines_of_runs == [3, 3, 2]
    check(books, bucket)


def test_a_run_without_time_reads_nothing_and_the_next_one_all(
    books: Books, bucket: Bucket
) -> None:
    report = bucket.run(deadline=Deadline(0.0, lambda: 0.0))

    assert (report.files_done, report.counts.lines, bucket.reads) == (0, 0, [])
    assert bucket.read_all().files_done == 1
    check(books, bucket)
