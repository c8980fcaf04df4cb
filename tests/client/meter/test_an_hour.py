"""A server that is gone for an hour, in seconds: what is sent when, and what memory it takes."""

import itertools
import json
import logging
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

import pytest

from usage_billing.meter import Backoff, Meter, SpoolFullError
from usage_billing.meter.answers import Answered, Failed, Fate, Reply, Result
from usage_billing.meter.event import write_event
from usage_billing.meter.keys import Keys
from usage_billing.meter.memory_spool import MemorySpool
from usage_billing.meter.rejects import RejectsLog
from usage_billing.meter.sender import Sender, Step
from usage_billing.meter.spool import LAST_KEY, Settlement, Spool, Spooled
from usage_billing.meter.sqlite_spool import SqliteSpool

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
EVENTS_A_SECOND = 6
HOUR_SECONDS = 3600
MEMORY_BYTES_MAX = 4 * 1024**2
# What an event may take until `record` returns: 115 and 30 where this was written.
CALLS_MAX = 150
STEPS_MAX = 40


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        """Begin at noon."""
        self.seconds = 0.0

    def now(self) -> datetime:
        """Tell the time."""
        return NOON + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Tell how much of it has passed."""
        return self.seconds


class ScriptedRoute:
    """Answers each batch by a script, and notes when it was asked."""

    def __init__(self, clock: Clock) -> None:
        """Begin with a server that is gone."""
        self.clock = clock
        self.reply: Reply | None = Failed("gone")
        self.asked_at: list[float] = []
        self.seen = 0

    def post(self, batch: Sequence[Spooled], ids: Sequence[str], seconds: float) -> Reply:
        """Answer."""
        assert seconds > 0
        self.asked_at.append(self.clock.seconds)
        if self.reply is not None:
            return self.reply
        self.seen += len(batch)
        return Answered([Result(Fate.ACCEPTED) for _ in ids])


def sender_of(
    spool: Spool,
    route: ScriptedRoute,
    clock: Clock,
    uniform: Callable[[float, float], float] = lambda _, high: high,
) -> Sender:
    """Make a sender whose waits are not left to chance."""
    return Sender(
        spool,
        route,
        RejectsLog(),
        on_reject=None,
        backoff=Backoff(uniform=uniform),
        now=clock.now,
        monotonic=clock.monotonic,
    )


@pytest.fixture
def file(tmp_path: Path) -> SqliteSpool:
    """Give a spool in a file."""
    return SqliteSpool(tmp_path / "spool", 1024**3)


def test_a_server_that_is_gone_for_an_hour_costs_no_memory(
    file: SqliteSpool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="usage_billing.meter")
    clock = Clock()
    route = ScriptedRoute(clock)
    sender = sender_of(file, route, clock)
    keys = Keys()
    tracemalloc.start()
    for second in range(HOUR_SECONDS):
        clock.seconds = second
        for _ in range(EVENTS_A_SECOND):
            event = write_event("e", "acme", "api-calls", 1, clock.now())
            file.put(Spooled(keys.make(clock.now()), "acme", event, is_stamped=False))
        sender.step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < MEMORY_BYTES_MAX
    # 1, 2, 4 … 60 s apart: some sixty tries, and not 3,600.
    assert len(route.asked_at) < 75
    assert file.count() == EVENTS_A_SECOND * HOUR_SECONDS

    route.reply, clock.seconds = None, clock.seconds + 60
    while file.holds(LAST_KEY):
        sender.step()
    assert route.seen == EVENTS_A_SECOND * HOUR_SECONDS
    file.close()


@pytest.mark.parametrize("size", [1, 120], ids=["small events", "large events"])
def test_a_spool_in_memory_takes_no_more_of_it_than_it_says(size: int) -> None:
    spool, keys = MemorySpool(MEMORY_BYTES_MAX), Keys()
    tracemalloc.start()

    def put(number: int) -> None:
        event = write_event(f"{number:0{size}}", "acme", "api-calls", 1, NOON)
        spool.put(Spooled(keys.make(NOON), "acme", event, is_stamped=False))

    with pytest.raises(SpoolFullError):
        any(map(put, itertools.count()))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert 0.5 * MEMORY_BYTES_MAX < taken < 1.1 * MEMORY_BYTES_MAX


@dataclass(frozen=True)
class Work:
    """Calls that Python makes, statements that SQLite is given, and the steps that it takes."""

    calls: int
    statements: int
    steps: int


def work_of(spool: SqliteSpool, act: Callable[[], object]) -> Work:
    """Count what an act takes: unlike its time, that is the same on each machine, busy or not."""
    counted: Counter[str] = Counter()

    def called(_frame: object, event: str, _argument: object) -> None:
        counted["calls"] += event in {"call", "c_call"}

    def told(_statement: str) -> None:
        counted["statements"] += 1

    def stepped() -> int:
        counted["steps"] += 1
        return 0

    connection = spool._open()
    connection.set_progress_handler(stepped, 1)
    connection.set_trace_callback(told)
    sys.setprofile(called)
    act()
    sys.setprofile(None)
    connection.set_trace_callback(None)
    connection.set_progress_handler(None, 1)
    return Work(**counted)


def test_an_event_takes_little_work_and_no_more_with_five_thousand_in_the_spool(
    tmp_path: Path,
) -> None:
    # Nobody answers there; that is no matter of who records.
    meter = Meter("http://127.0.0.1:9", "no-key", spool=tmp_path / "spool", background=False)
    assert isinstance(meter._spool, SqliteSpool)
    record = partial(meter.record, "acme", "api-calls", 1)
    record()
    first = work_of(meter._spool, record)
    for _ in range(5000):
        record()

    assert work_of(meter._spool, record) == first
    assert first.statements == 1
    assert first.calls < CALLS_MAX
    assert first.steps < STEPS_MAX
    meter.close(seconds=0)


def test_waits_double_up_to_a_minute_and_are_no_shorter_than_the_server_asks(
    file: SqliteSpool,
) -> None:
    clock = Clock()
    route = ScriptedRoute(clock)
    sender = sender_of(file, route, clock)
    file.put(Spooled(b"0" * 16, "acme", '{"id":"e"}', is_stamped=False))
    for asks in (0.0, 0.0, 0.0, 100.0, 0.0, 10**9):
        route.reply = Failed("gone", retry_after_seconds=asks)
        assert sender.step() is Step.RESTING
        clock.seconds += sender.rest_seconds()

    waits = [
        later - sooner for sooner, later in zip(route.asked_at, route.asked_at[1:], strict=False)
    ]
    assert waits == [0.5, 1.0, 2.0, 100.0, 8.0]
    assert clock.seconds - route.asked_at[-1] == 3600
    file.close()


@pytest.mark.parametrize("bad", [0, 5, 9])
def test_one_event_that_the_server_cannot_read_is_found_and_the_others_are_sent(
    file: SqliteSpool, bad: int, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    problem = {"code": "malformed_body", "status": 400, "detail": "not JSON"}

    class Picky(ScriptedRoute):
        def post(self, batch: Sequence[Spooled], ids: Sequence[str], seconds: float) -> Reply:
            self.reply = Failed("400", problem=problem) if str(bad) in ids else None
            return super().post(batch, ids, seconds)

    route = Picky(clock)
    sender = sender_of(file, route, clock)
    for number in range(10):
        key = number.to_bytes(16, "big")
        file.put(Spooled(key, "acme", f'{{"id":"{number}"}}', is_stamped=False))
    while file.holds(LAST_KEY):
        assert sender.step() is not Step.RESTING

    assert route.seen == 9
    assert f'"id":"{bad}"' in caplog.text
    file.close()


@pytest.fixture(params=["file", "memory"])
def a_spool(request: pytest.FixtureRequest, file: SqliteSpool) -> Iterator[Spool]:
    """Give a spool of each kind."""
    yield file if request.param == "file" else MemorySpool(1024**3)
    file.close()


def put(spool: Spool, number: int) -> None:
    """Put in an event that has a number as its id."""
    key = number.to_bytes(16, "big")
    spool.put(Spooled(key, "acme", f'{{"id":"{number}"}}', is_stamped=False))


class FailsAt(ScriptedRoute):
    """Fails at each batch that has a certain event in it, as a fault of the server would."""

    def __init__(self, clock: Clock, bad: int) -> None:
        """Fail at this event."""
        super().__init__(clock)
        self.bad = bad

    def post(self, batch: Sequence[Spooled], ids: Sequence[str], seconds: float) -> Reply:
        """Answer."""
        crash = Failed("status 500", may_be_its_own=True)
        self.reply = crash if str(self.bad) in ids else None
        return super().post(batch, ids, seconds)


@pytest.mark.parametrize("bad", [0, 500, 2999], ids=["first", "middle", "last"])
def test_one_event_at_which_the_server_fails_each_time_keeps_no_other_waiting(
    a_spool: Spool, bad: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="usage_billing.meter")
    clock = Clock()
    route = FailsAt(clock, bad)
    sender = sender_of(a_spool, route, clock)
    for number in range(3000):
        put(a_spool, number)
    for _ in range(100):
        sender.step()
        clock.seconds += sender.rest_seconds()

    assert route.seen == 2999
    assert a_spool.count() == 1

    # It comes again and again, and others go through all the while.
    for number in range(3000, 6000):
        put(a_spool, number)
        if number % 10 == 0:
            sender.step()
            clock.seconds += 1 + sender.rest_seconds()
    sender.step()
    assert route.seen >= 5900
    assert str(bad) in {json.loads(each.event)["id"] for each in everything(a_spool)}


def test_what_was_put_off_beside_it_is_sent_all_the_same(a_spool: Spool) -> None:
    clock = Clock()
    chance = Random(1)  # noqa: S311  It draws waits, no secrets.
    sender = sender_of(a_spool, FailsAt(clock, 7), clock, chance.uniform)
    for number in range(50):
        put(a_spool, number)
    with a_spool.turn():
        a_spool.settle(Settlement(put_off=[(each, 1) for each in a_spool.take(50, 0)]))

    for _ in range(300):
        sender.step()
        clock.seconds += 1 + sender.rest_seconds()

    assert [json.loads(each.event)["id"] for each in everything(a_spool)] == ["7"]


def everything(spool: Spool) -> list[Spooled]:
    """Read all that is in a spool."""
    with spool.turn():
        return spool.take(10**6, 10**15)


def test_what_was_put_off_is_sent_by_full_batches(a_spool: Spool) -> None:
    clock = Clock()
    route = ScriptedRoute(clock)
    route.reply = None
    sender = sender_of(a_spool, route, clock)
    for number in range(1200):
        put(a_spool, number)
    with a_spool.turn():
        batch = a_spool.take(1200, 0)
        a_spool.settle(Settlement(put_off=[(each, 1) for each in batch]))

    assert sender.step() is Step.MORE
    assert route.seen == 1000
