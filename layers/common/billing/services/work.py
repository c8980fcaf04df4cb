"""The work that a billing run finds, done here or handed out: tabs to settle, customers to visit.

Handing out is safe at any rate: whatever a message asks for is done once, however often it comes,
and what is lost on the way is found again by a later run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from billing.domain.deadline import Deadline
from billing.domain.records import RecordStatus
from billing.domain.tabs import TabRef
from billing.services.dunning import Dunning
from billing.services.held_tabs import release_tabs
from billing.services.retrying import Failure, Progress, each_on_its_own
from billing.services.settle_tab import settle_tab

# A customer to visit is told by their id.
type Work = TabRef | str


class WorkQueue(Protocol):
    """Where work is handed out; each piece is done once or more, which comes to the same."""

    def waiting(self) -> int:
        """Tell about how many messages nobody has taken yet."""

    def send(self, works: Sequence[Work]) -> None:
        """Hand out work, several pieces a message."""

    def send_alone(self, works: Sequence[Work]) -> None:
        """Hand out work, one piece a message."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a piece of work, and what is to be done next because of it."""

    work: Work
    records_paid: int
    records_pending: int = 0
    next: tuple[Work, ...] = ()


def do(work: Work, dunning: Dunning) -> Outcome:
    """Settle a tab, or visit a customer once and release the tabs that are held for them."""
    if isinstance(work, TabRef):
        records = settle_tab(work, dunning=dunning)
        paid = sum(1 for record in records if record.status is RecordStatus.PAID)
        return Outcome(work, paid, len(records) - paid)
    visit = dunning.attend(work)
    if visit.more:
        return Outcome(work, visit.records_paid, next=(work,))
    released = release_tabs(work, stores=dunning.stores)
    return Outcome(work, visit.records_paid, next=tuple(released))


def do_each(works: Sequence[Work], *, dunning: Dunning, until: Deadline) -> Progress[Outcome]:
    """Do work side by side, as far as the time goes; one that fails keeps no other back."""
    within = dunning.until(until)
    return each_on_its_own(lambda work: do(work, within), works, deadline=until)


def hand_on(works: Sequence[Work], *, dunning: Dunning, queue: WorkQueue) -> None:
    """Hand out what is to be done next because of other work, one piece a message.

    The run looks at customers again only after some time, in case the message is lost: else each
    run would hand them out once more while somebody goes on with them.
    """
    for work in works:
        if isinstance(work, str):
            dunning.leave_to_others(work)
    queue.send_alone(works)


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What became of some messages: the outcomes, the failures, and the ids of the messages that
    are to come back.
    """

    outcomes: Sequence[Outcome]
    failures: tuple[Failure, ...]
    come_back: tuple[str, ...]


def do_handed_out(
    messages: Mapping[str, Sequence[Work]], *, dunning: Dunning, queue: WorkQueue
) -> HandedOut:
    """Do the work of some messages, each piece on its own.

    What was not begun in time is handed out again, and so is a customer with whom there is more to
    do. What failed beside others gets a message of its own, so that no good piece comes back with
    a bad one; a message that failed as a whole comes back by itself, a few times.
    """
    works = list(dict.fromkeys(work for held in messages.values() for work in held))
    progress = do_each(works, dunning=dunning, until=dunning.stores.deadline)
    failed = {failure.subject for failure in progress.failures}
    bad = [work for work in works if str(work) in failed]
    done = {outcome.work for outcome in progress.results}
    alone = {held[0] for held in messages.values() if len(held) == 1}
    try:
        queue.send([work for work in works if work not in done and work not in bad])
        queue.send_alone([work for work in bad if work not in alone])
        following = [work for outcome in progress.results for work in outcome.next]
        hand_on(following, dunning=dunning, queue=queue)
    except Exception as error:  # noqa: BLE001 - whatever is done stays done; all else comes back, and the caller reports it
        failures = (*progress.failures, Failure("queue", error))
        return HandedOut(progress.results, failures, tuple(messages))
    come_back = [name for name, held in messages.items() if len(held) == 1 and held[0] in bad]
    return HandedOut(progress.results, progress.failures, tuple(come_back))
