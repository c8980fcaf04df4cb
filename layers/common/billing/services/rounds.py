"""Rounds through what is due, in bounded steps: nobody waits for ever, however much there is.

A round reads an index from where the last one stopped. The little that is found as a rule is done
here; more is handed out. Where several kinds of work are due, the next step belongs to the one that
had the least time so far, so that none waits for the end of another.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from billing.domain.deadline import Deadline
from billing.domain.errors import RunInProgressError
from billing.domain.runs import Job, LastRun
from billing.services.handing_out import Outcome, Worker, WorkQueue, do_each, hand_on
from billing.services.retrying import Failure, Progress
from billing.storage.leases import Positions
from billing.storage.walks import Position, WalkPage

# Up to so many pieces of work are done in the run itself, which takes about a second; more are
# handed out, so that one slow customer never delays ten thousand.
INLINE_MAX = 50

# A queue in which as many messages wait has a slow consumer, who is not to be buried: what would be
# handed out is likely to wait there already. A message that fails again and again is no such sign,
# because it is hidden between its tries.
MESSAGES_WAITING_MAX = 100

# A step begins nothing after so many seconds, so that the other kind of work gets its turn, and
# the lease never runs out under a run that lives.
STEP_SECONDS = 10.0
LEASE_SECONDS = 30
RENEW_SECONDS = 5.0

# A scheduled run waits for no longer than a run that was killed keeps its lease.
WAIT_SECONDS = 5.0
DEAD_RUN_WAITS = int(LEASE_SECONDS // WAIT_SECONDS)


class Tally[Work, Made](Protocol):
    """What counts what a run did."""

    def find(self, works: Sequence[Work]) -> None:
        """Count what was found."""

    def hand_out(self, works: Sequence[Work]) -> None:
        """Count what was handed out."""

    def do(self, progress: Progress[Outcome[Work, Made]]) -> None:
        """Count what was done."""

    def fail(self, failure: Failure) -> None:
        """Keep what failed beside the work."""


class Counted(Protocol):
    """What tells how often a run did each thing, under the names that are kept and shown."""

    @property
    def counted(self) -> Mapping[str, int]:
        """The counts by their names."""


@dataclass(slots=True)
class Outlet[Work, Made]:
    """Where a run hands out work, if it may: it asks once whether the queue takes more.

    Where the queue fails, the run does the work itself, as far as the time goes.
    """

    queue: WorkQueue[Work] | None
    worker: Worker[Work, Made]
    tally: Tally[Work, Made]
    is_open: bool | None = None

    def takes_more(self) -> bool:
        """Tell whether work may be handed out."""
        if self.is_open is None:
            self.is_open = self._try(lambda queue: queue.waiting() < MESSAGES_WAITING_MAX)
        return self.is_open

    def hand_out(self, works: Sequence[Work]) -> bool:
        """Hand out work; False where the queue failed."""

        def send(queue: WorkQueue[Work]) -> bool:
            queue.send(works)
            self.tally.hand_out(works)
            return True

        return self._try(send)

    def hand_on(self, works: Sequence[Work]) -> bool:
        """Hand out what is to be done next because of other work; False where the queue failed."""

        def send(queue: WorkQueue[Work]) -> bool:
            hand_on(works, worker=self.worker, queue=queue)
            return True

        return self._try(send)

    def _try(self, ask: Callable[[WorkQueue[Work]], bool]) -> bool:
        if self.queue is None:
            return False
        try:
            return ask(self.queue)
        except Exception as error:  # noqa: BLE001 - a queue that fails keeps nobody from being billed; the caller reports it
            self.tally.fail(Failure("queue", error))
            self.is_open = False
            return False


@dataclass(slots=True)
class Round[Work, Made]:
    """One kind of work: what was read of it and not dealt with, and where the next round goes on.

    `again` is what is to be done next because of other work, behind all that was found.
    """

    pages: Iterator[WalkPage[Work]]
    position: Position
    outlet: Outlet[Work, Made]
    tally: Tally[Work, Made]
    read_to: Position = field(init=False)
    seconds: float = 0.0
    is_read: bool = False
    found: deque[tuple[Work, Position]] = field(default_factory=deque)
    again: list[Work] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin where the round before ended."""
        self.read_to = self.position

    @property
    def is_done(self) -> bool:
        """Whether all of it was read and dealt with."""
        return self.is_read and not self.found and not self.again

    def step(self, *, worker: Worker[Work, Made], until: Deadline) -> bool:
        """Read a page, or hand out or do some of what was read; tells whether it handed out."""
        if not self.is_read and len(self.found) <= INLINE_MAX:
            self._read()
        elif len(self.found) > INLINE_MAX and self.outlet.takes_more():
            return self._hand_out()
        elif self.found:
            self._do_found(worker, until)
        else:
            self._do_again(worker, until)
        return False

    def remaining(self) -> int:
        """Tell how many are left at least: what was read, or else the next that there is."""
        left = len(self.found) + len(self.again)
        if left or self.is_read:
            return left
        return next((len(page.found) for page in self.pages if page.found), 0)

    def _read(self) -> None:
        page = next(self.pages, None)
        if page is None:
            self.is_read = True
        else:
            self.found.extend(page.found)
            self.read_to = page.behind
            self.tally.find([work for work, _ in page.found])
        self._dealt_with(0)

    def _hand_out(self) -> bool:
        handed_out = self.outlet.hand_out([work for work, _ in self.found])
        if handed_out:
            self._dealt_with(len(self.found))
        return handed_out

    def _do_found(self, worker: Worker[Work, Made], until: Deadline) -> None:
        works = [work for work, _ in islice(self.found, INLINE_MAX)]
        progress = do_each(works, worker=worker, until=until)
        self._dealt_with(progress.begun)
        self._count(progress)

    def _do_again(self, worker: Worker[Work, Made], until: Deadline) -> None:
        works = self.again[:INLINE_MAX]
        progress = do_each(works, worker=worker, until=until)
        self.again = self.again[progress.begun :]
        self._count(progress)

    def _count(self, progress: Progress[Outcome[Work, Made]]) -> None:
        self.tally.do(progress)
        following = [work for outcome in progress.results for work in outcome.next]
        if following and not (self.outlet.takes_more() and self.outlet.hand_on(following)):
            self.again.extend(following)

    def _dealt_with(self, count: int) -> None:
        for _ in range(count):
            _, self.position = self.found.popleft()
        if not self.found:
            self.position = self.read_to


