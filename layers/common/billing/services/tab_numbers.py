"""Which tab of a customer is open, as a container remembers it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from billing.domain.tabs import TabRef

# A container that meets more customers than this forgets all of them and begins again.
CUSTOMERS_REMEMBERED_MAX = 50_000


@dataclass(frozen=True, slots=True)
class OpenTab:
    """A tab shard and the number that was open when last seen."""

    ref: TabRef
    number: int


@dataclass(slots=True)
class TabNumbers:
    """The open tab of each customer, remembered while it is used; safe to share among threads.

    Not used for longer than a billing interval, a number is likely outdated: reading it again
    costs half a read unit, a transaction that fails on it several write units.
    """

    fresh_seconds: float
    _open: dict[str, tuple[OpenTab, datetime]] = field(default_factory=dict)

    def recall(self, customer_id: str, *, now: datetime) -> OpenTab | None:
        """Return the open tab, if it is remembered and likely still open."""
        remembered = self._open.get(customer_id)
        if remembered is None:
            return None
        tab, seen_at = remembered
        return tab if now - seen_at < timedelta(seconds=self.fresh_seconds) else None

    def remember(self, tab: OpenTab, *, now: datetime) -> None:
        """Remember a tab that was just seen open."""
        if len(self._open) >= CUSTOMERS_REMEMBERED_MAX:
            self._open.clear()
        self._open[tab.ref.customer_id] = (tab, now)

    def forget(self, customer_id: str) -> None:
        """Forget a customer's tab."""
        self._open.pop(customer_id, None)
