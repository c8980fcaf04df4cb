"""Looking executions up: newest first, page by page, and never a fault of ours for a bad cursor."""

import pytest
from botocore.exceptions import ClientError

from billing.domain.errors import InvalidInputError, UnavailableError
from billing.domain.records import RecordId
from billing.edge.aws.dunning_workflow import EXECUTIONS_OF_RECORD_MAX, execution_name
from billing.services.dunning import WorkflowStart
from billing.services.executions import Execution, ExecutionStatus
from tests.functions.aws.conftest import Machine
from tests.support.faithful import refusal
from tests.support.faults import FAILED, Fault, always, on

ACME = RecordId("acme", "0", "1")
TOLD_BY_NO_NAME = RecordId("x" * 64, "0", "1" * 12)
GLOBEX = RecordId.manual("globex", "019bde2e-3c00-7000-8000-000000000001")


def start(machine: Machine, record_id: RecordId, starts: int = 0) -> str:
    """Start a workflow and return its name."""
    machine.workflow.start(WorkflowStart(record_id, attempt=1, wait_seconds=1, starts=starts))
    return execution_name(record_id, starts)


def listed(machine: Machine, limit: int) -> list[Execution]:
    """Read all pages of a list."""
    found: list[Execution] = []
    cursor = None
    while True:
        page = machine.workflow.newest_first(limit=limit, cursor=cursor)
        assert len(page.items) <= limit
        found.extend(page.items)
        cursor = page.cursor
        if cursor is None:
            return found


def refused(code: str) -> Fault:
    """Refuse a call with a code."""
    return Fault(code, before=lambda _call: refusal(code, "No"))


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_executions_are_listed_newest_first(machine: Machine, limit: int) -> None:
    for record_id in (ACME, GLOBEX, RecordId("acme", "1", "1")):
        start(machine, record_id)
    machine.end(execution_name(GLOBEX, 0))

    found = listed(machine, limit)

    assert [execution.record_id for execution in found] == [
        RecordId("acme", "1", "1"),
        GLOBEX,
        ACME,
    ]
    assert [execution.status for execution in found] == [
        ExecutionStatus.RUNNING,
        ExecutionStatus.ABORTED,
        ExecutionStatus.RUNNING,
    ]
    assert [execution.stopped_at is None for execution in found] == [True, False, True]
    assert all(execution.started_at.tzinfo is not None for execution in found)


def test_an_execution_that_somebody_started_by_hand_is_left_out(machine: Machine) -> None:
    start(machine, ACME)
    for number, text in enumerate(['"text"', "[]", "{}", '{"recordId": 7}', '{"recordId": "x"}']):
        machine.client.start_execution(
            stateMachineArn=machine.arn, name=f"by-hand-{number}", input=text
        )

    assert [execution.name for execution in listed(machine, 100)] == [execution_name(ACME, 0)]


@pytest.mark.parametrize("cursor", ["", " ", "ä", "x" * 3097, "eyJwb3NpdGlvbiI6IngifQ"])
def test_a_cursor_that_this_list_did_not_give_is_refused(machine: Machine, cursor: str) -> None:
    start(machine, ACME)

    with pytest.raises(InvalidInputError, match="cursor: is not a cursor"):
        machine.workflow.newest_first(limit=10, cursor=cursor)


@pytest.mark.parametrize("code", ["InvalidToken", "ValidationException"])
def test_a_token_that_step_functions_refuses_is_a_bad_cursor(machine: Machine, code: str) -> None:
    with machine.faults.planned(always(refused(code))):
        with pytest.raises(InvalidInputError, match="cursor"):
            machine.workflow.newest_first(limit=10, cursor="expired")
        with pytest.raises(ClientError, match=code):
            machine.workflow.newest_first(limit=10, cursor=None)


def test_every_start_of_a_record_is_found_newest_first(machine: Machine) -> None:
    names = []
    for starts in range(3):
        names.append(start(machine, ACME, starts))
        machine.end(names[-1])
    start(machine, GLOBEX)

    # The start of number 3 was counted, and a crash kept it from being made.
    found = machine.workflow.of_record(ACME, starts=3)

    assert [execution.name for execution in found] == names[::-1]
    assert {execution.status for execution in found} == {ExecutionStatus.ABORTED}


def test_of_many_starts_the_last_are_found(machine: Machine) -> None:
    count = EXECUTIONS_OF_RECORD_MAX + 2
    names = [start(machine, ACME, starts) for starts in range(count)]

    found = machine.workflow.of_record(ACME, starts=count - 1)

    assert [execution.name for execution in found] == names[:1:-1]


def test_a_list_asks_about_no_execution_whose_name_tells_all(machine: Machine) -> None:
    for number in range(30):
        start(machine, RecordId("acme", "0", str(number + 1)))
    start(machine, TOLD_BY_NO_NAME)

    with machine.faults.planned(lambda _call: None):
        found = listed(machine, 100)

    assert len(found) == 31
    assert found[0].record_id == TOLD_BY_NO_NAME
    assert [call.operation for call in machine.faults.calls] == [
        "ListExecutions",
        "DescribeExecution",
    ]


def test_a_page_looks_up_no_more_than_it_may(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.edge.aws.dunning_workflow.DESCRIBED_OF_PAGE_MAX", 2)
    names = [start(machine, RecordId("acme", "0", str(number + 1))) for number in range(5)]
    for name in names:
        machine.end(name)

    page = machine.workflow.newest_first(limit=100, cursor=None)

    assert [execution.name for execution in page.items] == names[:2:-1]
    assert {execution.status for execution in page.items} == {ExecutionStatus.ABORTED}
    assert [execution.name for execution in listed(machine, 100)] == names[::-1]


def test_a_fault_that_passes_is_tried_again(machine: Machine) -> None:
    start(machine, TOLD_BY_NO_NAME)

    with machine.faults.planned(on("DescribeExecution", FAILED)):
        assert len(listed(machine, 10)) == 1


def test_a_fault_that_lasts_is_unavailable(machine: Machine) -> None:
    start(machine, TOLD_BY_NO_NAME)

    for operation in ("ListExecutions", "DescribeExecution"):
        lasting = always(FAILED, operation=operation)
        with machine.faults.planned(lasting), pytest.raises(UnavailableError):
            machine.workflow.newest_first(limit=10, cursor=None)