def go_round[Work, Made, Done: Counted](
    job: Job,
    owner: str,
    begin: Callable[[Positions], Mapping[str, Round[Work, Made]]],
    end: Callable[[int], Done],
    *,
    worker: Worker[Work, Made],
    deadline: Deadline,
) -> Done:
    """Hold the lease of a job and work off its rounds, until all is done or the time is over.

    `end` is told how many pieces of work are left, at least, and none only where none is left; it
    makes the report, which is returned, and whose counts the write keeps that frees the lease: a
    run that fails, dies, or loses its lease leaves those of the last one. Raises RunInProgressError
    while somebody else holds the lease: nothing but double work would come of going on.
    """
    leases, clock = worker.stores.leases, worker.clock
    started_at = clock()
    positions = leases.take(job, owner, now=started_at, seconds=LEASE_SECONDS)
    if positions is None:
        raise RunInProgressError
    rounds = begin(positions)

    def reached() -> Positions:
        return {name: each.position for name, each in rounds.items()}

    def renew() -> bool:
        return leases.renew(job, owner, reached(), now=clock(), seconds=LEASE_SECONDS)

    last_run: LastRun | None = None
    try:
        _step_by_step(list(rounds.values()), renew, worker=worker, deadline=deadline)
        done = end(sum(each.remaining() for each in rounds.values()))
        last_run = LastRun(started_at, clock(), done.counted)
    finally:
        leases.free(job, owner, reached(), now=clock(), last_run=last_run)
    return done


def _step_by_step[Work, Made](
    rounds: Sequence[Round[Work, Made]],
    renew: Callable[[], bool],
    *,
    worker: Worker[Work, Made],
    deadline: Deadline,
) -> None:
    """Take one step after another; whoever lost the lease leaves the rest to who has it."""
    renewed, handed_out = deadline.monotonic(), False
    while not deadline.passed():
        going = [each for each in rounds if not each.is_done]
        if not going:
            return
        begun = deadline.monotonic()
        # What was handed out is noted at once: a run that dies leaves no more than that to be
        # handed out twice.
        if handed_out or begun - renewed >= RENEW_SECONDS:
            if not renew():
                return
            renewed = begun
        turn = min(going, key=lambda each: each.seconds)
        handed_out = turn.step(worker=worker, until=deadline.within(STEP_SECONDS))
        turn.seconds += deadline.monotonic() - begun


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


def when_free_or_expired[Report](
    run: Callable[[], Report], *, sleep: Callable[[float], None]
) -> Report:
    """Run as soon as no other run is at work, at the latest when the lease of one that died has run
    out; raises RunInProgressError where another one lives.
    """
    return when_free(run, sleep=sleep, waits=DEAD_RUN_WAITS, wait_seconds=WAIT_SECONDS)
