"""How the system is, as stories look at it."""

from collections.abc import Sequence
from dataclasses import dataclass

from billing.services.system_status import QueueDepth, SystemStatus, SystemWatch
from tests.support.books import Books


@dataclass(frozen=True)
class FakeGauge:
    """A queue that always holds the same."""

    depth: QueueDepth

    def read(self) -> QueueDepth:
        """Tell what lies in the queue."""
        return self.depth


def look(
    books: Books, queues: Sequence[QueueDepth] = (), dead_letters: Sequence[QueueDepth] = ()
) -> SystemStatus:
    """Look how the system is."""
    watch = SystemWatch(
        books.stores, books.clock, [*map(FakeGauge, queues)], [*map(FakeGauge, dead_letters)]
    )
    return watch.look()
