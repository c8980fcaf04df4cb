"""The closing run: find who has entries that are not closed, and add them to their days."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from billing.domain.deadline import Deadline
from billing.domain.ledger import Imbalance
from billing.domain.runs import Job
from billing.services.close_days import ClosedDays
from billing.services.closing_work import Closer, ClosingReport, imbalances_in
from billing.services.handing_out import Outcome, WorkQueue
from billing.services.retrying import Failure, Progress
from billing.services.rounds import Outlet, Round, go_round, when_free_or_expired
from billing.storage.leases import Positions
from billing.storage.walks import BEGINNING

_CUSTOMERS = "customers"


@dataclass(slots=True)
class ClosingTally:
    """What a closing run did so far."""

    found: int = 0
    enqueued: int = 0
    entries_added: int = 0
    imbalances: list[Imbalance] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def find(self, works: Sequence[str]) -> None:
        """Count what was found."""
        self.found += len(works)

    def hand_out(self, works: Sequence[str]) -> None:
        """Count what was handed out."""
        self.enqueued += len(works)

    def do(self, progress: Progress[Outcome[str, ClosedDays]]) -> None:
        """Count what was done."""
        self.entries_added += sum(outcome.made.entries for outcome in progress.results)
        self.imbalances.extend(imbalances_in(progress.results))
        self.failures.extend(progress.failures)

    def fail(self, failure: Failure) -> None:
        """Keep what failed beside the work."""
        self.failures.append(failure)


@dataclass(frozen=True, slots=True)
class ClosingRun:
    """A run that closes everything that is posted and over, and adds up what is not.

    With a queue, more than some customers are handed out; without one, all are dealt with here, as
    far as the deadline allows. `owner` names the run, which holds a lease meanwhile.
    """

    closer: Closer
    owner: str
    deadline: Deadline
    queue: WorkQueue[str] | None = None

    def run(self) -> ClosingReport:
        """Run once, from where the run before ended; raises RunInProgressError."""
        tally = ClosingTally()

        def begin(positions: Positions) -> dict[str, Round[str, ClosedDays]]:
            start = positions.get(_CUSTOMERS, BEGINNING)
            pages = self.closer.stores.wallets.to_close(start)
            outlet = Outlet(self.queue, self.closer, tally)
            return {_CUSTOMERS: Round(pages, start, outlet, tally)}

        def end(remaining: int) -> ClosingReport:
            return ClosingReport(
                found=tally.found,
                enqueued=tally.enqueued,
                entries_added=tally.entries_added,
                imbalances=tuple(tally.imbalances),
                failures=tuple(tally.failures),
                remaining=remaining,
            )

        return go_round(
            Job.CLOSING, self.owner, begin, end, worker=self.closer, deadline=self.deadline
        )

    def run_when_free(self, *, sleep: Callable[[float], None]) -> ClosingReport:
        """Run, if need be when the lease of a run that died has run out; a run that lives renews
        its lease, and raises RunInProgressError here.
        """
        return when_free_or_expired(self.run, sleep=sleep)
