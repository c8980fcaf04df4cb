"""Whether a container looks at a tab's number again before it records on it.

Usage is recorded under the number that a container remembers. Where a run has sealed the tab since,
that transaction fails, and a failed transaction is billed as one that is carried out. To look at
the number is billed too, for much less. So a container looks where what a failure would cost, times
how likely it is, is more than what a look costs.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from billing.domain.tabs import OpenTab

# What a failed try costs, in write units: each event twice for the transaction, and the tab too.
EVENT_WRITE_UNITS = 2
TAB_WRITE_UNITS = 2

# What a look may cost: by the list prices of half a read unit it is a tenth of a write unit. The
# rest stands for the round trip, for which the caller waits each time.
LOOK_WRITE_UNITS = 0.5

# Runs come at an even pace. This share of an interval is how much sooner or later one may be, with
# the time that it takes to come to a tab, and with clocks that differ.
JITTER = 0.1


@dataclass(frozen=True, slots=True)
class Sighting:
    """An open tab as a container last saw it: by a look, or by usage that it recorded on it."""

    tab: OpenTab
    seen_at: datetime

    @classmethod
    def of(cls, tab: OpenTab, *, now: datetime) -> "Sighting":
        """See a tab at an instant of this container's clock; what lies ahead of it is just past."""
        opened_at = min(tab.opened_at, now) if tab.opened_at is not None else None
        sealed_at = min(tab.sealed_at, now) if tab.sealed_at is not None else None
        return cls(replace(tab, opened_at=opened_at, sealed_at=sealed_at), now)


def is_worth_a_look(sighting: Sighting, events: int, *, now: datetime, interval: timedelta) -> bool:
    """Tell whether to look at a tab's number before recording so many events in a transaction."""
    lost_write_units = EVENT_WRITE_UNITS * events + TAB_WRITE_UNITS
    chance = chance_of_seal(sighting, now=now, interval=interval)
    return chance * lost_write_units > LOOK_WRITE_UNITS


def chance_of_seal(sighting: Sighting, *, now: datetime, interval: timedelta) -> float:
    """Estimate, from 0 to 1, how likely a tab was sealed since it was seen.

    It is sealed once, by the first run after its first usage; when that is, follows from the last
    seal. Until the run has certainly come it may come at any moment alike. A tab that it left open
    is one that runs leave alone, or whose runs have stopped: the longer that has been so, the
    longer it is likely to go on.
    """
    seen_at = sighting.seen_at
    # A clock that went back tells nothing.
    now = max(now, seen_at)
    opened_at = sighting.tab.opened_at or seen_at
    first, last = _first_run_after(opened_at, sighting.tab.sealed_at, interval)
    if seen_at >= last:
        return (now - seen_at) / (now - opened_at)
    since = max(seen_at, first)
    return min(max((now - since) / (last - since), 0.0), 1.0)


def _first_run_after(
    opened_at: datetime, sealed_at: datetime | None, interval: timedelta
) -> tuple[datetime, datetime]:
    """Tell between which instants the first run after a tab's first usage comes.

    Of a tab that was never sealed it is not known when runs come, only how often.
    """
    jitter = JITTER * interval
    if sealed_at is None:
        return opened_at, opened_at + interval + jitter
    runs = max(1, ceil((opened_at - sealed_at) / interval))
    due_at = sealed_at + runs * interval
    return due_at - jitter, due_at + jitter
