"""The billing run: find the tabs with something to bill, and settle them or hand them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Protocol

from billing.domain.deadline import Deadline
from billing.domain.errors import RunInProgressError
from billing.domain.records import BillingRecord, RecordStatus
from billing.domain.tabs import TabRef
from billing.services.dunning import Dunning
from billing.services.retrying import Failure, each_on_its_own
from billing.services.settle_tab import settle_tab

JOB = "billing-run"

# Longer than a run may take, so that a live one keeps its lease; short enough that a run that died
# costs the next minutes little.
LEASE_SECONDS = 90

# Up to so many tabs are settled in the run itself, which takes about a second; more are handed
# out, so that one slow customer never delays ten thousand.
INLINE_TABS_MAX = 50

# One run looks at no more than this; the next one goes on.
TABS_PER_RUN_MAX = 100_000
CUSTOMERS_PER_SWEEP_MAX = 1_000


class SettleQueue(Protocol):
    """Where a run hands out tabs; each is settled once or more, which comes to the same."""

    def depth(self) -> int:
        """Tell about how many tabs are waiting or being settled."""

    def send(self, tabs: Sequence[TabRef]) -> None:
        """Hand out tabs."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep did; `remaining` customers were not reached in time."""

    customers_found: int
    records_paid: int
    failures: tuple[Failure, ...]
    remaining: int


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did; `remaining` tabs and customers were not reached in time."""

    tabs_found: int
    tabs_settled: int = 0
    tabs_enqueued: int = 0
    customers_swept: int = 0
    records_paid: int = 0
    records_pending: int = 0
    failures: tuple[Failure, ...] = ()
    remaining: int = 0

    @property
    def failed(self) -> int:
        """How many tabs and customers could not be dealt with."""
        return len(self.failures)

    def with_sweep(self, swept: Sweep) -> "RunReport":
        """Add what the sweep of the same run did."""
        return RunReport(
            tabs_found=self.tabs_found,
            tabs_settled=self.tabs_settled,
            tabs_enqueued=self.tabs_enqueued,
            records_pending=self.records_pending,
            customers_swept=swept.customers_found,
            records_paid=self.records_paid + swept.records_paid,
            failures=self.failures + swept.failures,
            remaining=self.remaining + swept.remaining,
        )


@dataclass(frozen=True, slots=True)
class BillingRun:
    """A run that bills everything that is recorded and not billed.

    With a queue, more than `INLINE_TABS_MAX` tabs are handed out; without one, they are settled
    here as far as the deadline allows. `owner` names the run, which holds a lease meanwhile.
    """

    dunning: Dunning
    owner: str
    deadline: Deadline
    queue: SettleQueue | None = None

    def run(self) -> RunReport:
        """Run once.

        Raises RunInProgressError while another run holds the lease; nothing but double work would
        come of running twice.
        """
        stores, clock = self.dunning.stores, self.dunning.clock
        if not stores.leases.take(JOB, self.owner, now=clock(), seconds=LEASE_SECONDS):
            raise RunInProgressError
        try:
            tabs = list(islice(stores.tabs.dirty(), TABS_PER_RUN_MAX))
            if self.queue is not None and len(tabs) > INLINE_TABS_MAX:
                report = _hand_out(tabs, self.queue)
            else:
                report = self._settle(tabs)
            return report.with_sweep(sweep(self.dunning, due_by=clock(), deadline=self.deadline))
        finally:
            stores.leases.free(JOB, self.owner, now=clock())

    def _settle(self, tabs: Sequence[TabRef]) -> RunReport:
        """Settle tabs side by side until the deadline; one that fails keeps no other back."""

        def settle(tab: TabRef) -> list[BillingRecord]:
            return settle_tab(tab, dunning=self.dunning)

        progress = each_on_its_own(settle, tabs, deadline=self.deadline)
        records = [record for made in progress.results for record in made]
        paid = sum(1 for record in records if record.status is RecordStatus.PAID)
        return RunReport(
            tabs_found=len(tabs),
            tabs_settled=len(progress.results),
            records_paid=paid,
            records_pending=len(records) - paid,
            failures=progress.failures,
            remaining=progress.remaining,
        )


def _hand_out(tabs: Sequence[TabRef], queue: SettleQueue) -> RunReport:
    # As many messages as dirty tabs can only be those tabs, not yet settled: handing them out
    # again each minute would bury a slow consumer.
    if queue.depth() >= len(tabs):
        return RunReport(tabs_found=len(tabs), remaining=len(tabs))
    queue.send(tabs)
    return RunReport(tabs_found=len(tabs), tabs_enqueued=len(tabs))


def sweep(dunning: Dunning, *, due_by: datetime | None, deadline: Deadline) -> Sweep:
    """Go on where invocations left customers: lost workflow starts, money that waits.

    Looks at those who are due by an instant. With None it looks at everybody: also customers whose
    dunning is on schedule are charged then, as far as their money goes; that counts as no attempt.
    Who has more to be charged than one visit does is visited again, behind all others.
    """
    due = list(islice(dunning.stores.customers.due(by=due_by), CUSTOMERS_PER_SWEEP_MAX))
    paid = 0
    failures: tuple[Failure, ...] = ()
    waiting, remaining = due, 0
    while waiting and not remaining:
        progress = each_on_its_own(
            lambda each: (each, dunning.attend(each)), waiting, deadline=deadline
        )
        paid += sum(visit.records_paid for _, visit in progress.results)
        failures += progress.failures
        remaining = progress.remaining
        waiting = [customer for customer, visit in progress.results if visit.more]
    return Sweep(len(due), paid, failures, remaining + len(waiting))
