"""Which tab of a customer is open, as a container remembers it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from billing.domain.seals import Sighting
from billing.domain.tabs import OpenTab

# A container that meets more customers than this forgets all of them and begins again.
CUSTOMERS_REMEMBERED_MAX = 50_000


@dataclass(slots=True)
class TabNumbers:
    """The open tab of each customer, remembered while it is used; safe to share among threads.

    `interval` is the time between two billing runs. A tab that was not used for that long is
    forgotten: its number is outdated as a rule, and nobody meets on it any more.
    """

    interval: timedelta
    _seen: dict[str, Sighting] = field(default_factory=dict)

    def recall(self, customer_id: str, *, now: datetime) -> Sighting | None:
        """Return the open tab as it was last seen, if that is not too long ago."""
        seen = self._seen.get(customer_id)
        return seen if seen is not None and now - seen.seen_at < self.interval else None

    def remember(self, tab: OpenTab, *, now: datetime) -> None:
        """Remember a tab that was just seen open."""
        if len(self._seen) >= CUSTOMERS_REMEMBERED_MAX:
            self._seen.clear()
        self._seen[tab.ref.customer_id] = Sighting.of(tab, now=now)

    def forget(self, customer_id: str) -> None:
        """Forget a customer's tab."""
        self._seen.pop(customer_id, None)
