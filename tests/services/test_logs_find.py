"""New files are found, and thousands of old ones cost next to nothing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from billing.domain.deadline import Deadline
from billing.domain.logfiles import FileState, Search, StoredFile
from billing.services import find_logs as service
from billing.services.find_logs import (
    COMPARE_ALL_AFTER,
    OVERDUE_AFTER,
    UPLOAD_TIME_MAX,
    FindReport,
)
from billing.services.reread_log import reread_log_file
from tests.support.books import Books
from tests.support.clock import SettableMonotonic
from tests.support.faults import Call, Fault, Faults, Plan, meanwhile
from tests.support.logs import Bucket, array, line


@pytest.fixture
def bucket(books: Books) -> Bucket:
    """Give a bucket with thirty files that are all read, beside a customer and a product."""
    books.product()
    books.customer()
    bucket = Bucket(books)
    for number in range(30):
        bucket.put(b"", f"incoming/{number:03d}")
    bucket.read_all()
    return bucket


def keys_compared(bucket: Bucket, faults: Faults) -> int:
    """Count how many tallies a run reads to find out what is new."""
    with faults.planned(lambda _call: None):
        bucket.read_all()
    return sum(
        len(table["Keys"])
        for call in faults.calls
        if call.operation == "BatchGetItem"
        for table in call.body["RequestItems"].values()
    )


def test_all_files_are_compared_once_a_day_and_otherwise_the_new_ones(
    books: Books, bucket: Bucket, faults: Faults
) -> None:
    books.clock.advance(timedelta(hours=23).total_seconds())
    # The files are as young as the last whole comparison, so that they are compared again.
    assert keys_compared(bucket, faults) == 30

    books.clock.advance(COMPARE_ALL_AFTER.total_seconds())
    assert keys_compared(bucket, faults) == 30
    books.clock.advance(UPLOAD_TIME_MAX.total_seconds())
    assert keys_compared(bucket, faults) == 30
    books.clock.advance(3600)

    assert keys_compared(bucket, faults) == 0
    bucket.put(array([line()]), "incoming/000-new")
    assert keys_compared(bucket, faults) == 1
    assert bucket.outcomes("incoming/000-new") == {"accepted": 1}


def test_a_file_whose_upload_took_hours_is_found_by_the_next_run(
    books: Books, bucket: Bucket
) -> None:
    """The end of an upload makes an object whose time is that of its beginning."""
    books.clock.advance(COMPARE_ALL_AFTER.total_seconds() * 3)
    began = books.clock()
    books.clock.advance(UPLOAD_TIME_MAX.total_seconds() / 2)
    bucket.read_all()
    books.clock.advance(60)

    now, books.clock.now = books.clock.now, began
    bucket.put(array([line()]), "incoming/late")
    books.clock.now = now

    assert bucket.read_all().files_done == 1


def test_a_file_that_appears_behind_much_younger_ones_is_found_within_a_day(
    books: Books, bucket: Bucket
) -> None:
    old = books.clock()
    for _ in range(3):
        books.clock.advance(COMPARE_ALL_AFTER.total_seconds())
        bucket.read_all()
    now, books.clock.now = books.clock.now, old
    bucket.put(array([line()]), "incoming/late")
    books.clock.now = now

    books.clock.advance(3600)
    assert bucket.read_all().files_found == 0
    books.clock.advance(COMPARE_ALL_AFTER.total_seconds())
    assert bucket.read_all().files_found == 1
    assert bucket.outcomes("incoming/late") == {"accepted": 1}


def test_a_file_that_is_not_read_to_its_end_is_found_however_old_it_gets(
    books: Books, bucket: Bucket
) -> None:
    bucket.put(array([line()]), "incoming/held")
    job = f"log-file-{bucket.stored['incoming/held'][0].id}"
    for _ in range(3):
        books.clock.advance(COMPARE_ALL_AFTER.total_seconds())
        books.stores.leases.take(job, "somebody", now=books.clock(), seconds=3600)
        assert bucket.run().remaining == 1

    books.clock.advance(3600)
    assert bucket.read_all().files_done == 1
    assert bucket.outcomes("incoming/held") == {"accepted": 1}


def test_a_file_is_shown_as_found_before_its_turn_comes(books: Books, bucket: Bucket) -> None:
    bucket.put(array([line()]), "incoming/new")

    [file] = bucket.finder().step(books.deadline()).files

    assert (file.state, file.found_at) == (FileState.FOUND, books.clock())
    assert bucket.tally("incoming/new") == file
    assert bucket.queue.sent[-1] == file.id


def test_a_file_whose_message_never_came_is_handed_out_by_the_next_run(
    books: Books, bucket: Bucket
) -> None:
    bucket.put(array([line()]), "incoming/new")
    bucket.finder().run(books.deadline())
    bucket.queue.waiting.clear()
    books.clock.advance(3600)

    assert bucket.finder().run(books.deadline()) == FindReport(0, 1, 0, complete=True)
    assert bucket.run().files_done == 1


def test_what_the_queue_holds_is_not_handed_out_again(books: Books, bucket: Bucket) -> None:
    """Hours of a slow reader would bury it under the same files."""
    bucket.put(array([line()]), "incoming/new")
    for _ in range(3):
        bucket.finder().run(books.deadline())

    assert bucket.queue.depth() == 1


def test_a_file_that_nobody_reads_for_hours_is_told(books: Books, bucket: Bucket) -> None:
    bucket.put(array([line()]), "incoming/new")
    bucket.finder().run(books.deadline())
    books.clock.advance(OVERDUE_AFTER.total_seconds())
    assert bucket.finder().run(books.deadline()).files_overdue == 0

    books.clock.advance(1)
    assert bucket.finder().run(books.deadline()).files_overdue == 1
    bucket.read_all()
    assert bucket.finder().run(books.deadline()).files_overdue == 0


def test_a_file_that_is_to_be_read_again_waits_from_then_on(books: Books, bucket: Bucket) -> None:
    books.clock.advance(OVERDUE_AFTER.total_seconds() * 9)
    file = bucket.tally("incoming/000")
    reread_log_file(file.id, queue=bucket.queue, stores=books.stores, clock=books.clock)

    assert bucket.finder().run(books.deadline()).files_overdue == 0


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find four files a step, in pages of two."""
    monkeypatch.setattr(service, "FILES_PER_STEP_MAX", 4)
    monkeypatch.setattr(service, "PAGE_FILES", 2)


