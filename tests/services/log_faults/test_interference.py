"""Two readers, a file that changes under them, and faults of one file or of the store."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from billing.domain.deadline import Deadline
from billing.domain.errors import UnavailableError
from billing.domain.logfiles import (
    ATTEMPTS_MAX,
    BadLine,
    FileState,
    LogFile,
    LogLine,
    StoredFile,
)
from billing.services import ingest_logs as service
from billing.services.ingest_logs import LEASE_SECONDS
from tests.services.log_faults.interrupted import Interrupted
from tests.services.log_faults.lines import LINES, OUTCOMES, at_counts, check, restart, tally_in
from tests.support.books import Books
from tests.support.clock import SettableMonotonic
from tests.support.faults import (
    ANSWER_LOST,
    TIMED_OUT,
    Call,
    Fault,
    Faults,
    ProcessKilledError,
    always,
    from_call,
    meanwhile,
)
from tests.support.logs import KEY, Bucket, Ran, array, line


@pytest.mark.on_dynamodb_local
def test_while_one_run_reads_a_file_another_leaves_it_alone(bucket: Bucket) -> None:
    bucket.put(array([line(1, 100)]), "incoming/another")
    beside: list[Ran] = []

    report = Interrupted(bucket, lambda: beside.append(bucket.run(owner="other")), at_line=5).run(
        owner="one"
    )

    assert (beside[0].files_found, beside[0].files_done, beside[0].remaining) == (2, 1, 1)
    # The other file's message was taken by the other run.
    assert (report.files_found, report.files_done, report.counts.lines) == (2, 1, len(LINES))
    assert sorted(bucket.reads) == [KEY, "incoming/another"]
    assert bucket.outcomes() == OUTCOMES
    assert bucket.read_all().files_found == 0


@pytest.mark.on_dynamodb_local
def test_two_runs_that_read_the_same_file_count_it_once(books: Books, bucket: Bucket) -> None:
    """The first one is so slow that its lease runs out, and both are right to go on."""

    def beside() -> None:
        books.clock.advance(LEASE_SECONDS + 1)
        report = bucket.run(owner="other")
        assert (report.files_done, report.counts.lines) == (1, 8 - 3)

    report = Interrupted(bucket, beside, at_line=5).run(owner="one")

    assert not report.failures
    assert (report.files_done, report.remaining, report.counts.lines) == (0, 1, 3)
    assert bucket.read_all().files_found == 0
    check(books, bucket)


def test_a_run_that_was_overtaken_leaves_the_file_to_the_other(
    books: Books, bucket: Bucket, faults: Faults
) -> None:
    """The other run is in the middle of the file, too, when the slow one goes on."""
    bucket.put(array([line(quantity=number) for number in range(1, 9)]))

    def beside() -> None:
        books.clock.advance(LEASE_SECONDS + 1)
        monotonic = SettableMonotonic()
        with faults.planned(at_counts(meanwhile(partial(monotonic.sleep, 2)))):
            bucket.run(owner="other", deadline=Deadline.after(1, monotonic))
        assert bucket.tally().position == 6

    report = Interrupted(bucket, beside, at_line=5).run(owner="one")

    assert not report.failures
    assert (report.files_done, report.remaining, report.counts.lines) == (0, 1, 3)
    assert bucket.tally().position == 6
    assert bucket.read_all().files_done == 1
    assert bucket.outcomes() == {"accepted": 8}
    assert books.counts()[books.tables.usage] == 8


def test_a_file_replaced_while_it_is_read_is_read_anew(books: Books, bucket: Bucket) -> None:
    def beside() -> None:
        books.clock.advance(LEASE_SECONDS + 1)
        bucket.put(array([*LINES, line(quantity=100)]))
        bucket.run(owner="other")

    report = Interrupted(bucket, beside, at_line=5).run(owner="one")

    assert not report.failures
    assert report.files_done == 0
    file = bucket.tally()
    assert (file.upload, file.state, file.position) == (2, FileState.DONE, 9)
    assert file.counts.lines == 9
    books.bill()
    assert books.balance_cents("acme") == -111
    books.assert_sound()


def test_a_file_replaced_before_it_is_opened_waits_for_the_next_run(
    books: Books, bucket: Bucket
) -> None:
    listed = list(bucket.files())
    books.clock.advance(1)
    bucket.put(array([*LINES, line(quantity=100)]))

    report = _Stale(bucket, listed).run()

    assert (report.failures, report.files_done, report.remaining) == ((), 0, 1)
    bucket.read_all()
    file = bucket.tally()
    assert (file.upload, file.state, file.counts.lines) == (2, FileState.DONE, 9)


def test_a_listing_older_than_what_is_read_makes_nothing_new(books: Books, bucket: Bucket) -> None:
    listed = list(bucket.files())
    books.clock.advance(1)
    bucket.ingest(array([*LINES, line(quantity=100)]))
    before = bucket.tally()

    assert _Stale(bucket, listed).run().files_found == 0
    assert bucket.tally() == before


def test_a_deleted_file_fails_with_that_reason(books: Books, bucket: Bucket) -> None:
    stored = dict(bucket.stored)
    gone = _Stale(bucket, list(bucket.files()))
    bucket.stored.clear()

    report = gone.run()

    assert (report.failures, report.files_failed) == ((), 1)
    bucket.stored.update(stored)
    file = bucket.tally()
    assert (file.state, file.reason) == (FileState.FAILED, "was deleted when line 0 had been read")
    assert books.counts()[books.tables.usage] == 0


def test_a_fault_with_one_file_keeps_no_other_back(bucket: Bucket) -> None:
    bucket.put(array([line(quantity=5)]), "incoming/1-first")
    bucket.put(array([line(quantity=5)]), "incoming/3-last")

    report = _Broken(bucket, RuntimeError("torn")).run()

    [failure] = report.failures
    assert str(failure) == "torn"
    assert (report.files_done, report.remaining) == (2, 1)
    bucket.read_all()
    assert bucket.outcomes() == OUTCOMES


def test_a_file_that_breaks_its_reader_is_set_aside_in_the_end(bucket: Bucket) -> None:
    broken = _Broken(bucket, RuntimeError("torn"))
    for _ in range(ATTEMPTS_MAX):
        assert len(broken.run().failures) == 1
    report = broken.run()

    assert (report.failures, report.files_failed) == ((), 1)
    file = bucket.tally()
    assert (file.state, file.counts.lines) == (FileState.FAILED, 0)
    assert file.reason == f"reading broke off {ATTEMPTS_MAX} times after line 0"
    assert broken.run().files_found == 0


def test_crashes_count_as_attempts_and_progress_ends_the_count(
    books: Books, bucket: Bucket
) -> None:
    for _ in range(ATTEMPTS_MAX - 1):
        with pytest.raises(ProcessKilledError):
            _Broken(bucket, ProcessKilledError()).run()
        restart(books)
    assert bucket.tally().attempts == ATTEMPTS_MAX - 1

    bucket.read_all()

    assert bucket.tally().attempts == 0
    check(books, bucket)


def test_an_outage_of_the_bucket_is_no_fault_of_the_file(books: Books, bucket: Bucket) -> None:
    out = _Broken(bucket, UnavailableError("The log files cannot be read just now"))
    for _ in range(ATTEMPTS_MAX + 2):
        [failure] = out.run().failures
        assert isinstance(failure, UnavailableError)
    assert bucket.tally().attempts == 0

    bucket.read_all()
    check(books, bucket)


@pytest.mark.on_dynamodb_local
def test_usage_that_could_not_be_recorded_in_time_is_not_rejected(
    books: Books, bucket: Bucket, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the transactions of one customer fail: the rest of their batch is recorded."""
    monkeypatch.setattr(service, "BATCH_LINES_MAX", 100)

    def records_acme(call: Call) -> Fault | None:
        return TIMED_OUT if call.operation == "TransactWriteItems" and _is_usage(call) else None

    with faults.planned(records_acme):
        report = bucket.run()

    assert (report.remaining, report.counts.lines) == (1, 0)
    assert isinstance(report.failures[0], UnavailableError)
    assert (bucket.tally().position, bucket.tally().attempts) == (0, 0)
    assert books.counts()[books.tables.usage] == 1
    restart(books)
    bucket.read_all()
    check(books, bucket)


