"""The work that a closing run finds: customers whose days are to be closed, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from billing.domain.deadline import Deadline
from billing.domain.ledger import Imbalance
from billing.domain.times import Clock
from billing.services.close_days import ClosedDays, close_days
from billing.services.handing_out import HandedOut, Outcome
from billing.services.retrying import Failure
from billing.storage.stores import Stores


@dataclass(frozen=True, slots=True)
class Closer:
    """Who closes the days of customers."""

    stores: Stores
    clock: Clock

    def until(self, deadline: Deadline) -> "Closer":
        """Do the same with less time."""
        return Closer(self.stores.until(deadline), self.clock)

    def do(self, work: str) -> Outcome[str, ClosedDays]:
        """Close the days of a customer, as far as one piece of work goes."""
        made = close_days(work, stores=self.stores, clock=self.clock)
        return Outcome(work, made, next=(work,) if made.more else ())

    def leave_to_others(self, work: str) -> None:
        """Do nothing: a customer who is handed out twice is closed once."""


@dataclass(frozen=True, slots=True)
class ClosingReport:
    """What a closing run did; at least `remaining` customers were neither dealt with nor handed
    out.
    """

    found: int = 0
    enqueued: int = 0
    entries_added: int = 0
    imbalances: tuple[Imbalance, ...] = ()
    failures: tuple[Failure, ...] = ()
    remaining: int = 0

    @property
    def counted(self) -> Mapping[str, int]:
        """What the run did, as it is kept and shown."""
        return {
            "customers_found": self.found,
            "customers_enqueued": self.enqueued,
            "entries_added": self.entries_added,
            "imbalances": len(self.imbalances),
            "failed": len(self.failures),
            "remaining": self.remaining,
        }

    @classmethod
    def of_handed_out(cls, done: HandedOut[str, ClosedDays]) -> "ClosingReport":
        """Tell the same of what a run handed out."""
        return cls(
            found=len(done.outcomes) + len(done.failures),
            entries_added=sum(outcome.made.entries for outcome in done.outcomes),
            imbalances=tuple(imbalances_in(done.outcomes)),
            failures=done.failures,
        )


def imbalances_in(outcomes: Sequence[Outcome[str, ClosedDays]]) -> list[Imbalance]:
    """Name the customers whose books do not verify."""
    found = [outcome.made.imbalance for outcome in outcomes]
    return [each for each in found if each is not None]
