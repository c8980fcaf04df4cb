"""Sends the batches of a file, several at once, and shows how far it is."""

import io
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from rich.progress import Progress

from usage_billing import Billing
from usage_billing.api.shapes import UsageRequest
from usage_billing.cli.exits import CommandError, Exit
from usage_billing.cli.output import counted
from usage_billing.cli.reading import lines_of
from usage_billing.cli.sending import Batches, Event, Names, Tally, Trouble, sort_out
from usage_billing.cli.session import Session
from usage_billing.errors import UnreadableAnswerError

# A batch may be answered in part: what could not be recorded just now is sent again, so often.
TURNS_MAX = 8
TURN_SECONDS_MAX = 20.0

Batch = Future[tuple[Tally, list[Trouble]]]


class Sender:
    """Sends one file; `tally` is what became of its lines so far."""

    def __init__(
        self, session: Session, names: Names, parallel: int, trouble: Callable[[Trouble], None]
    ) -> None:
        """Tell `trouble` about each line that was not accepted."""
        self.tally = Tally()
        # Made before the threads that share it.
        self._billing = session.billing
        self._output = session.output
        self._names = names
        self._parallel = parallel
        self._trouble = trouble
        self._under_way: set[Batch] = set()

    def send(self, stream: io.BufferedIOBase, size: int | None) -> None:
        """Send the file to its end; `size` is how many bytes it has, where that is known.

        What a pipe has brought is sent after a second in which no more came. Raises what keeps a
        batch from its answer, when the batches under way have ended.
        """
        with self._output.bytes_progress("Sending") as bar:
            bar.add_task("", total=size, done="")
            pool = ThreadPoolExecutor(self._parallel)
            batches = Batches(lambda batch: self._begin(pool, bar, batch))
            try:
                self._read(stream, bar, batches)
                batches.flush()
                while self._under_way:
                    self._settle_some(bar)
            except KeyboardInterrupt:
                self._output.say("Waiting for what is under way; Ctrl-C again ends at once")
                raise
            finally:
                _wait_for(pool)
                self._settle_rest()

    def _read(self, stream: io.BufferedIOBase, bar: Progress, batches: Batches) -> None:
        def idle() -> None:
            batches.flush()
            self._settle_some(bar, timeout_seconds=0)

        for line in lines_of(stream, lambda read: bar.advance(bar.task_ids[0], read), idle):
            named = self._names.event(line)
            if isinstance(named, Event):
                batches.add(named)
            else:
                self.tally.add(named)
                self._trouble(named)

    def _begin(self, pool: ThreadPoolExecutor, bar: Progress, batch: list[Event]) -> None:
        with interrupts_put_off():
            self._under_way.add(pool.submit(record, self._billing, batch))
        if len(self._under_way) >= self._parallel:
            self._settle_some(bar)

    def _settle_some(self, bar: Progress, timeout_seconds: float | None = None) -> None:
        for future in wait(self._under_way, timeout_seconds, FIRST_COMPLETED).done:
            with interrupts_put_off():
                self._under_way.remove(future)
                self._count(*future.result())
        bar.update(bar.task_ids[0], done=counted(self.tally.lines, "line"))

    def _settle_rest(self) -> None:
        """Count what ended after something went wrong, so that the summary is true."""
        for future in self._under_way:
            if not future.cancelled() and future.exception() is None:
                self._count(*future.result())

    def _count(self, tally: Tally, troubles: list[Trouble]) -> None:
        self.tally.join(tally)
        for trouble in troubles:
            self._trouble(trouble)


@contextmanager
def interrupts_put_off() -> Iterator[None]:
    """Have a Ctrl-C wait for the end of the block: what is begun in it is not forgotten."""
    came: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):
        # Who runs it wants no interrupts.
        yield
        return
    signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if came:
        signal.raise_signal(signal.SIGINT)


def _wait_for(pool: ThreadPoolExecutor) -> None:
    """Wait for the batches under way, and for no other; who interrupts that wants no more."""
    try:
        pool.shutdown(cancel_futures=True)
    except KeyboardInterrupt:
        # Python itself would wait for the threads once more.
        os._exit(Exit.INTERRUPTED)


def record(
    billing: Billing,
    batch: list[Event],
    *,
    sleep: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
) -> tuple[Tally, list[Trouble]]:
    """Send one batch until each of its events has ended; returns how.

    Raises `CommandError` where some could not be recorded for long.
    """
    tally, troubles = Tally(), []
    for turn in range(TURNS_MAX):
        answer = billing.record_usage_batch([_request(event) for event in batch])
        results = _results(answer, len(batch))
        batch, refused = sort_out(batch, results, tally)
        troubles += refused
        if not batch:
            return tally, troubles
        sleep(chance() * min(TURN_SECONDS_MAX, 2.0**turn))
    raise CommandError(
        f"{len(batch)} events could not be recorded just now: send the file again", Exit.UNAVAILABLE
    )


def _results(answer: Mapping[str, Any], count: int) -> list[Mapping[str, Any]]:
    """Read an answer, which may be of something that stands before the API."""
    results = answer.get("results")
    if not isinstance(results, list) or len(results) != count:
        raise UnreadableAnswerError(f"Not one result for each of {count} events")
    if not all(isinstance(it, dict) and isinstance(it.get("status"), str) for it in results):
        raise UnreadableAnswerError("A result that is none")
    return results


def _request(event: Event) -> UsageRequest:
    # The API says itself what is wrong with an event.
    request: UsageRequest = event.content  # type: ignore[assignment]
    return request
