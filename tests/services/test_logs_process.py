"""Files are handed out and read side by side, each by readers of its own; who asks waits for it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest

from billing.domain.deadline import Deadline
from billing.domain.logfiles import ATTEMPTS_MAX, BadLine, FileState, LogFile, LogLine
from billing.services import find_logs
from billing.services import ingest_logs as service
from billing.services.ingest_logs import LEASE_SECONDS
from billing.services.process_logs import LogsReport, LogsRun
from tests.services.log_faults.lines import at_counts
from tests.support.books import Books
from tests.support.clock import SettableMonotonic
from tests.support.faults import Faults, meanwhile
from tests.support.logs import Bucket, array, line

EIGHT = [f"incoming/{number}.json" for number in range(8)]


@pytest.fixture
def bucket(books: Books) -> Bucket:
    """Give an empty bucket beside books with a product and two customers."""
    books.product()
    books.customer("acme")
    books.customer("1")
    return Bucket(books)


def process(bucket: Bucket, *, reads: bool = True) -> LogsReport:
    """Ask for everything to be read now, while readers take what comes through the queue."""

    def wait(seconds: float) -> None:
        bucket.books.monotonic.sleep(seconds)
        if reads:
            read_round(bucket)

    run = LogsRun(bucket.finder(), wait, bucket.books.deadline())
    return run.run()


def read_round(bucket: Bucket, *, deadline: Deadline | None = None) -> None:
    """Have each message that waits be taken by a reader, all at once."""

    def read(message: tuple[int, str]) -> None:
        number, file_id = message
        try:
            bucket.ingester(owner=f"reader-{number}", deadline=deadline).read(file_id)
        except RuntimeError:
            return
        bucket.queue.delete(number)

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(read, list(bucket.queue.deliver())))


def test_who_asks_hears_what_became_of_all_files(books: Books, bucket: Bucket) -> None:
    named = [line(id="a"), line(id="a"), line(id="a", quantity=99)]
    bucket.put(array([line(), line(quantity=-1), *named]), "incoming/a")
    bucket.put(b"\0\0", "incoming/b")
    bucket.put(b"[]", "incoming/c")

    report = process(bucket)

    assert (report.files_found, report.files_done, report.files_failed) == (3, 2, 1)
    assert (report.counts.accepted, report.counts.duplicate) == (2, 1)
    assert (report.counts.conflict, report.counts.rejected) == (1, 1)
    assert report.remaining == 0
    assert books.monotonic.seconds < 2
    again = process(bucket)
    assert (again.files_found, again.counts.lines, again.remaining) == (0, 0, 0)


def test_eight_files_are_read_side_by_side_one_broken_and_one_replaced_in_the_middle(
    books: Books, bucket: Bucket
) -> None:
    for number, key in enumerate(EIGHT):
        bucket.put(array([line("acme", 1), line("1", number + 1)]), key)
    replaced = array([line("acme", 1), line("1", 6), line("acme", 100)])
    troubled = _Troubled(bucket, broken=EIGHT[3], replaced=EIGHT[5], by=replaced)

    report = process(troubled)

    # The stream of the replaced file went on as it began; its successor is found by the next run.
    assert (report.files_found, report.files_done, report.remaining) == (8, 7, 1)
    assert bucket.tally(EIGHT[3]).state is FileState.PROCESSING
    books.clock.advance(3600)
    bucket.queue.come_back()
    again = process(bucket)
    assert (again.files_found, again.files_done, again.remaining) == (2, 2, 0)
    assert bucket.outcomes(EIGHT[5]) == {"accepted": 1, "duplicate": 2}
    books.bill()
    assert (books.balance_cents("acme"), books.balance_cents("1")) == (-108, -36)
    books.assert_sound("acme")
    books.assert_sound("1")


class _Troubled(Bucket):
    """A bucket in which one file breaks its reader, and one is replaced while it is read."""

    def __init__(self, bucket: Bucket, *, broken: str, replaced: str, by: bytes) -> None:
        super().__init__(bucket.books, bucket.stored, bucket.reads, bucket.queue)
        self._broken, self._replaced, self._by = broken, replaced, by

    @contextmanager
    def lines(self, file: LogFile, *, deadline: Deadline) -> Iterator[Iterator[LogLine | BadLine]]:
        if file.stored.key == self._broken:
            raise RuntimeError("torn")
        with super().lines(file, deadline=deadline) as lines:
            yield self._replacing(file.stored.key, lines)

    def _replacing(
        self, key: str, lines: Iterator[LogLine | BadLine]
    ) -> Iterator[LogLine | BadLine]:
        for each in lines:
            if key == self._replaced and each.number == 2:
                self.books.clock.advance(1)
                self.put(self._by, key)
            yield each


def test_a_file_longer_than_an_invocation_is_handed_on_until_it_is_read(
    books: Books, bucket: Bucket, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a customer with more lines an hour than one invocation reads does not fall behind."""
    monkeypatch.setattr(service, "BATCH_LINES_MAX", 2)
    bucket.put(array([line(quantity=1)] * 11))
    bucket.find()
    rounds = 0
    while bucket.queue.depth():
        monotonic = SettableMonotonic()
        # Time runs out as soon as one batch is counted.
        with faults.planned(at_counts(meanwhile(partial(monotonic.sleep, 2)))):
            read_round(bucket, deadline=Deadline.after(1, monotonic))
        rounds += 1

    assert rounds == 6
    assert bucket.queue.sent == [bucket.tally().id] * 6
    assert (bucket.tally().state, bucket.outcomes()) == (FileState.DONE, {"accepted": 11})
    books.bill()
    assert books.balance_cents() == -11


