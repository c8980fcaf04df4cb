"""Whoever finds, hands out or reads log files is killed at any call: others end what it began."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

import pytest

from billing.domain.deadline import Deadline
from billing.domain.logfiles import FileState
from billing.services import ingest_logs
from billing.services.ingest_logs import LEASE_SECONDS
from tests.services.log_faults.lines import at_counts
from tests.support.books import Books
from tests.support.clock import SettableMonotonic
from tests.support.faults import (
    KILLED_AFTER,
    KILLED_BEFORE,
    Fault,
    Faults,
    ProcessKilledError,
    die_at,
    meanwhile,
)
from tests.support.log_queue import FakeLogQueue
from tests.support.logs import Bucket, array, line

KEYS = ("incoming/a", "incoming/b", "incoming/c")

type OpenBooks = Callable[[], AbstractContextManager[Books]]


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls come in one order, and break a few lines into batches."""
    monkeypatch.setattr("billing.services.retrying.WORKERS", 1)
    monkeypatch.setattr(ingest_logs, "BATCH_LINES_MAX", 2)


def begin(books: Books) -> Bucket:
    """Begin with three files: one is new, one waits already, one is put there anew."""
    books.product()
    books.customer()
    bucket = Bucket(books)
    bucket.put(array([line(quantity=1), line(quantity=-1)]), "incoming/c")
    bucket.read_all()
    bucket.put(array([line(quantity=2)]), "incoming/b")
    bucket.find()
    bucket.queue.waiting.clear()
    books.clock.advance(60)
    bucket.put(array([line(quantity=4)]), "incoming/a")
    bucket.put(array([line(quantity=1), line(quantity=8)]), "incoming/c")
    return bucket


def check(bucket: Bucket) -> None:
    """Check that every file is read, and that every line counts once."""
    assert {bucket.tally(key).state for key in KEYS} == {FileState.DONE}
    assert bucket.outcomes("incoming/c") == {"accepted": 1, "duplicate": 1}
    bucket.books.bill()
    assert bucket.books.balance_cents() == -(1 + 2 + 4 + 8)
    bucket.books.assert_sound()


def an_hour_later(bucket: Bucket) -> None:
    """Let leases run out and containers go, and do what the next hour does."""
    bucket.books.restart_container()
    bucket.books.clock.advance(max(3600, LEASE_SECONDS + 1))
    bucket.read_all()


@pytest.mark.parametrize("kill", [KILLED_BEFORE, KILLED_AFTER], ids=str)
def test_what_a_killed_look_found_is_handed_out_by_the_next(
    open_books: OpenBooks, kill: Fault
) -> None:
    with open_books() as books:
        bucket = begin(books)
        calls = Faults(books.client).count(bucket.find)
    assert calls >= 5

    for number in range(1, calls + 1):
        with open_books() as books:
            bucket = begin(books)
            plan = die_at(number, kill)
            with Faults(books.client).planned(plan), pytest.raises(ProcessKilledError):
                bucket.find()
            an_hour_later(bucket)
            check(bucket)


@dataclass
class _DyingQueue(FakeLogQueue):
    """A queue whose sender dies at one sending: before it, or when the messages are there."""

    dies_at: int = 0
    sends: bool = False
    calls: int = 0

    def send(self, file_ids: Sequence[str]) -> None:
        self.calls += 1
        if self.calls != self.dies_at or self.sends:
            super().send(file_ids)
        if self.calls == self.dies_at:
            raise ProcessKilledError


@pytest.mark.parametrize("sends", [False, True], ids=["before-it", "after-it"])
@pytest.mark.parametrize("dies_at", [1, 2], ids=["what-waits", "what-is-new"])
def test_a_look_that_dies_at_handing_out_leaves_all_to_the_next(
    books: Books, dies_at: int, *, sends: bool
) -> None:
    bucket = begin(books)
    bucket.queue = _DyingQueue(dies_at=dies_at, sends=sends)

    with pytest.raises(ProcessKilledError):
        bucket.find()

    an_hour_later(bucket)
    check(bucket)


@pytest.mark.parametrize("kill", [KILLED_BEFORE, KILLED_AFTER], ids=str)
def test_a_file_whose_reader_is_killed_is_read_on_by_the_next(
    open_books: OpenBooks, kill: Fault
) -> None:
    """At each call from the message to the end of the file, with its message coming back."""

    def put(books: Books) -> Bucket:
        books.product()
        books.customer()
        bucket = Bucket(books)
        bucket.put(array([line(quantity=1), line(quantity=-2), line(quantity=4), line("nobody")]))
        bucket.find()
        return bucket

    with open_books() as books:
        calls = Faults(books.client).count(put(books).run)

    for number in range(1, calls + 1):
        with open_books() as books:
            bucket = put(books)
            plan = die_at(number, kill)
            with Faults(books.client).planned(plan), pytest.raises(ProcessKilledError):
                bucket.run(owner="killed")
            an_hour_later(bucket)

            assert bucket.tally().state is FileState.DONE
            assert bucket.outcomes() == {"accepted": 2, "rejected": 2}
            assert [problem.line for problem in bucket.problems()] == [2, 4]
            books.bill()
            assert books.balance_cents() == -5
            books.assert_sound()


@pytest.mark.parametrize("sends", [False, True], ids=["before-it", "after-it"])
def test_a_reader_that_dies_at_handing_its_file_on_loses_nothing(
    books: Books, faults: Faults, *, sends: bool
) -> None:
    books.product()
    books.customer()
    bucket = Bucket(books)
    bucket.put(array([line(quantity=1)] * 5))
    bucket.find()
    bucket.queue = _DyingQueue(dict(bucket.queue.waiting), dies_at=1, sends=sends)
    monotonic = SettableMonotonic()
    [(_, file_id)] = bucket.queue.deliver()

    plan = at_counts(meanwhile(partial(monotonic.sleep, 2)))
    with faults.planned(plan), pytest.raises(ProcessKilledError):
        bucket.ingester(deadline=Deadline.after(1, monotonic)).read(file_id)
    assert bucket.tally().position == 2

    an_hour_later(bucket)
    assert bucket.outcomes() == {"accepted": 5}
    books.bill()
    assert books.balance_cents() == -5
