"""Work that a run finds, done here or handed out through a queue.

Handing out is safe at any rate: whatever a message asks for is done once, however often it comes,
and what is lost on the way is found again by a later run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from billing.domain.deadline import Deadline
from billing.domain.times import Clock
from billing.services.retrying import Failure, Progress, each_on_its_own
from billing.storage.stores import Stores


class WorkQueue[Work](Protocol):
    """Where work is handed out; each piece is done once or more, which comes to the same."""

    def waiting(self) -> int:
        """Tell about how many messages nobody has taken yet."""

    def send(self, works: Sequence[Work]) -> None:
        """Hand out work, several pieces a message."""

    def send_alone(self, works: Sequence[Work]) -> None:
        """Hand out work, one piece a message."""


@dataclass(frozen=True, slots=True)
class Outcome[Work, Made]:
    """What came of a piece of work, and what is to be done next because of it."""

    work: Work
    made: Made
    next: tuple[Work, ...] = ()


class Worker[Work, Made](Protocol):
    """Who does one kind of work."""

    @property
    def stores(self) -> Stores:
        """The stores of this invocation."""

    @property
    def clock(self) -> Clock:
        """What tells the time."""

    def until(self, deadline: Deadline) -> Self:
        """Do the same with less time."""

    def do(self, work: Work) -> Outcome[Work, Made]:
        """Do a piece of work."""

    def leave_to_others(self, work: Work) -> None:
        """Let the next run know that somebody goes on with this now."""


def do_each[Work, Made](
    works: Sequence[Work], *, worker: Worker[Work, Made], until: Deadline
) -> Progress[Outcome[Work, Made]]:
    """Do work side by side, as far as the time goes; one that fails keeps no other back."""
    return each_on_its_own(worker.until(until).do, works, deadline=until)


def hand_on[Work, Made](
    works: Sequence[Work], *, worker: Worker[Work, Made], queue: WorkQueue[Work]
) -> None:
    """Hand out what is to be done next because of other work, one piece a message.

    The run looks at it again only after some time, in case the message is lost: else each run would
    hand it out once more while somebody goes on with it.
    """
    for work in works:
        worker.leave_to_others(work)
    queue.send_alone(works)


@dataclass(frozen=True, slots=True)
class HandedOut[Work, Made]:
    """What became of some messages: the outcomes, the failures, and the ids of the messages that
    are to come back.
    """

    outcomes: Sequence[Outcome[Work, Made]]
    failures: tuple[Failure, ...]
    come_back: tuple[str, ...]


def do_handed_out[Work, Made](
    messages: Mapping[str, Sequence[Work]],
    *,
    worker: Worker[Work, Made],
    queue: WorkQueue[Work],
) -> HandedOut[Work, Made]:
    """Do the work of some messages, each piece on its own.

    What was not begun in time is handed out again, and so is that of which there is more to do.
    What failed beside others gets a message of its own, so that no good piece comes back with a bad
    one; a message that failed as a whole comes back by itself, a few times.
    """
    works = list(dict.fromkeys(work for held in messages.values() for work in held))
    progress = do_each(works, worker=worker, until=worker.stores.deadline)
    failed = {failure.subject for failure in progress.failures}
    bad = [work for work in works if str(work) in failed]
    done = {outcome.work for outcome in progress.results}
    alone = {held[0] for held in messages.values() if len(held) == 1}
    try:
        queue.send([work for work in works if work not in done and work not in bad])
        queue.send_alone([work for work in bad if work not in alone])
        following = [work for outcome in progress.results for work in outcome.next]
        hand_on(following, worker=worker, queue=queue)
    except Exception as error:  # noqa: BLE001 - whatever is done stays done; all else comes back, and the caller reports it
        failures = (*progress.failures, Failure("queue", error))
        return HandedOut(progress.results, failures, tuple(messages))
    come_back = [name for name, held in messages.items() if len(held) == 1 and held[0] in bad]
    return HandedOut(progress.results, progress.failures, tuple(come_back))