def test_a_file_that_no_invocation_gets_on_with_is_set_aside(bucket: Bucket) -> None:
    """Handed on without one more line again and again, it would cost money for ever."""
    bucket.put(array([line()]))
    bucket.find()
    rounds = 0
    while bucket.queue.depth():
        read_round(_Slow(bucket), deadline=Deadline.after(1, bucket.books.monotonic))
        rounds += 1

    assert rounds == ATTEMPTS_MAX + 1
    file = bucket.tally()
    assert file.state is FileState.FAILED
    assert file.reason == f"reading broke off {ATTEMPTS_MAX} times after line 0"


class _Slow(Bucket):
    """A bucket whose files take longer than an invocation has, before their first line comes."""

    def __init__(self, bucket: Bucket) -> None:
        super().__init__(bucket.books, bucket.stored, bucket.reads, bucket.queue)

    @contextmanager
    def lines(self, file: LogFile, *, deadline: Deadline) -> Iterator[Iterator[LogLine | BadLine]]:
        self.books.monotonic.sleep(2)
        with super().lines(file, deadline=deadline) as lines:
            yield lines


def test_a_message_that_comes_twice_reads_nothing_twice(bucket: Bucket) -> None:
    bucket.put(array([line()]))
    bucket.find()
    bucket.queue.send(bucket.queue.sent * 2)

    read_round(bucket)
    bucket.queue.send(bucket.queue.sent)
    read_round(bucket)

    assert len(bucket.reads) == 1
    assert (bucket.outcomes(), bucket.queue.depth()) == ({"accepted": 1}, 0)


def test_a_reader_that_died_leaves_its_file_to_the_message_that_comes_back(
    books: Books, bucket: Bucket
) -> None:
    bucket.put(array([line()]))
    bucket.find()
    [(_, file_id)] = bucket.queue.deliver()
    books.stores.leases.take(
        f"log-file-{file_id}", "dead", now=books.clock(), seconds=LEASE_SECONDS
    )

    # A copy that comes while the lease of the dead holds is let go; the message itself is not.
    bucket.queue.send([file_id])
    read_round(bucket)
    assert bucket.tally().state is FileState.FOUND

    books.clock.advance(LEASE_SECONDS + 1)
    bucket.queue.come_back()
    read_round(bucket)
    assert bucket.tally().state is FileState.DONE


def test_lines_that_were_read_before_are_not_told_again(
    books: Books, bucket: Bucket, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH_LINES_MAX", 2)
    bucket.put(array([line(quantity=1)] * 5))
    bucket.find()
    monotonic = SettableMonotonic()
    with faults.planned(at_counts(meanwhile(partial(monotonic.sleep, 2)))):
        read_round(bucket, deadline=Deadline.after(1, monotonic))
    assert bucket.tally().position == 2
    books.clock.advance(1)
    bucket.put(array([line(quantity=1)] * 2), "incoming/more")

    report = process(bucket)

    assert (report.files_found, report.files_done, report.counts.accepted) == (2, 2, 5)


def test_where_nobody_reads_who_asks_hears_so_when_time_is_over(
    books: Books, bucket: Bucket
) -> None:
    for key in EIGHT:
        bucket.put(array([line()]), key)

    report = process(bucket, reads=False)

    assert (report.files_found, report.files_done, report.remaining) == (8, 0, 8)
    assert books.monotonic.seconds >= books.patience_seconds


def test_the_watch_ends_where_the_clock_stands_still(books: Books, bucket: Bucket) -> None:
    bucket.put(array([line()]))
    looks: list[float] = []

    report = LogsRun(bucket.finder(), looks.append, books.deadline()).run()

    assert report.remaining == 1
    assert sum(looks) == books.patience_seconds


def test_nothing_remains_only_when_all_of_the_bucket_is_looked_at(
    books: Books, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find_logs, "FILES_PER_STEP_MAX", 3)
    monkeypatch.setattr(find_logs, "PAGE_FILES", 1)
    for key in EIGHT:
        bucket.put(array([line()]), key)

    reports = [process(bucket) for _ in range(4)]

    assert [(r.files_found, r.files_done, r.remaining) for r in reports] == [
        (3, 3, 1),
        (3, 3, 1),
        (2, 2, 0),
        (0, 0, 0),
    ]
    assert books.counts()[books.tables.usage] == 8


def test_what_somebody_else_finds_meanwhile_remains_too(books: Books, bucket: Bucket) -> None:
    """It is known by then, and not read: whoever hears of nothing left would bill too early."""
    bucket.put(array([line()]), EIGHT[0])

    def wait(seconds: float) -> None:
        books.monotonic.sleep(seconds)
        read_round(bucket)
        bucket.put(array([line()]), EIGHT[1])
        bucket.finder().step(books.deadline())

    report = LogsRun(bucket.finder(), wait, books.deadline()).run()

    assert (report.files_found, report.files_done, report.remaining) == (1, 1, 1)


def test_waiting_files_beyond_what_one_look_takes_remain_too(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in EIGHT:
        bucket.put(array([line()]), key)
    bucket.find()
    bucket.queue.waiting.clear()
    monkeypatch.setattr(find_logs, "FILES_PER_STEP_MAX", 3)

    reports = [process(bucket) for _ in range(3)]

    assert [(r.files_found, r.files_done) for r in reports] == [(3, 3), (3, 3), (2, 2)]
    assert [r.remaining > 0 for r in reports] == [True, True, False]


def test_more_files_than_one_look_takes_are_watched_in_turn(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is never read keeps nobody from seeing that the others are."""
    monkeypatch.setattr("billing.services.process_logs.READ_TOGETHER", 2)
    for key in EIGHT:
        bucket.put(array([line()]), key)
    troubled = _Troubled(bucket, broken=EIGHT[0], replaced="none", by=b"")

    report = process(troubled)

    assert (report.files_found, report.files_done, report.remaining) == (8, 7, 1)
