"""Starting a workflow: once, whatever happens to the call."""

import json

import pytest
from botocore.exceptions import ClientError

from billing.domain.errors import UnavailableError
from billing.domain.records import RecordId
from billing.edge.aws.dunning_workflow import execution_name
from billing.services.dunning import WorkflowStart
from tests.functions.aws.conftest import PATIENCE_SECONDS, Machine
from tests.support.faithful import refusal
from tests.support.faults import (
    ANSWER_LOST,
    FAILED,
    FAILED_AFTER_EFFECT,
    TIMED_OUT,
    Fault,
    always,
    on,
)

RECORD = RecordId("acme", "0", "7")
NAME = execution_name(RECORD, 0)
START = WorkflowStart(RECORD, attempt=1, wait_seconds=1, starts=0)
# The same start a second later: less time is left to wait.
LATER = WorkflowStart(RECORD, attempt=1, wait_seconds=0, starts=0)


def refused(code: str) -> Fault:
    """Refuse a call with a code."""
    return Fault(code, before=lambda _call: refusal(code, "No"))


def test_a_workflow_begins_with_the_record_the_attempt_and_the_wait(machine: Machine) -> None:
    assert machine.workflow.start(START)

    assert json.loads(machine.input_of(NAME)) == {
        "customerId": "acme",
        "recordId": "acme~0~7",
        "attempt": 1,
        "waitSeconds": 1,
    }


@pytest.mark.parametrize("again", [START, LATER], ids=["same-input", "other-input"])
def test_one_that_runs_is_left_alone(machine: Machine, again: WorkflowStart) -> None:
    machine.workflow.start(START)

    assert machine.workflow.start(again)

    listed = machine.client.list_executions(stateMachineArn=machine.arn)["executions"]
    assert [execution["name"] for execution in listed] == [NAME]


@pytest.mark.parametrize("again", [START, LATER], ids=["same-input", "other-input"])
def test_one_that_has_ended_is_not_started_again(machine: Machine, again: WorkflowStart) -> None:
    machine.workflow.start(START)
    machine.end(NAME)

    assert not machine.workflow.start(again)


def test_the_next_start_has_a_name_of_its_own(machine: Machine) -> None:
    machine.workflow.start(START)
    machine.end(NAME)

    assert machine.workflow.start(WorkflowStart(RECORD, attempt=1, wait_seconds=0, starts=1))

    assert json.loads(machine.input_of(execution_name(RECORD, 1)))["recordId"] == "acme~0~7"


@pytest.mark.parametrize(
    "fault",
    [
        FAILED,
        FAILED_AFTER_EFFECT,
        TIMED_OUT,
        ANSWER_LOST,
        refused("ThrottlingException"),
        refused("ExecutionLimitExceeded"),
    ],
    ids=str,
)
def test_a_fault_that_passes_is_tried_again(machine: Machine, fault: Fault) -> None:
    with machine.faults.planned(on("StartExecution", fault)):
        assert machine.workflow.start(START)
        assert [call.operation for call in machine.faults.calls] == ["StartExecution"] * 2

    assert json.loads(machine.input_of(NAME))["attempt"] == 1


@pytest.mark.parametrize("fault", [FAILED, TIMED_OUT, refused("ThrottlingException")], ids=str)
def test_a_fault_that_lasts_is_unavailable_before_the_deadline(
    machine: Machine, fault: Fault
) -> None:
    with (
        machine.faults.planned(always(fault)),
        pytest.raises(UnavailableError),
    ):
        machine.workflow.start(START)

    assert len(machine.faults.calls) > 1
    assert machine.monotonic.seconds < PATIENCE_SECONDS


@pytest.mark.parametrize("code", ["AccessDeniedException", "StateMachineDoesNotExist"])
def test_a_fault_that_does_not_pass_is_raised_as_it_is(machine: Machine, code: str) -> None:
    with (
        machine.faults.planned(always(refused(code))),
        pytest.raises(ClientError, match=code),
    ):
        machine.workflow.start(START)

    assert len(machine.faults.calls) == 1


def test_whether_it_runs_is_asked_again_where_the_answer_lags(machine: Machine) -> None:
    machine.workflow.start(START)
    lagging = on("DescribeExecution", refused("ExecutionDoesNotExist"))

    with machine.faults.planned(lagging):
        assert machine.workflow.start(LATER)

    assert [call.operation for call in machine.faults.calls] == [
        "StartExecution",
        "DescribeExecution",
        "DescribeExecution",
    ]


def test_not_knowing_whether_it_runs_is_no_answer(machine: Machine) -> None:
    machine.workflow.start(START)
    lagging = always(refused("ExecutionDoesNotExist"), operation="DescribeExecution")

    with machine.faults.planned(lagging), pytest.raises(UnavailableError):
        machine.workflow.start(LATER)
