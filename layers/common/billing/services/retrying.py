"""Trying again, and working side by side: how services wait, and how far one fault reaches."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from billing.domain.deadline import Deadline
from billing.domain.errors import UnavailableError
from billing.storage.stores import Stores

# No more than the connections of a container, so that no thread waits for another one's.
WORKERS = 8


@dataclass(slots=True)
class Retry:
    """Waits between the tries of one piece of work, longer each time, while there is time.

    `busy` tells the caller what there was no time for. With `first_at_once` nobody waits before
    the second try, for work whose first try often only learns what has changed.
    """

    stores: Stores
    busy: str = "The account is busy; try again"
    first_at_once: bool = False
    failed: int = 0

    def wait(self, *, throttled: bool = False) -> None:
        """Wait before the next try; raises UnavailableError where time has run out.

        A try that was throttled is never followed at once.
        """
        is_first = self.first_at_once and self.failed == 0
        at_once = is_first and not throttled and not self.stores.deadline.passed()
        if not at_once and not self.stores.pause(self.failed):
            raise UnavailableError(self.busy)
        self.failed += 1


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
