"""Trying again, and working side by side: how services wait, and how far one fault reaches."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from billing.domain.deadline import Deadline
from billing.domain.errors import UnavailableError
from billing.storage.stores import Stores

# No more than the connections of a container, so that no thread waits for another one's.
WORKERS = 8


# How long to wait at most after the first, second and third race that was lost, in times that a try
# takes. The first time at once, as most often there are only two; then as if many waited. Who has
# lost more goes before those who have just come, who would else win again and again: three times at
# once, and a wait, which grows for those who never win. Sixteen callers of one wallet come through
# as fast as one, and each in its turn: tests/unit/services/test_taking_turns.py plays it.
FIRST_TURNS = (0.0, 40.0, 20.0)
ROUND_TRIES = 4
ROUND_TURNS = 8.0
ROUND_GROWTH = 1.2

# Nobody waits longer. A try that charges much takes long, and tells nothing of the others' tries.
TURN_SECONDS_MAX = 1.0
TRY_SECONDS_MIN = 0.005


def turn_seconds(lost: int, try_seconds: float, *, places: int = 1) -> float:
    """Tell how long to wait at most, after so many lost races, for a turn at one of some places."""
    rounds, tries = divmod(lost - 1 - len(FIRST_TURNS), ROUND_TRIES)
    if rounds < 0:
        turns = FIRST_TURNS[lost - 1]
    elif tries < ROUND_TRIES - 1:
        return 0.0
    else:
        turns = ROUND_TURNS * ROUND_GROWTH ** min(rounds, 64)
    return min(TURN_SECONDS_MAX, turns / places * max(TRY_SECONDS_MIN, try_seconds))


@dataclass(slots=True)
class Retry:
    """Waits between the tries of one piece of work while there is time.

    A try that lost a race met no illness: somebody got through, and the way is free. One that was
    throttled did, and is followed after longer each time, never at once. `busy` tells the caller
    what there was no time for; `places` is among how many those spread who want the same.
    """

    stores: Stores
    busy: str = "The account is busy; try again"
    places: int = 1
    _lost: int = field(default=0, init=False)
    _throttled: int = field(default=0, init=False)
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin the first try."""
        self._began = self._now()

    def wait(self, *, throttled: bool = False) -> bool:
        """Wait before the next try; raises UnavailableError where time has run out.

        Tells whether time went by, so that what was read before is old.
        """
        goes_on, waited = self._pause() if throttled else self._take_turn()
        if not goes_on:
            raise UnavailableError(self.busy)
        self._began = self._now()
        return waited

    def _pause(self) -> tuple[bool, bool]:
        self._throttled += 1
        return self.stores.pause(self._throttled - 1), True

    def _take_turn(self) -> tuple[bool, bool]:
        self._lost += 1
        bound = turn_seconds(self._lost, self._now() - self._began, places=self.places)
        return self.stores.pause_up_to(bound), bound > 0

    def _now(self) -> float:
        return self.stores.deadline.monotonic()


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be dealt with, and why; the next run tries it again."""

    subject: str
    error: Exception


@dataclass(frozen=True, slots=True)
class Progress[Result]:
    """What came of many pieces of work; `remaining` were not begun in time."""

    results: Sequence[Result]
    failures: tuple[Failure, ...]
    remaining: int

    @property
    def begun(self) -> int:
        """How many pieces of work were begun, the first ones of what was given."""
        return len(self.results) + len(self.failures)


def side_by_side[Given, Made](work: Callable[[Given], Made], given: Sequence[Given]) -> list[Made]:
    """Work in threads; the results stand in the order of what was given. One alone needs none."""
    if len(given) <= 1:
        return [work(each) for each in given]
    with ThreadPoolExecutor(max_workers=min(WORKERS, len(given))) as pool:
        return list(pool.map(work, given))


def each_on_its_own[Subject, Result](
    work: Callable[[Subject], Result], subjects: Sequence[Subject], *, deadline: Deadline
) -> Progress[Result]:
    """Work in threads until the deadline; a subject that fails keeps no other from its turn."""

    def isolated(subject: Subject) -> Progress[Result]:
        if deadline.passed():
            return Progress([], (), remaining=1)
        try:
            return Progress([work(subject)], (), remaining=0)
        except Exception as error:  # noqa: BLE001 - one customer's fault keeps no other waiting; the caller reports it
            return Progress([], (Failure(str(subject), error),), remaining=0)

    parts = side_by_side(isolated, subjects)
    return Progress(
        results=[result for part in parts for result in part.results],
        failures=tuple(failure for part in parts for failure in part.failures),
        remaining=sum(part.remaining for part in parts),
    )
