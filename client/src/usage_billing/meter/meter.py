"""The meter: takes usage at once, and sees to it that each event is recorded, once."""

import atexit
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from usage_billing.meter.backoff import Backoff
from usage_billing.meter.batch_route import BatchRoute
from usage_billing.meter.errors import (
    MeterClosedError,
    SpoolError,
    SpoolFullError,
    UnsentError,
)
from usage_billing.meter.event import write_event
from usage_billing.meter.forks import tell_of_forks
from usage_billing.meter.keys import Keys, key_text, newest_key
from usage_billing.meter.memory_spool import MemorySpool
from usage_billing.meter.rejects import Reject, RejectsFile, RejectsLog
from usage_billing.meter.sender import BATCH_EVENTS_MAX, Counts, Sender, Step
from usage_billing.meter.spilling_spool import SpillingSpool
from usage_billing.meter.spool import LAST_KEY, Spool, Spooled
from usage_billing.meter.sqlite_spool import SqliteSpool

logger = logging.getLogger("usage_billing.meter")

# How long an event waits for others to be sent with.
LINGER_SECONDS = 1.0
_LOOK_AGAIN_SECONDS = 0.02
_TELL_SECONDS = 60.0
_FILE_BYTES_MAX = 1024**3
_MEMORY_BYTES_MAX = 64 * 1024**2

# What belongs to the parent of a fork, kept from being collected: its sockets are not for us.
_of_parents: list[object] = []


@dataclass(frozen=True, slots=True)
class Stats:
    """How a meter stands: events `waiting` in its spool, of any process, and what this one did.

    `recorded` counts calls of `record`, `counts` what became of events and requests. `failure` is
    why the last request brought no results, None where it did. Of a closed meter it tells the end.
    """

    waiting: int
    recorded: int
    counts: Counts
    failure: str | None


