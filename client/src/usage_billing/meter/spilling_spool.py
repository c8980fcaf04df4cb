"""A spool in front of another one, which takes what the first has no room for."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from usage_billing.meter.errors import SpoolError
from usage_billing.meter.memory_spool import MemorySpool
from usage_billing.meter.spool import Settlement, Spool, Spooled

logger = logging.getLogger("usage_billing.meter")


class SpillingSpool:
    """Keeps events in the first spool while that takes them, and else in the second."""

    def __init__(self, first: Spool, second: Spool) -> None:
        """Join two spools."""
        self._first = first
        self._second = second
        self._both = (first, second)
        self._taken_of_second: set[bytes] = set()

    def put(self, spooled: Spooled) -> None:
        """Keep an event in the first spool that takes it."""
        try:
            self._first.put(spooled)
        except SpoolError:
            self._second.put(spooled)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn at both, as far as it is to be had."""
        with ExitStack() as turns:
            turns.enter_context(self._first.turn())
            with _logged():
                turns.enter_context(self._second.turn())
            yield

    def take(self, limit: int, now_milliseconds: int) -> list[Spooled]:
        """Read from both, half a batch from each where there is as much."""
        spilled: list[Spooled] = []
        with _logged():
            spilled = self._second.take(limit, now_milliseconds)
        first = self._first.take(limit, now_milliseconds)
        spilled = spilled[: max(limit // 2, limit - len(first))]
        self._taken_of_second = {spooled.key for spooled in spilled}
        return first[: limit - len(spilled)] + spilled

    def settle(self, settlement: Settlement) -> None:
        """Carry out what became of events, each in the spool that it was taken from."""
        of_second = self._taken_of_second
        self._first.settle(_part(settlement, lambda spooled: spooled.key not in of_second))
        if of_second:
            self._second.settle(_part(settlement, lambda spooled: spooled.key in of_second))

    def holds(self, newest: bytes) -> bool:
        """Tell whether an event is left whose key is not above this one."""
        return any(spool.holds(newest) for spool in self._both)

    def count(self) -> int:
        """Count the events in both."""
        return sum(spool.count() for spool in self._both)

    def close(self) -> int:
        """Spill what memory would lose, then let go of both."""
        lost = 0
        if isinstance(self._first, MemorySpool):
            lost = self._spill(self._first)
            self._second.close()
            return lost
        return self._first.close() + self._second.close()

    def _spill(self, memory: MemorySpool) -> int:
        for spooled in memory.everything():
            try:
                self._second.put(spooled)
            except SpoolError:
                break
            memory.settle(Settlement(done=[spooled]))
        return memory.count()

    def before_fork(self) -> None:
        """Come to rest."""
        for spool in self._both:
            spool.before_fork()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        for spool in self._both:
            spool.after_fork_in_parent()

    def after_fork_in_child(self) -> None:
        """Go on as another process."""
        for spool in self._both:
            spool.after_fork_in_child()


@contextmanager
def _logged() -> Iterator[None]:
    """Let what stands in the first spool be sent, although the second one fails."""
    try:
        yield
    except SpoolError as error:
        logger.warning("What was spilled is not sent now: %s", error)


def _part(settlement: Settlement, belongs: Callable[[Spooled], bool]) -> Settlement:
    return Settlement(
        [spooled for spooled in settlement.done if belongs(spooled)],
        [(spooled, due) for spooled, due in settlement.put_off if belongs(spooled)],
        [spooled for spooled in settlement.untimed if belongs(spooled)],
    )
