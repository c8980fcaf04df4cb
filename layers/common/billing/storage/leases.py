"""Leases: one worker at a time, and never longer than promised, even if it dies.

With the lease of a job stands how far it came, so that who takes it next goes on there, and what
its last run did, which the write that frees the lease carries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.domain.runs import Job, JobState, LastRun
from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item
from billing.storage.runs import last_run_item, last_run_of
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
_END = f"{_MOVE}, #lastRun = :lastRun"

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

    def free(
        self,
        job: str,
        owner: str,
        positions: Positions = NOWHERE,
        *,
        now: datetime,
        last_run: LastRun | None = None,
    ) -> None:
        """Free the lease, and say how far the job came and what the run did, unless somebody else
        has it now: the work itself was safe without it. Without a run, that of the last one stays.
        """
        self._move(job, owner, positions, now, last_run)

    def states(self, jobs: Sequence[Job], *, now: datetime) -> dict[Job, JobState]:
        """Tell of some jobs which are at work, and what their last runs did."""
        found = self.dynamo.get_many(self.table, [keys.lock(job) for job in jobs], consistent=False)
        by_pk = {item["pk"]: item for item in found}
        return {job: _state_of(by_pk.get(keys.lock(job)["pk"]), now) for job in jobs}

    def _move(
        self,
        job: str,
        owner: str,
        positions: Positions,
        until: datetime,
        last_run: LastRun | None = None,
    ) -> bool:
        values: dict[str, Any] = {
            ":owner": owner,
            ":expires": _seconds(until),
            ":positions": {name: position_item(at) for name, at in positions.items()},
        }
        expression = _MOVE
        if last_run is not None:
            expression, values = _END, {**values, ":lastRun": last_run_item(last_run)}
        try:
            self.dynamo.update(Update(self.table, keys.lock(job), expression, STILL_OURS, values))
        except ConditionFailedError:
            return False
        return True


def _state_of(item: Item | None, now: datetime) -> JobState:
    if item is None:
        return JobState()
    return JobState(item["expiresAtSeconds"] > _seconds(now), last_run_of(item))


def _seconds(instant: datetime) -> Decimal:
    return Decimal(f"{instant.timestamp():.3f}")