class Meter:
    """Records usage: takes each event at once, and sees to it that it is recorded once.

    To be made once in a process, and shared by its threads; other processes may use the same spool.

        with Meter("https://billing.example", "ub_key", spool="/var/lib/app/usage.spool") as meter:
            meter.record("acme", "api-calls", 1)
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        spool: str | Path | None,
        full: Literal["raise", "block"] = "raise",
        spill: str | Path | None = None,
        bytes_max: int | None = None,
        is_power_safe: bool = False,
        rejects: str | Path | None = None,
        on_reject: Callable[[Reject], None] | None = None,
        background: bool = True,
        exit_seconds: float = 5.0,
        backoff: Backoff | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open the spool, a file on a disk of this machine, or None for memory.

        - `full`, `spill`, `bytes_max`: a spool of so many bytes (1 GiB in a file, 64 MiB in memory)
          is full. Then `record` raises or blocks, unless `spill` names a second file.
        - `is_power_safe`: what `record` returned for outlives the power too, at the cost of a write
          to the disk each time.
        - `rejects`, `on_reject`: the file of refused events, beside the spool where left out, and
          what is called with each of them. Without any file they go into the log.
        - `background`: a thread sends; without it nothing is sent but by `flush` and `close`.
        - `exit_seconds`: how long a program that just ends goes on sending.
        - `backoff`: how long to wait after failures. `now` and `monotonic` are for tests.

        Raises SpoolError, and ValueError for an address, a key or a `full` that is none.
        """
        self._url, self._api_key = url, api_key
        self._now, self._monotonic = now, monotonic
        self._backoff = backoff or Backoff()
        self._blocks = _blocks(full)
        self._background = background
        self._exit_seconds = exit_seconds
        self._on_reject = on_reject
        self._route = BatchRoute(url, api_key)
        self._spool = _open_spool(spool, spill, bytes_max, is_power_safe=is_power_safe)
        beside = spool or spill
        path = rejects or (None if beside is None else f"{beside}.rejects.ndjson")
        self._rejects = RejectsLog() if path is None else RejectsFile(Path(path))
        self._keys = Keys()
        self._is_closed = False
        self._left_at_end: int | None = None
        self._tells_of_waiting_from = monotonic()
        self._begin()
        tell_of_forks(self)
        atexit.register(self._at_exit)
        if self._spool.holds(LAST_KEY):
            self._ensure_thread()

    def _begin(self) -> None:
        """Begin, in a process that has no thread of ours yet."""
        self._sender = Sender(
            self._spool,
            self._route,
            self._rejects,
            on_reject=self._on_reject,
            backoff=self._backoff,
            now=self._now,
            monotonic=self._monotonic,
        )
        self._thread: threading.Thread | None = None
        self._thread_lock = threading.RLock()
        self._wake = threading.Event()
        self._count_lock = threading.RLock()
        self._recorded = 0

    def record(
        self,
        customer: str,
        product: str,
        units: int | Decimal | str,
        id: str | None = None,  # noqa: A002  The word of the API.
        occurred_at: datetime | None = None,
    ) -> str:
        """Take an event, which is recorded once it is sent; returns its id.

        Without an `id` each call is an event of its own; with one, the same event may be given
        again. Without `occurred_at` it is now. Raises ValueError or TypeError for what no event can
        be, and SpoolError, SpoolFullError or MeterClosedError where the event is not taken.
        """
        if self._is_closed:
            raise MeterClosedError("The meter is closed")
        now = self._now()
        key = self._keys.make(now)
        event_id = key_text(key) if id is None else id
        event = write_event(event_id, customer, product, units, occurred_at or now)
        is_stamped = id is not None and occurred_at is None
        self._put(Spooled(key, customer, event, is_stamped))
        self._announce()
        return event_id

    def _put(self, spooled: Spooled) -> None:
        while True:
            try:
                return self._spool.put(spooled)
            except SpoolFullError as error:
                if not self._blocks or self._is_closed:
                    raise
                self._tell_of_waiting(error)
            if self._background:
                self._ensure_thread()
            elif self._sender.step() is Step.MORE:
                continue
            time.sleep(_LOOK_AGAIN_SECONDS)

    def _tell_of_waiting(self, error: SpoolFullError) -> None:
        """Say now and then that somebody waits, perhaps for a disk that never has so much room."""
        if self._monotonic() >= self._tells_of_waiting_from:
            self._tells_of_waiting_from = self._monotonic() + _TELL_SECONDS
            logger.warning("Whoever records waits: %s", error)

    def _announce(self) -> None:
        with self._count_lock:
            self._recorded += 1
            is_batch = self._recorded % BATCH_EVENTS_MAX == 0
        if is_batch:
            self._wake.set()
        if self._thread is None or not self._thread.is_alive():
            self._ensure_thread()

    def flush(self, seconds: float = 30.0) -> None:
        """Return once every event that was recorded before is sent, whoever sends it.

        Raises UnsentError where that is not so after that time, or cannot come to be, and
        SpoolError where the spool cannot be read.
        """
        newest = max(self._keys.last or b"", newest_key(self._now()))
        deadline = self._monotonic() + seconds
        failures_before = self._sender.counts.failures
        while self._spool.holds(newest):
            left = deadline - self._monotonic()
            step = self._sender.step(max(0.0, left))
            has_failed = self._sender.counts.failures > failures_before
            is_hopeless = step is Step.RESTING and self._is_hopeless(left, has_failed)
            if (left <= 0 or is_hopeless) and self._spool.holds(newest):
                raise UnsentError(self._spool.count(), self._reason())
            if step is not Step.MORE:
                time.sleep(min(_LOOK_AGAIN_SECONDS, max(0.0, left)))

    def _is_hopeless(self, seconds_left: float, has_failed: bool) -> bool:  # noqa: FBT001  Two facts.
        """Tell whether nothing can be sent in that time, or nothing before somebody sees to it."""
        failure = self._sender.failure
        needs_somebody = failure is not None and failure.needs_somebody
        return (needs_somebody and has_failed) or self._sender.rest_seconds() > seconds_left

    def stats(self) -> Stats:
        """Tell how the meter stands."""
        return Stats(
            waiting=self._spool.count() if self._left_at_end is None else self._left_at_end,
            recorded=self._recorded,
            counts=self._sender.counts,
            failure=self._reason(),
        )

    def _reason(self) -> str | None:
        failure = self._sender.failure
        return None if failure is None else failure.reason

    def close(self, seconds: float = 30.0) -> None:
        """Send what is left, as far as that is done in time, and let go of everything.

        What is left in a file is sent by whoever opens it next. Raises UnsentError where events end
        with this process, because they are in memory.
        """
        if self._is_closed:
            return
        try:
            self.flush(seconds)
        except UnsentError as error:
            logger.warning("Closed, and left in the spool: %s", error)
        finally:
            self._is_closed = True
            self._stop_thread()
            atexit.unregister(self._at_exit)
            # Where it cannot be read, nobody can tell how many are left in it.
            with contextlib.suppress(SpoolError):
                self._left_at_end = self._spool.count()
            lost = self._spool.close()
            self._route.close()
        if lost:
            raise UnsentError(lost, self._reason())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _at_exit(self) -> None:
        try:
            self.close(self._exit_seconds)
        except UnsentError:
            logger.exception("Usage ends with this process; a spool in a file would keep it")

    def _ensure_thread(self) -> None:
        """Have a thread of this process send, where one may."""
        with self._thread_lock:
            lives = self._thread is not None and self._thread.is_alive()
            if lives or not self._background or self._is_closed:
                return
            thread = threading.Thread(target=self._send, name="usage-meter", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                # Python ends, and starts none any more: what is recorded now, `_at_exit` sends.
                return
            self._thread = thread

    def _send(self) -> None:
        """Send until the meter is closed; the body of the thread, which nothing may end."""
        while not self._is_closed:
            try:
                step = self._sender.step()
            except MeterClosedError:
                return
            except Exception:
                logger.exception("Sending failed; the events are kept")
                step = Step.IDLE
            if step is not Step.MORE:
                rest = self._sender.rest_seconds() if step is Step.RESTING else 0.0
                self._wake.wait(max(LINGER_SECONDS, rest))
                self._wake.clear()

    def _stop_thread(self) -> None:
        self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            # It may be waiting for an answer; then it ends by itself, or with the process.
            self._thread.join(timeout=1.0)

    def before_fork(self) -> None:
        """Come to rest."""
        self._route.before_fork()
        self._spool.before_fork()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        self._spool.after_fork_in_parent()
        self._route.after_fork_in_parent()

    def after_fork_in_child(self) -> None:
        """Go on as another process, which sends by a thread and connections of its own."""
        self._spool.after_fork_in_child()
        _of_parents.append(self._route)
        self._route = BatchRoute(self._url, self._api_key)
        self._keys = Keys()
        self._begin()


def _blocks(full: str) -> bool:
    if full not in {"raise", "block"}:
        raise ValueError(f"full is 'raise' or 'block', not {full!r}")
    return full == "block"


def _open_spool(
    path: str | Path | None,
    spill: str | Path | None,
    bytes_max: int | None,
    *,
    is_power_safe: bool,
) -> Spool:
    first: Spool
    if path is None:
        first = MemorySpool(bytes_max or _MEMORY_BYTES_MAX)
    else:
        first = SqliteSpool(Path(path), bytes_max or _FILE_BYTES_MAX, is_power_safe=is_power_safe)
    if spill is None:
        return first
    second = SqliteSpool(Path(spill), _FILE_BYTES_MAX, is_power_safe=is_power_safe)
    return SpillingSpool(first, second)
