"""The work that a billing run finds: tabs to settle, customers to visit."""

from dataclasses import dataclass

from billing.domain.deadline import Deadline
from billing.domain.records import RecordStatus
from billing.domain.tabs import TabRef
from billing.domain.times import Clock
from billing.services.dunning import Dunning
from billing.services.handing_out import Outcome
from billing.services.held_tabs import release_tabs
from billing.services.settle_tab import settle_tab
from billing.storage.stores import Stores

# A customer to visit is told by their id.
type Work = TabRef | str


@dataclass(frozen=True, slots=True)
class Billed:
    """What a piece of work made of records: how many it paid, and how many more are to be paid."""

    records_paid: int
    records_unpaid: int = 0


def do(work: Work, dunning: Dunning) -> Outcome[Work, Billed]:
    """Settle a tab, or visit a customer once and release the tabs that are held for them."""
    if isinstance(work, TabRef):
        records = settle_tab(work, dunning=dunning)
        paid = sum(1 for record in records if record.status is RecordStatus.PAID)
        return Outcome(work, Billed(paid, len(records) - paid))
    visit = dunning.attend(work)
    if visit.more:
        return Outcome(work, Billed(visit.records_paid), next=(work,))
    released = release_tabs(work, stores=dunning.stores)
    return Outcome(work, Billed(visit.records_paid), next=tuple(released))


@dataclass(frozen=True, slots=True)
class Biller:
    """Who settles tabs and visits customers."""

    dunning: Dunning

    @property
    def stores(self) -> Stores:
        """The stores of this invocation."""
        return self.dunning.stores

    @property
    def clock(self) -> Clock:
        """What tells the time."""
        return self.dunning.clock

    def until(self, deadline: Deadline) -> "Biller":
        """Do the same with less time."""
        return Biller(self.dunning.until(deadline))

    def do(self, work: Work) -> Outcome[Work, Billed]:
        """Settle a tab or visit a customer."""
        return do(work, self.dunning)

    def leave_to_others(self, work: Work) -> None:
        """Let the run look at a customer only after some time; a tab stays where it is."""
        if isinstance(work, str):
            self.dunning.leave_to_others(work)
