"""Sends what is in a spool, one batch a step, and settles what became of it."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from threading import Lock
from typing import Protocol

from usage_billing.meter.answers import Answered, Failed, Fate, Reply, Result
from usage_billing.meter.backoff import Backoff
from usage_billing.meter.errors import SpoolError
from usage_billing.meter.rejects import Reject, Rejects
from usage_billing.meter.spool import Settlement, Spool, Spooled

logger = logging.getLogger("usage_billing.meter")

BATCH_EVENTS_MAX = 1000
# Longer than any request may take.
STEP_SECONDS_MAX = 120.0

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MADE_UP_PROBLEM = {"code": "unknown", "detail": "The server said nothing about it"}


class Route(Protocol):
    """Where batches go."""

    def post(self, batch: Sequence[Spooled], ids: Sequence[str], seconds: float) -> Reply:
        """Send a batch, and have a reply within these seconds; raises nothing."""


class Step(Enum):
    """What a step came to: more may be done at once, or nothing was, or it is time to wait."""

    MORE = "more"
    IDLE = "idle"
    RESTING = "resting"


@dataclass(frozen=True, slots=True)
class Counts:
    """What a sender did so far. `requests` includes `failures`, which brought no results."""

    accepted: int = 0
    duplicate: int = 0
    conflict: int = 0
    rejected: int = 0
    requests: int = 0
    failures: int = 0


class Sender:
    """Takes batches from a spool and sends them, one at a time, whoever calls."""

    def __init__(
        self,
        spool: Spool,
        route: Route,
        rejects: Rejects,
        *,
        on_reject: Callable[[Reject], None] | None,
        backoff: Backoff,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        """Send from a spool by a route; `monotonic` is in seconds, and rests are counted by it."""
        self._spool = spool
        self._route = route
        self._rejects = rejects
        self._on_reject = on_reject
        self._backoff = backoff
        self._now = now
        self._monotonic = monotonic
        self._lock = Lock()
        self._limit = BATCH_EVENTS_MAX
        self._failures_in_row = 0
        self._rests_until = 0.0
        self._unsettled: Settlement | None = None
        self.counts = Counts()
        self.failure: Failed | None = None

    def step(self, seconds: float = STEP_SECONDS_MAX) -> Step:
        """Send one batch, where it is time to, in about so many seconds: another thread may be at
        it, and a server slow to answer.
        """
        if not self._lock.acquire(timeout=seconds):
            return Step.IDLE
        try:
            if self.rest_seconds() > 0:
                return Step.RESTING
            with self._spool.turn():
                return self._send_batch(seconds)
        except SpoolError as error:
            return self._rest(Failed(f"the spool: {error}"))
        finally:
            self._lock.release()

    def rest_seconds(self) -> float:
        """Return how long nothing is to be sent, after a failure."""
        return max(0.0, self._rests_until - self._monotonic())

    def _send_batch(self, seconds: float) -> Step:
        if self._unsettled is not None:
            # Sent already: nothing else is taken before this is written down.
            self._settle(self._unsettled)
        batch = self._spool.take(self._limit, _milliseconds(self._now()))
        if not batch:
            return Step.IDLE
        batch.sort(key=lambda spooled: (spooled.customer, spooled.key))
        is_full = len(batch) == self._limit
        self._count(requests=1)
        ids = [json.loads(spooled.event)["id"] for spooled in batch]
        reply = self._route.post(batch, ids, seconds)
        if isinstance(reply, Failed):
            return self._on_failed(batch, reply)
        self._limit = min(BATCH_EVENTS_MAX, self._limit * 2)
        if self._on_answered(batch, reply):
            self._failures_in_row, self.failure = 0, None
            return Step.MORE if is_full else Step.IDLE
        problem = next((result.problem for result in reply.results if result.problem), None)
        return self._rest(Failed(f"no event could be recorded: {problem}"))

    def _on_failed(self, batch: Sequence[Spooled], failed: Failed) -> Step:
        self._count(failures=1)
        if failed.problem is None:
            return self._on_fault(batch, failed) if failed.may_be_its_own else self._rest(failed)
        if len(batch) == 1:
            self._on_answered(batch, Answered([Result(Fate.REJECTED, failed.problem)]))
            return Step.MORE
        # One of them is what the server cannot read: it is found by halves.
        self._limit = len(batch) // 2
        return Step.MORE

    def _on_fault(self, batch: Sequence[Spooled], failed: Failed) -> Step:
        """Rest, and send less next time: an event at which the server fails each time, or a batch
        that takes it too long, must not keep all others waiting for ever.

        What failed alone is put off, and so is what was put off before, each for a time of its own,
        so that it is not for long in one batch with what the server fails at.
        """
        self._limit = max(1, len(batch) // 2)
        suspects = batch if len(batch) == 1 else [each for each in batch if each.tries]
        rest = self._rest(failed)
        self._settle(Settlement(put_off=[(each, self._due(each.tries + 1)) for each in suspects]))
        return rest

    def _on_answered(self, batch: Sequence[Spooled], answered: Answered) -> bool:
        """Settle each event by its result; tells whether any of them is over."""
        fates: dict[Fate, list[Spooled]] = {fate: [] for fate in Fate}
        rejects: list[Reject] = []
        untimed: list[Spooled] = []
        for spooled, result in zip(batch, answered.results, strict=True):
            if result.fate is Fate.CONFLICT and spooled.is_stamped:
                # The same event, given to `record` again, has another time, which was written here.
                untimed.append(spooled)
                continue
            fates[result.fate].append(spooled)
            if result.fate in {Fate.CONFLICT, Fate.REJECTED}:
                rejects.append(_reject(spooled, result))
        refused = fates[Fate.CONFLICT] + fates[Fate.REJECTED]
        if not self._keep(rejects):
            fates[Fate.UNKNOWN] += refused
            fates[Fate.CONFLICT], fates[Fate.REJECTED], refused = [], [], []
        done = fates[Fate.ACCEPTED] + fates[Fate.DUPLICATE] + refused
        put_off = self._put_off(fates[Fate.UNKNOWN])
        self._count(**{fate.value: len(fates[fate]) for fate in Fate if fate is not Fate.UNKNOWN})
        self._settle(Settlement(done, put_off, untimed))
        return bool(done or untimed)

    def _settle(self, settlement: Settlement) -> None:
        self._unsettled = settlement
        self._spool.settle(settlement)
        self._unsettled = None

    def _keep(self, rejects: Sequence[Reject]) -> bool:
        """Write rejects down and tell who wants to know; tells whether they are kept."""
        if not rejects:
            return True
        try:
            self._rejects.write(rejects)
        except OSError as error:
            logger.error("Rejected events stay in the spool, as they cannot be kept: %s", error)  # noqa: TRY400  The system's error says it all.
            return False
        if self._on_reject is not None:
            self._tell_of(rejects, self._on_reject)
        return True

    def _tell_of(self, rejects: Sequence[Reject], on_reject: Callable[[Reject], None]) -> None:
        for reject in rejects:
            try:
                on_reject(reject)
            except Exception:
                logger.exception("on_reject failed; the event is kept all the same")

    def _put_off(self, batch: Sequence[Spooled]) -> list[tuple[Spooled, int]]:
        """Say when each is due again: those that were tried as often, together."""
        dues = {tries: self._due(tries + 1) for tries in {spooled.tries for spooled in batch}}
        return [(spooled, dues[spooled.tries]) for spooled in batch]

    def _due(self, tries: int) -> int:
        return _milliseconds(self._now() + timedelta(seconds=self._backoff.seconds(tries)))

    def _rest(self, failed: Failed) -> Step:
        """Wait before anything else is sent, and say why: aloud where only somebody can mend it."""
        self._failures_in_row += 1
        seconds = self._backoff.seconds(self._failures_in_row, failed.retry_after_seconds)
        self._rests_until = self._monotonic() + seconds
        self.failure = failed
        logger.log(
            logging.ERROR if failed.needs_somebody else logging.WARNING,
            "Usage is not sent, and kept: %s; next try in %.1f s",
            failed.reason,
            seconds,
        )
        return Step.RESTING

    def _count(self, **more: int) -> None:
        counts = self.counts
        self.counts = replace(
            counts, **{name: getattr(counts, name) + count for name, count in more.items()}
        )


def _reject(spooled: Spooled, result: Result) -> Reject:
    problem = result.problem or _MADE_UP_PROBLEM
    return Reject(json.loads(spooled.event), problem, is_conflict=result.fate is Fate.CONFLICT)


def _milliseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(milliseconds=1)
