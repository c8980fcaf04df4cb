"""New files are found, and thousands of old ones cost next to nothing."""

from datetime import timedelta

import pytest

from billing.domain.logfiles import FileState
from billing.services import find_logs as service
from billing.services.find_logs import COMPARE_ALL_AFTER, UPLOAD_TIME_MAX
from tests.support.books import Books
from tests.support.faults import Faults
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
    finder = service.LogFinder(books.stores, bucket, books.clock)

    [file] = finder.find(books.deadline())

    assert (file.state, file.found_at) == (FileState.FOUND, books.clock())
    assert bucket.tally("incoming/new") == file


def test_a_run_takes_on_only_so_many_files(
    books: Books, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "FILES_PER_RUN_MAX", 4)
    monkeypatch.setattr(service, "PAGE_FILES", 2)
    books.clock.advance(60)
    for number in range(11):
        bucket.put(array([line()]), f"incoming/new-{number:02d}")

    assert [bucket.read_all().files_done for _ in range(5)] == [4, 4, 3, 0, 0]
    assert books.counts()[books.tables.usage] == 11


def test_an_empty_bucket_is_no_fault(books: Books) -> None:
    report = Bucket(books).read_all()

    assert (report.files_found, report.remaining) == (0, 0)