@pytest.mark.on_dynamodb_local
@pytest.mark.parametrize("text", [b"[{}] rest", b"[{}]"], ids=["broken", "whole"])
def test_a_file_is_reported_as_it_ended_also_where_the_answer_of_its_last_write_is_lost(
    bucket: Bucket, faults: Faults, text: bytes
) -> None:
    key = "incoming/ends"
    bucket.stored.clear()
    bucket.put(text, key)
    lost: list[Call] = []

    def at_the_end(call: Call) -> Fault | None:
        if lost or "finishedAt" not in tally_in(call):
            return None
        lost.append(call)
        return ANSWER_LOST

    with faults.planned(at_the_end):
        report = bucket.run()

    assert len(lost) == 1

    is_whole = text == b"[{}]"
    assert (report.files_done, report.files_failed) == (int(is_whole), int(not is_whole))
    assert (report.remaining, report.failures) == (0, ())
    assert bucket.tally(key).finished


def _is_usage(call: Call) -> bool:
    put = call.body["TransactItems"][0].get("Put")
    return put is not None and put["Item"]["pk"] == {"S": "acme"}


def test_an_outage_in_the_middle_of_a_batch_fails_no_line(
    books: Books, bucket: Bucket, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH_LINES_MAX", 100)

    with faults.planned(_Outage(from_transaction=4)):
        report = bucket.run()

    assert (report.remaining, report.counts.lines) == (1, 0)
    assert isinstance(report.failures[0], UnavailableError)
    assert 0 < books.counts()[books.tables.usage] < 4
    restart(books)
    bucket.read_all()
    check(books, bucket)


class _Outage:
    """A store that answers nothing any more, from a certain transaction on."""

    def __init__(self, *, from_transaction: int) -> None:
        self._from_transaction = from_transaction
        self._begun = False

    def __call__(self, call: Call) -> Fault | None:
        is_transaction = call.operation == "TransactWriteItems"
        self._begun |= is_transaction and call.occurrence >= self._from_transaction
        return TIMED_OUT if self._begun else None


def test_an_outage_of_the_store_fails_no_file(books: Books, bucket: Bucket, faults: Faults) -> None:
    for number in (3, 6, 9, 12):
        with faults.planned(from_call(number, TIMED_OUT)), pytest.raises(UnavailableError):
            bucket.read_all()
        restart(books)
    with faults.planned(always(ANSWER_LOST)), pytest.raises(UnavailableError):
        bucket.run()
    restart(books)
    bucket.read_all()
    check(books, bucket)


class _Stale(Bucket):
    """A bucket whose listing is older than its content."""

    def __init__(self, bucket: Bucket, listing: list[StoredFile]) -> None:
        super().__init__(bucket.books, bucket.stored, bucket.reads, bucket.queue)
        self._listing = listing

    def files(self, *, after: str | None = None) -> Iterator[StoredFile]:
        yield from (each for each in self._listing if after is None or each.key > after)


class _Broken(Bucket):
    """A bucket with one file that breaks its reader."""

    def __init__(self, bucket: Bucket, error: BaseException) -> None:
        super().__init__(bucket.books, bucket.stored, bucket.reads, bucket.queue)
        self._error = error

    @contextmanager
    def lines(self, file: LogFile, *, deadline: Deadline) -> Iterator[Iterator[LogLine | BadLine]]:
        if file.stored.key == KEY:
            raise self._error
        with super().lines(file, deadline=deadline) as lines:
            yield lines
