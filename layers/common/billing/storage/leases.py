"""Leases: one worker at a time, and never longer than promised, even if it dies."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.writes import ConditionFailedError, Update

# Free, run out, or already ours (by an earlier try whose answer was lost).
FREE_OR_EXPIRED_OR_OURS = (
    "attribute_not_exists(#pk) OR #expiresAtSeconds <= :now OR #owner = :owner"
)

# A worker that overran its lease must not free the lease of the next one.
STILL_OURS = "#owner = :owner"

_TAKE = "SET #owner = :owner, #expiresAtSeconds = :expires"
_FREE = "SET #expiresAtSeconds = :now"


@dataclass(frozen=True, slots=True)
class Leases:
    """Takes and frees leases."""

    dynamo: Dynamo
    table: str

    def take(self, job: str, owner: str, *, now: datetime, seconds: float) -> bool:
        """Take the lease of a job; False where somebody else holds it."""
        values = {
            ":owner": owner,
            ":now": _seconds(now),
            ":expires": _seconds(now + timedelta(seconds=seconds)),
        }
        try:
            self.dynamo.update(
                Update(self.table, keys.lock(job), _TAKE, FREE_OR_EXPIRED_OR_OURS, values)
            )
        except ConditionFailedError:
            return False
        return True

    def free(self, job: str, owner: str, *, now: datetime) -> None:
        """Free the lease, unless it ran out and somebody else has it now."""
        values = {":owner": owner, ":now": _seconds(now)}
        try:
            self.dynamo.update(Update(self.table, keys.lock(job), _FREE, STILL_OURS, values))
        except ConditionFailedError:
            # It ran out while we worked; the work itself was safe without it.
            return


def _seconds(instant: datetime) -> Decimal:
    return Decimal(f"{instant.timestamp():.3f}")
