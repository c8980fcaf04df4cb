"""What the dunning workflow asks its functions to do, and the step that they return."""

from dataclasses import dataclass
from typing import Any, Self

from billing.domain.records import RecordId
from billing.edge.http.values import Reader, integer, read_id, read_members, read_record_id
from billing.services.dunning import Step

_MEMBERS: dict[str, Reader] = {
    "customerId": read_id,
    "recordId": read_record_id,
    "attempt": integer(1),
}


@dataclass(frozen=True, slots=True)
class DunningTask:
    """What the dunning workflow asks a function to do for a record; see dunning.asl.json."""

    record_id: RecordId
    attempt: int

    @classmethod
    def read(cls, event: object) -> Self:
        """Read what the workflow hands over; raises InvalidRequestError."""
        members = read_members(event, _MEMBERS)
        return cls(members["recordId"], members["attempt"])


def show_step(step: Step) -> dict[str, Any]:
    """Write what the dunning workflow goes on with; see dunning.asl.json."""
    return {
        "customerId": step.record_id.customer_id,
        "recordId": str(step.record_id),
        "outcome": step.outcome.value,
        "attempt": step.attempt,
        "waitSeconds": step.wait_seconds,
    }
