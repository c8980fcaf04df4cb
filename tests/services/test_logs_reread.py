"""A log file is read once more when that may bring more: on request, and when it is put again."""

import pytest

from billing.domain.errors import LogFileInProgressError, LogFileNotFoundError
from billing.domain.logfiles import FileState, LogFile
from billing.services.find_logs import COMPARE_ALL_AFTER
from billing.services.reread_log import reread_log_file
from tests.support.books import Books
from tests.support.faults import Faults, meanwhile, on
from tests.support.log_queue import FakeLogQueue
from tests.support.logs import KEY, Bucket, array, line

# Two lines are good; one names a customer and one a product who come later, one is never a line;
# one repeats a line, and one says something else under its name.
LINES = [
    line(quantity=1, id="named"),
    line("late", 2),
    line(quantity=4, service="later"),
    line(quantity=-8),
    line(quantity=1, id="named"),
    line(quantity=16, id="named"),
    line(quantity=32),
]
FIRST = {"accepted": 2, "duplicate": 1, "conflict": 1, "rejected": 3}
SECOND = {"accepted": 4, "duplicate": 1, "conflict": 1, "rejected": 1}


@pytest.fixture
def bucket(books: Books) -> Bucket:
    """Give a bucket with a file that is read, and whose customer and product are there by now."""
    books.product()
    books.customer()
    bucket = Bucket(books)
    bucket.ingest(array(LINES))
    assert bucket.outcomes() == FIRST
    books.clock.advance(COMPARE_ALL_AFTER.total_seconds() * 3)
    bucket.read_all()
    books.customer("late")
    books.product("later")
    books.restart_container()
    return bucket


def reread(bucket: Bucket, key: str = KEY) -> LogFile:
    """Ask for a file to be read again."""
    books = bucket.books
    known = bucket.tally(key)
    return reread_log_file(known.id, queue=bucket.queue, stores=books.stores, clock=books.clock)


def check_read_again(books: Books, bucket: Bucket) -> None:
    """Check that what was accepted before counts so still, and that nothing was billed twice."""
    file = bucket.tally()
    assert (file.state, file.reading, file.position) == (FileState.DONE, 2, len(LINES))
    assert bucket.outcomes() == SECOND
    assert [problem.line for problem in bucket.problems()] == [4, 6]
    assert books.counts()[books.tables.usage] == 4
    books.bill()
    assert (books.balance_cents("acme"), books.balance_cents("late")) == (-37, -2)
    books.assert_sound("acme")
    books.assert_sound("late")


@pytest.mark.on_dynamodb_local
def test_a_file_is_read_again_on_request_however_old_it_is(books: Books, bucket: Bucket) -> None:
    asked = reread(bucket)

    assert (asked.state, asked.started_at, asked.finished_at) == (FileState.FOUND, None, None)
    assert bucket.read_all().counts.lines == len(LINES)
    assert bucket.tally().upload == 1
    check_read_again(books, bucket)
    assert bucket.read_all().files_found == 0


def test_a_file_is_read_again_when_the_same_bytes_are_put_there_again(
    books: Books, bucket: Bucket
) -> None:
    file = bucket.ingest(array(LINES))

    assert (file.upload, file.stored.modified_at) == (1, books.clock())
    check_read_again(books, bucket)
    assert bucket.read_all().files_found == 0


def test_until_it_is_read_again_a_file_keeps_its_account(bucket: Bucket) -> None:
    reread(bucket)

    file = bucket.tally()
    assert (file.state, file.position) == (FileState.FOUND, len(LINES))
    assert bucket.outcomes() == FIRST
    assert [problem.line for problem in bucket.problems()] == [2, 3, 4, 6]


def test_two_requests_at_once_have_a_file_read_once(
    books: Books, bucket: Bucket, faults: Faults
) -> None:
    before = len(bucket.reads)
    with faults.planned(on("TransactWriteItems", meanwhile(lambda: reread(bucket)))):
        assert reread(bucket).state is FileState.FOUND
    assert reread(bucket).state is FileState.FOUND

    bucket.read_all()

    check_read_again(books, bucket)
    assert len(bucket.reads) == before + 1


def test_a_file_that_is_being_read_is_not_begun_anew(books: Books, bucket: Bucket) -> None:
    known = reread(bucket)
    books.stores.log_files.change(known, known.begin(now=books.clock()))

    with pytest.raises(LogFileInProgressError, match=f"{known.id} is being read"):
        reread(bucket)


def test_an_unknown_file_is_not_read_again(books: Books) -> None:
    with pytest.raises(LogFileNotFoundError):
        reread_log_file("0" * 32, queue=FakeLogQueue(), stores=books.stores, clock=books.clock)


def test_a_file_deleted_meanwhile_keeps_the_account_of_what_was_read(bucket: Bucket) -> None:
    reread(bucket)
    stored = dict(bucket.stored)
    bucket.stored.clear()

    report = bucket.read_all()

    assert (report.files_failed, report.counts.lines) == (1, 0)
    bucket.stored.update(stored)
    file = bucket.tally()
    assert (file.state, file.reason) == (FileState.FAILED, "was deleted when line 7 had been read")
    assert bucket.outcomes() == FIRST
    assert len(bucket.problems()) == 4


def test_a_file_replaced_meanwhile_is_read_as_the_next_upload(books: Books, bucket: Bucket) -> None:
    reread(bucket)

    file = bucket.ingest(array([*LINES, line(quantity=64)]))

    assert (file.state, file.upload) == (FileState.DONE, 2)
    # The lines of the first upload are duplicates in the second.
    assert bucket.outcomes() == {"accepted": 3, "duplicate": 3, "conflict": 1, "rejected": 1}
    assert books.counts()[books.tables.usage] == 5


def test_a_file_whose_reading_was_cut_short_is_put_again_and_read_whole(
    books: Books, bucket: Bucket
) -> None:
    """Lines that the first try accepted are accepted, also where it could not end."""
    whole = array([line(quantity=1), line(quantity=2), line(quantity=3)])
    bucket.ingest(whole[:-30], "incoming/cut")
    books.clock.advance(60)
    bucket.ingest(whole[:-30], "incoming/cut")

    assert bucket.tally("incoming/cut").state is FileState.FAILED
    assert bucket.outcomes("incoming/cut") == {"accepted": 2}
