"""What Step Functions keeps of an execution: its definition, and the states it went through."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from billing.edge.aws.passing import code_of
from billing.services.execution_history import History, StateVisit

if TYPE_CHECKING:
    from billing.edge.aws.dunning_workflow import StepFunctionsWorkflow

# Step Functions answers no more in one call, and keeps at most 25,000 of an execution.
EVENTS_PER_CALL_MAX = 1000

_ENTERED, _EXITED = "StateEntered", "StateExited"
_NOT_THERE = "ExecutionDoesNotExist"

type Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StepFunctionsHistory:
    """Reads histories, with the client and the time of the workflow."""

    workflow: "StepFunctionsWorkflow"

    def of_execution(self, name: str) -> History | None:
        """Read all of an execution; None where it is no longer kept. Raises UnavailableError."""
        arn = self.workflow.execution_arn(name)
        client = self.workflow.client
        try:
            visits = visits_in(self._events(arn))
            described = self.workflow.call(
                client.describe_state_machine_for_execution, executionArn=arn
            )
        except ClientError as error:
            if code_of(error) == _NOT_THERE:
                return None
            raise
        return History(definition=json.loads(described["definition"]), visits=visits)

    def _events(self, arn: str) -> Iterator[Event]:
        request: dict[str, Any] = {"executionArn": arn, "maxResults": EVENTS_PER_CALL_MAX}
        while True:
            page = self.workflow.call(self.workflow.client.get_execution_history, **request)
            yield from page["events"]
            token = page.get("nextToken")
            if token is None:
                return
            request["nextToken"] = token


def visits_in(events: Iterable[Event]) -> list[StateVisit]:
    """Read the states that an execution went through, one after the other, from its events.

    The workflow does one thing at a time, so that whatever happens belongs to the state that was
    entered last.
    """
    visits: list[StateVisit] = []
    for event in events:
        kind: str = event["type"]
        if kind.endswith(_ENTERED):
            visits.append(_entered(kind.removesuffix(_ENTERED), event))
        elif visits and kind.endswith(_EXITED):
            output = event["stateExitedEventDetails"].get("output")
            visits[-1] = replace(visits[-1], left_at=event["timestamp"], output=_read(output))
        elif visits and (error := _error_in(event)) is not None:
            # The fault by which an execution ended was counted where it happened, if it did there.
            faults = visits[-1].faults + (0 if kind.startswith("Execution") else 1)
            visits[-1] = replace(visits[-1], error=error, faults=faults)
    return visits


def _entered(state_type: str, event: Event) -> StateVisit:
    details = event["stateEnteredEventDetails"]
    return StateVisit(
        name=details["name"],
        state_type=state_type,
        entered_at=event["timestamp"],
        input=_read(details.get("input")),
    )


def _error_in(event: Event) -> str | None:
    """Name the fault that an event tells of; None where it tells of none."""
    kind: str = event["type"]
    if not kind.endswith(("Failed", "TimedOut", "Aborted")):
        return None
    told = event.get(f"{kind[:1].lower()}{kind[1:]}EventDetails", {})
    return str(told.get("error") or kind)


def _read(text: str | None) -> dict[str, Any] | None:
    """Read an input or output; of the workflow each is an object, and None where it is left out."""
    if text is None:
        return None
    value = json.loads(text)
    return value if isinstance(value, dict) else {"value": value}