def put_new(books: Books, bucket: Bucket, count: int) -> None:
    """Put new files between those that are read, and behind them."""
    books.clock.advance(60)
    for number in range(count):
        bucket.put(array([line()]), f"incoming/{number % 31:03d}-new-{number:02d}")


@pytest.mark.usefixtures("small_steps")
@pytest.mark.on_dynamodb_local
def test_a_step_goes_on_where_the_last_one_ended(books: Books, bucket: Bucket) -> None:
    put_new(books, bucket, 11)

    steps = [bucket.finder().step(books.deadline()) for _ in range(4)]

    assert [(len(step.files), step.complete) for step in steps] == [
        (4, False),
        (4, False),
        (3, True),
        (0, True),
    ]
    assert len(set(bucket.queue.sent[-11:])) == 11


@pytest.mark.usefixtures("small_steps")
def test_a_run_takes_step_after_step_until_all_is_handed_out(books: Books, bucket: Bucket) -> None:
    put_new(books, bucket, 11)

    assert bucket.finder().run(books.deadline()) == FindReport(11, 0, 0, complete=True)
    assert [bucket.read_all().files_done for _ in range(2)] == [11, 0]
    assert books.counts()[books.tables.usage] == 11


@pytest.mark.on_dynamodb_local
@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("days", [0, 3], ids=["since-yesterday", "whole"])
def test_runs_that_have_no_time_to_the_end_find_every_file_in_turn(
    books: Books, bucket: Bucket, days: int
) -> None:
    """However little time each has: more files than one run can look at starve nobody."""
    books.clock.advance(days * COMPARE_ALL_AFTER.total_seconds())
    put_new(books, bucket, 8)
    found = []
    complete = False
    while not complete:
        monotonic = SettableMonotonic()
        hasty = _Hasty(bucket, monotonic)
        report = hasty.finder().run(Deadline.after(5, monotonic))
        found.append(report.files_found)
        complete = report.complete

    assert sum(found) == 8
    assert len(found) > 5
    assert bucket.read_all().files_done == 8
    assert bucket.finder().run(books.deadline()).files_found == 0


class _Hasty(Bucket):
    """A bucket that takes a second for each file that it lists."""

    def __init__(self, bucket: Bucket, monotonic: SettableMonotonic) -> None:
        super().__init__(bucket.books, bucket.stored, bucket.reads, bucket.queue)
        self._monotonic = monotonic

    def files(self, *, after: str | None = None) -> Iterator[StoredFile]:
        for each in super().files(after=after):
            self._monotonic.sleep(1)
            yield each


@pytest.mark.on_dynamodb_local
@pytest.mark.usefixtures("small_steps")
def test_two_runs_in_one_search_leave_out_nothing(
    books: Books, bucket: Bucket, faults: Faults
) -> None:
    """The slower one remembers less, and takes back nothing of what the other has looked at."""
    put_new(books, bucket, 15)

    def beside() -> None:
        assert not bucket.finder().step(books.deadline()).complete
        assert not bucket.finder().step(books.deadline()).complete
        further.append(books.stores.log_files.search())

    further: list[object] = []
    with faults.planned(_at_pause(meanwhile(beside))):
        bucket.finder().step(books.deadline())

    assert books.stores.log_files.search() == further[0]
    step = bucket.finder().step(books.deadline())
    assert (len(step.files), step.complete) == (3, True)
    assert bucket.read_all().files_done == 15


@pytest.mark.on_dynamodb_local
@pytest.mark.usefixtures("small_steps")
def test_a_search_that_another_run_ends_leaves_the_next_one_whole(
    books: Books, bucket: Bucket, faults: Faults
) -> None:
    """The other run compares all files later than this one, and this one comes to its end last."""
    books.clock.advance(COMPARE_ALL_AFTER.total_seconds() * 2)
    put_new(books, bucket, 5)
    bucket.finder().step(books.deadline())

    def beside() -> None:
        books.stores.log_files.end_search(
            Search(books.clock(), since=None, after="incoming/zzz"), was_paused=True
        )

    with faults.planned(_at_pause(meanwhile(beside))):
        assert bucket.finder().step(books.deadline()).complete
    books.clock.advance(60)
    bucket.put(array([line()]), "incoming/000-first")

    assert bucket.finder().step(books.deadline()).complete
    assert bucket.read_all().counts.lines == 6


def _at_pause(fault: Fault) -> Plan:
    """Strike once, where a search is remembered or forgotten."""
    struck: list[Call] = []

    def plan(call: Call) -> Fault | None:
        if struck or "#beganAt" not in str(call.body):
            return None
        struck.append(call)
        return fault

    return plan


def test_an_empty_bucket_is_no_fault(books: Books) -> None:
    report = Bucket(books).read_all()

    assert (report.files_found, report.remaining) == (0, 0)
