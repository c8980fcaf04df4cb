"""A settle queue in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from billing.domain.tabs import TabRef


@dataclass
class SettleQueueInMemory:
    """Holds the tabs that a run handed out until a test takes them."""

    waiting: list[TabRef] = field(default_factory=list)

    def depth(self) -> int:
        """Tell how many tabs are waiting."""
        return len(self.waiting)

    def send(self, tabs: Sequence[TabRef]) -> None:
        """Hand out tabs."""
        self.waiting.extend(tabs)
