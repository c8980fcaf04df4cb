"""How the system is: what ran, what waits, who owes, and what somebody has to see to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from billing.domain.counts import Count
from billing.domain.ledger import Imbalance
from billing.domain.records import RecordStatus
from billing.domain.runs import Job, JobState
from billing.domain.times import Clock
from billing.services.retrying import side_by_side
from billing.storage.stores import Stores

# Counting reads every entry of an index, a thousand of them for some twenty read units.
COUNT_MAX = 10_000

IMBALANCES_MAX = 100

_WITH_A_LEASE = (Job.BILLING, Job.RETRIES, Job.CLOSING)


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """About how many messages of a queue wait, and how many are being worked on or hidden until
    they are tried again.
    """

    name: str
    waiting: int
    under_way: int


class Gauge(Protocol):
    """What tells how full a queue is."""

    def read(self) -> QueueDepth:
        """Tell what lies in the queue; raises UnavailableError."""


@dataclass(frozen=True, slots=True)
class SystemStatus:
    """How the system is at an instant; the counts are of indexes, which may lag by a moment."""

    at: datetime
    jobs: Mapping[Job, JobState]
    customers: Count
    suspended: Count
    retrying: Count
    failed: Count
    queues: Sequence[QueueDepth]
    dead_letters: Sequence[QueueDepth]
    imbalances: Sequence[Imbalance]
    more_imbalances: bool


@dataclass(slots=True)
class _Question[Answer]:
    """Something to ask, beside other questions, and what came back."""

    ask: Callable[[], Answer]
    answer: Answer = field(init=False)

    def put(self) -> None:
        self.answer = self.ask()


@dataclass(frozen=True, slots=True)
class SystemWatch:
    """Who looks how the system is; the gauges are those of the queues of work and of dead letters.

    Nothing of it needs to have run ever.
    """

    stores: Stores
    clock: Clock
    queues: Sequence[Gauge]
    dead_letters: Sequence[Gauge]

    def look(self) -> SystemStatus:
        """Ask everything side by side; raises UnavailableError."""
        at, customers, records = self.clock(), self.stores.customers, self.stores.records
        leases = _Question(lambda: self.stores.leases.states(_WITH_A_LEASE, now=at))
        logs = _Question(self.stores.log_files.last_run)
        living = _Question(lambda: customers.count(up_to=COUNT_MAX))
        suspended = _Question(lambda: customers.count_suspended(up_to=COUNT_MAX))
        retrying = _Question(
            lambda: records.count_of_status(RecordStatus.RETRYING, up_to=COUNT_MAX)
        )
        failed = _Question(lambda: records.count_of_status(RecordStatus.FAILED, up_to=COUNT_MAX))
        unbalanced = _Question(lambda: self.stores.wallets.unbalanced(limit=IMBALANCES_MAX))
        queues = [_Question(gauge.read) for gauge in self.queues]
        dead_letters = [_Question(gauge.read) for gauge in self.dead_letters]
        # Those first that ask most.
        all_of_them: list[_Question[Any]] = [suspended, retrying, failed, living, unbalanced]
        all_of_them += [leases, logs, *queues, *dead_letters]
        side_by_side(_Question.put, all_of_them)
        imbalances, more_imbalances = unbalanced.answer
        return SystemStatus(
            at=at,
            jobs={**leases.answer, Job.LOGS: JobState(last_run=logs.answer)},
            customers=living.answer,
            suspended=suspended.answer,
            retrying=retrying.answer,
            failed=failed.answer,
            queues=[each.answer for each in queues],
            dead_letters=[each.answer for each in dead_letters],
            imbalances=imbalances,
            more_imbalances=more_imbalances,
        )
