"""Leases: one worker at a time, and never longer than promised, even if it dies.

With the lease of a job stands how far it came, so that who takes it next goes on there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.walks import Position, position_item, position_of
from billing.storage.writes import ConditionFailedError, Update

# Free, run out, or already ours (by an earlier try whose answer was lost).
FREE_OR_EXPIRED_OR_OURS = (
    "attribute_not_exists(#pk) OR #expiresAtSeconds <= :now OR #owner = :owner"
)

# A worker that overran its lease must not take or free the lease of the next one.
STILL_OURS = "#owner = :owner"

_TAKE = "SET #owner = :owner, #expiresAtSeconds = :expires"
_MOVE = "SET #expiresAtSeconds = :expires, #positions = :positions"

type Positions = Mapping[str, Position]

NOWHERE: Positions = {}


@dataclass(frozen=True, slots=True)
class Leases:
    """Takes, renews and frees leases."""

    dynamo: Dynamo
    table: str

    def take(self, job: str, owner: str, *, now: datetime, seconds: float) -> Positions | None:
        """Take the lease of a job, and tell how far it came; None where somebody else holds it."""
        values = {
            ":owner": owner,
            ":now": _seconds(now),
            ":expires": _seconds(now + timedelta(seconds=seconds)),
        }
        try:
            taken = self.dynamo.update(
                Update(self.table, keys.lock(job), _TAKE, FREE_OR_EXPIRED_OR_OURS, values)
            )
        except ConditionFailedError:
            return None
        return {name: position_of(value) for name, value in taken.get("positions", {}).items()}

    def renew(
        self, job: str, owner: str, positions: Positions, *, now: datetime, seconds: float
    ) -> bool:
        """Hold a lease for some seconds from now, and say how far the job came; False where it ran
        out and somebody else has it now.
        """
        return self._move(job, owner, positions, now + timedelta(seconds=seconds))

    def free(self, job: str, owner: str, positions: Positions = NOWHERE, *, now: datetime) -> None:
        """Free the lease, and say how far the job came, unless somebody else has it now: the work
        itself was safe without it.
        """
        self._move(job, owner, positions, now)

    def _move(self, job: str, owner: str, positions: Positions, until: datetime) -> bool:
        values: dict[str, Any] = {
            ":owner": owner,
            ":expires": _seconds(until),
            ":positions": {name: position_item(at) for name, at in positions.items()},
        }
        try:
            self.dynamo.update(Update(self.table, keys.lock(job), _MOVE, STILL_OURS, values))
        except ConditionFailedError:
            return False
        return True


def _seconds(instant: datetime) -> Decimal:
    return Decimal(f"{instant.timestamp():.3f}")
