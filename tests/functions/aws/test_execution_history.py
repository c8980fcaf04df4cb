"""What an execution went through is read from its events, and belongs to the state it was in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto.stepfunctions.models import Execution

from billing.edge.aws.execution_history import StepFunctionsHistory, visits_in
from billing.services.execution_history import StateVisit
from tests.functions.aws.conftest import Machine
from tests.functions.aws.test_dunning_workflow_looks_up import ACME, start
from tests.support.state_machine import waiting_history

START = datetime(2026, 1, 31, 9, tzinfo=UTC)


def event(second: int, kind: str, **details: Any) -> dict[str, Any]:  # noqa: ANN401 - as in AWS
    """Write an event as Step Functions does."""
    return {"timestamp": at(second), "type": kind, **details}


def at(second: int) -> datetime:
    """Tell the time of a second."""
    return START + timedelta(seconds=second)


def entered(second: int, kind: str, name: str, text: str) -> dict[str, Any]:
    """Write that a state was entered."""
    details = {"name": name, "input": text}
    return event(second, f"{kind}StateEntered", stateEnteredEventDetails=details)


def left(second: int, kind: str, name: str, text: str) -> dict[str, Any]:
    """Write that a state was left."""
    details = {"name": name, "output": text}
    return event(second, f"{kind}StateExited", stateExitedEventDetails=details)


def failed(second: int, kind: str, error: str | None) -> dict[str, Any]:
    """Write that something failed."""
    details = (
        {} if error is None else {f"{kind[:1].lower()}{kind[1:]}EventDetails": {"error": error}}
    )
    return event(second, kind, **details)


def test_states_are_told_in_order_with_what_went_in_and_came_out() -> None:
    visits = visits_in(
        [
            event(0, "ExecutionStarted"),
            entered(0, "Wait", "WaitForAttempt", '{"waitSeconds": 1}'),
            left(1, "Wait", "WaitForAttempt", '{"waitSeconds": 1}'),
            entered(1, "Task", "AttemptCharge", "{}"),
            event(1, "TaskScheduled"),
            failed(2, "TaskFailed", "UnavailableError"),
            failed(5, "TaskTimedOut", "States.Timeout"),
            event(6, "TaskSucceeded"),
            left(6, "Task", "AttemptCharge", '{"outcome": "paid"}'),
            entered(6, "Succeed", "Paid", '{"outcome": "paid"}'),
        ]
    )

    assert visits == [
        StateVisit("WaitForAttempt", "Wait", at(0), {"waitSeconds": 1}, at(1), {"waitSeconds": 1}),
        StateVisit(
            "AttemptCharge", "Task", at(1), {}, at(6), {"outcome": "paid"}, "States.Timeout", 2
        ),
        StateVisit("Paid", "Succeed", at(6), {"outcome": "paid"}),
    ]


@pytest.mark.parametrize(
    ("kind", "error", "told"),
    [
        ("ExecutionFailed", "States.TaskFailed", "States.TaskFailed"),
        ("ExecutionTimedOut", None, "ExecutionTimedOut"),
        ("ExecutionAborted", "Operator", "Operator"),
    ],
    ids=["failed", "timed-out", "aborted"],
)
def test_what_ended_an_execution_stands_with_the_state_that_it_was_in(
    kind: str, error: str | None, told: str
) -> None:
    [visit] = visits_in([entered(0, "Task", "AttemptCharge", "{}"), failed(9, kind, error)])

    assert (visit.error, visit.faults, visit.left_at) == (told, 0, None)


def test_a_fault_before_any_state_belongs_to_none() -> None:
    assert visits_in([failed(0, "ExecutionAborted", None)]) == []


def test_an_input_that_is_left_out_is_none_and_one_that_is_no_object_is_kept() -> None:
    left_out = event(0, "PassStateEntered", stateEnteredEventDetails={"name": "A"})
    visits = visits_in([left_out, entered(1, "Pass", "B", "[1]")])

    assert [visit.input for visit in visits] == [None, {"value": [1]}]


def test_the_definition_is_that_of_the_execution(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Execution, "get_execution_history", waiting_history)
    name = start(machine, ACME)

    history = StepFunctionsHistory(machine.workflow).of_execution(name)

    assert history is not None
    assert history.definition["StartAt"] == "WaitForAttempt"
    assert [(each.name, each.left_at) for each in history.visits] == [("WaitForAttempt", None)]


def test_an_execution_that_is_no_longer_kept_has_none(machine: Machine) -> None:
    assert StepFunctionsHistory(machine.workflow).of_execution("forgotten") is None
