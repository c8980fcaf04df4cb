"""The billing run: find the tabs with something to bill and the customers to look at, and bill."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from billing.domain.deadline import Deadline
from billing.domain.runs import Job
from billing.domain.tabs import TabRef
from billing.services.dunning import Dunning
from billing.services.handing_out import Outcome, WorkQueue
from billing.services.retrying import Failure, Progress
from billing.services.rounds import Outlet, Round, go_round, when_free_or_expired
from billing.services.work import Billed, Biller, Work
from billing.storage.leases import Positions
from billing.storage.walks import BEGINNING, WalkPage

_TABS = "tabs"
_CUSTOMERS = "customers"


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a look at everybody who owes did; at least `remaining` customers were not reached."""

    customers_found: int
    records_paid: int
    failures: tuple[Failure, ...]
    remaining: int

    @property
    def counted(self) -> Mapping[str, int]:
        """What it did, as it is kept and shown."""
        return {
            "customers_found": self.customers_found,
            "records_paid": self.records_paid,
            "failed": len(self.failures),
            "remaining": self.remaining,
        }


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did; at least `remaining` tabs and customers that are due were neither dealt with
    nor handed out.
    """

    tabs_found: int = 0
    tabs_settled: int = 0
    tabs_enqueued: int = 0
    customers_found: int = 0
    customers_enqueued: int = 0
    records_paid: int = 0
    records_unpaid: int = 0
    failures: tuple[Failure, ...] = ()
    remaining: int = 0

    @property
    def found(self) -> int:
        """How many tabs and customers were found."""
        return self.tabs_found + self.customers_found

    @property
    def failed(self) -> int:
        """How many tabs and customers could not be dealt with."""
        return len(self.failures)

    @property
    def counted(self) -> Mapping[str, int]:
        """What the run did, as it is kept and shown."""
        return {
            "tabs_found": self.tabs_found,
            "tabs_settled": self.tabs_settled,
            "tabs_enqueued": self.tabs_enqueued,
            "customers_found": self.customers_found,
            "customers_enqueued": self.customers_enqueued,
            "records_paid": self.records_paid,
            "records_unpaid": self.records_unpaid,
            "failed": self.failed,
            "remaining": self.remaining,
        }


@dataclass(slots=True)
class Tally:
    """What a run did so far."""

    tabs_found: int = 0
    customers_found: int = 0
    tabs_settled: int = 0
    tabs_enqueued: int = 0
    customers_enqueued: int = 0
    records_paid: int = 0
    records_unpaid: int = 0
    failures: list[Failure] = field(default_factory=list)

    def find(self, works: Sequence[Work]) -> None:
        """Count what was found."""
        tabs = _count_tabs(works)
        self.tabs_found += tabs
        self.customers_found += len(works) - tabs

    def hand_out(self, works: Sequence[Work]) -> None:
        """Count what was handed out."""
        tabs = _count_tabs(works)
        self.tabs_enqueued += tabs
        self.customers_enqueued += len(works) - tabs

    def do(self, progress: Progress[Outcome[Work, Billed]]) -> None:
        """Count what was done."""
        self.tabs_settled += _count_tabs([outcome.work for outcome in progress.results])
        self.records_paid += sum(outcome.made.records_paid for outcome in progress.results)
        self.records_unpaid += sum(outcome.made.records_unpaid for outcome in progress.results)
        self.failures.extend(progress.failures)

    def fail(self, failure: Failure) -> None:
        """Keep what failed beside the work."""
        self.failures.append(failure)


def _count_tabs(works: Sequence[Work]) -> int:
    return sum(isinstance(work, TabRef) for work in works)


@dataclass(frozen=True, slots=True)
class BillingRun:
    """A run that bills everything that is recorded and not billed, and looks at who is due.

    With a queue, more than some tabs or customers are handed out; without one, all are dealt with
    here, as far as the deadline allows. `owner` names the run, which holds a lease meanwhile.
    """

    dunning: Dunning
    owner: str
    deadline: Deadline
    queue: WorkQueue[Work] | None = None

    def run(self) -> RunReport:
        """Run once, from where the run before ended; raises RunInProgressError."""
        stores, now = self.dunning.stores, self.dunning.clock()
        tally = Tally()
        biller = Biller(self.dunning)
        outlet = Outlet(self.queue, biller, tally)

        def begin(positions: Positions) -> dict[str, Round[Work, Billed]]:
            tabs, customers = (positions.get(name, BEGINNING) for name in (_TABS, _CUSTOMERS))
            return {
                _TABS: Round(stores.tabs.dirty(tabs), tabs, outlet, tally),
                _CUSTOMERS: Round(
                    stores.customers.due(customers, by=now), customers, outlet, tally
                ),
            }

        def end(remaining: int) -> RunReport:
            return RunReport(
                tabs_found=tally.tabs_found,
                tabs_settled=tally.tabs_settled,
                tabs_enqueued=tally.tabs_enqueued,
                customers_found=tally.customers_found,
                customers_enqueued=tally.customers_enqueued,
                records_paid=tally.records_paid,
                records_unpaid=tally.records_unpaid,
                failures=tuple(tally.failures),
                remaining=remaining,
            )

        return go_round(Job.BILLING, self.owner, begin, end, worker=biller, deadline=self.deadline)

    def run_when_free(self, *, sleep: Callable[[float], None]) -> RunReport:
        """Run, if need be when the lease of a run that died has run out; a run that lives renews
        its lease, and raises RunInProgressError here.
        """
        return when_free_or_expired(self.run, sleep=sleep)


def charge_everybody(dunning: Dunning, owner: str, deadline: Deadline) -> Sweep:
    """Charge everybody whose dunning runs or whose money waits, as far as their money goes.

    That counts as no attempt. It goes on where the call before ended; raises RunInProgressError.
    """
    tally, biller = Tally(), Biller(dunning)

    def begin(positions: Positions) -> dict[str, Round[Work, Billed]]:
        start = positions.get(_CUSTOMERS, BEGINNING)
        pages = map(_without_tabs, dunning.stores.customers.due(start, by=None))
        return {_CUSTOMERS: Round(pages, start, Outlet(None, biller, tally), tally)}

    def end(remaining: int) -> Sweep:
        return Sweep(tally.customers_found, tally.records_paid, tuple(tally.failures), remaining)

    return go_round(Job.RETRIES, owner, begin, end, worker=biller, deadline=deadline)


def _without_tabs(page: WalkPage[Work]) -> WalkPage[Work]:
    """Leave out the tabs that are held: looking at them would change nothing."""
    found = [(work, at) for work, at in page.found if not isinstance(work, TabRef)]
    return WalkPage(found, page.behind)
