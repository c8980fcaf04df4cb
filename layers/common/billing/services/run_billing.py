"""The billing run: find the tabs with something to bill and the customers to look at, and bill."""

from collections.abc import Callable
from dataclasses import dataclass

from billing.domain.deadline import Deadline
from billing.domain.errors import RunInProgressError
from billing.domain.tabs import TabRef
from billing.services.dunning import Dunning
from billing.services.retrying import Failure
from billing.services.rounds import LEASE_SECONDS, Outlet, Round, Tally, go_round
from billing.services.work import Work, WorkQueue
from billing.storage.leases import Positions
from billing.storage.walks import BEGINNING, WalkPage

JOB = "billing-run"
RETRIES_JOB = "retries"

# The run of the next minute waits for no longer than a run that was killed keeps its lease.
WAIT_SECONDS = 5.0
DEAD_RUN_WAITS = int(LEASE_SECONDS // WAIT_SECONDS)

_TABS = "tabs"
_CUSTOMERS = "customers"


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a look at everybody who owes did; at least `remaining` customers were not reached."""

    customers_found: int
    records_paid: int
    failures: tuple[Failure, ...]
    remaining: int


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
    records_pending: int = 0
    failures: tuple[Failure, ...] = ()
    remaining: int = 0

    @property
    def failed(self) -> int:
        """How many tabs and customers could not be dealt with."""
        return len(self.failures)


@dataclass(frozen=True, slots=True)
class BillingRun:
    """A run that bills everything that is recorded and not billed, and looks at who is due.

    With a queue, more than some tabs or customers are handed out; without one, all are dealt with
    here, as far as the deadline allows. `owner` names the run, which holds a lease meanwhile.
    """

    dunning: Dunning
    owner: str
    deadline: Deadline
    queue: WorkQueue | None = None

    def run(self) -> RunReport:
        """Run once, from where the run before ended; raises RunInProgressError."""
        stores, now = self.dunning.stores, self.dunning.clock()
        tally = Tally()
        outlet = Outlet(self.queue, self.dunning, tally)

        def begin(positions: Positions) -> dict[str, Round]:
            tabs, customers = (positions.get(name, BEGINNING) for name in (_TABS, _CUSTOMERS))
            return {
                _TABS: Round(stores.tabs.dirty(tabs), tabs, outlet, tally),
                _CUSTOMERS: Round(
                    stores.customers.due(customers, by=now), customers, outlet, tally
                ),
            }

        remaining = go_round(JOB, self.owner, begin, dunning=self.dunning, deadline=self.deadline)
        return RunReport(
            tabs_found=tally.tabs_found,
            tabs_settled=tally.tabs_settled,
            tabs_enqueued=tally.tabs_enqueued,
            customers_found=tally.customers_found,
            customers_enqueued=tally.customers_enqueued,
            records_paid=tally.records_paid,
            records_pending=tally.records_pending,
            failures=tuple(tally.failures),
            remaining=remaining,
        )

    def run_when_free(self, *, sleep: Callable[[float], None]) -> RunReport:
        """Run, if need be when the lease of a run that died has run out; a run that lives renews
        its lease, and raises RunInProgressError here.
        """
        return when_free(self.run, sleep=sleep, waits=DEAD_RUN_WAITS, wait_seconds=WAIT_SECONDS)


def charge_everybody(dunning: Dunning, owner: str, deadline: Deadline) -> Sweep:
    """Charge everybody whose dunning runs or whose money waits, as far as their money goes.

    That counts as no attempt. It goes on where the call before ended; raises RunInProgressError.
    """
    tally = Tally()

    def begin(positions: Positions) -> dict[str, Round]:
        start = positions.get(_CUSTOMERS, BEGINNING)
        pages = map(_without_tabs, dunning.stores.customers.due(start, by=None))
        return {_CUSTOMERS: Round(pages, start, Outlet(None, dunning, tally), tally)}

    remaining = go_round(RETRIES_JOB, owner, begin, dunning=dunning, deadline=deadline)
    return Sweep(tally.customers_found, tally.records_paid, tuple(tally.failures), remaining)


def _without_tabs(page: WalkPage[Work]) -> WalkPage[Work]:
    """Leave out the tabs that are held: looking at them would change nothing."""
    found = [(work, at) for work, at in page.found if not isinstance(work, TabRef)]
    return WalkPage(found, page.behind)


def when_free[Report](
    run: Callable[[], Report], *, sleep: Callable[[float], None], waits: int, wait_seconds: float
) -> Report:
    """Run as soon as no other run is at work, or has died with the lease.

    Raises RunInProgressError when one still holds it after some waits.
    """
    for _ in range(waits):
        try:
            return run()
        except RunInProgressError:
            sleep(wait_seconds)
    return run()
