"""The workflow's own definition, executed by the emulator over the real functions, on every branch.

On an emulator of its own, where a hundred seconds of waiting pass in one: the schedule and the
minutes of an outage are those of the definition. The functions are the handlers as they stand,
without a deployment around them.
"""

import io
import json
import os
import sysconfig
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from billing.domain.customers import Customer, Mode, Status, SuspendedBy
from billing.domain.deadline import Deadline
from billing.domain.errors import InvalidInputError
from billing.domain.records import BillingRecord, RecordStatus
from billing.edge.aws.dunning_workflow import StepFunctionsWorkflow, execution_name
from billing.services.credit_wallet import CreditRequest, credit_wallet
from billing.services.dunning import Dunning, give_up_dunning
from billing.services.executions import ExecutionStatus
from billing.services.manage_records import ChargeRequest, raise_charge
from billing.services.paging import encode_cursor
from billing.storage.stores import Tables
from tests.local_cloud.emulators import emulator
from tests.support.books import Books, without_waiting
from tests.support.clock import SettableClock, SettableMonotonic
from tests.support.lambdas import ENVIRONMENT, ROOT
from tests.support.polling import eventually
from tests.support.state_machine import create_state_machine
from tests.support.tables import create_tables
from tools.local_cloud.aws_environment import AwsClient, aws_client

WAIT_SCALE = 0.01
# A dozen cold starts, and eight scaled minutes of waiting between them.
ENDED_SECONDS = 900.0
# Long enough, when scaled, for whatever a test does between two attempts on a busy machine.
BREAK_SECONDS = 3000

ROLE = "arn:aws:iam::000000000000:role/function"
TASKS = ("attempt_charge", "give_up_dunning")
STUB = "def handler(event, context):\n    return {**event, 'outcome': 'unheard-of'}\n"


@dataclass
class Theatre:
    """The emulator with the tables, the two functions and the workflow over them."""

    endpoint_url: str
    books: Books
    machine_arn: str
    states: AwsClient
    functions: AwsClient

    @property
    def workflow(self) -> StepFunctionsWorkflow:
        """The adapter that the deployed functions use."""
        monotonic = SettableMonotonic()
        return StepFunctionsWorkflow(
            client=self.states,
            state_machine_arn=self.machine_arn,
            deadline=Deadline.after(20.0, monotonic),
            backoff=without_waiting(monotonic),
        )

    @property
    def dunning(self) -> Dunning:
        """Dunning as deployed by default, on the workflow of the emulator."""
        return Dunning(self.books.stores, self.books.clock, self.workflow)

    def charge(
        self, customer_id: str, *, schedule_seconds: Sequence[int] | None = None
    ) -> BillingRecord:
        """Charge a new customer, who has no money, 40 cents: the dunning begins."""
        schedule = None if schedule_seconds is None else tuple(schedule_seconds)
        self.books.customer(customer_id, mode=Mode.PREPAID, retry_schedule_seconds=schedule)
        raised = raise_charge(
            ChargeRequest(customer_id, 40, None, None),
            name=self.books.new_id(),
            dunning=self.dunning,
        )
        assert raised.record.status is RecordStatus.RETRYING
        return raised.record

    def credit(self, customer_id: str, amount_cents: int) -> None:
        """Add money, as a caller does."""
        credit_wallet(CreditRequest(customer_id, amount_cents, "top-up"), dunning=self.dunning)

    def described(self, record: BillingRecord, starts: int = 0) -> dict[str, Any]:
        """Describe an execution of a record."""
        arn = self.machine_arn.replace(":stateMachine:", ":execution:")
        name = execution_name(record.id, starts)
        described: dict[str, Any] = self.states.describe_execution(executionArn=f"{arn}:{name}")
        return described

    def ended(self, record: BillingRecord, starts: int = 0) -> dict[str, Any]:
        """Wait for the end of an execution and describe it."""
        return eventually(
            lambda: self.described(record, starts),
            lambda described: bool(described["status"] != "RUNNING"),
            seconds=ENDED_SECONDS,
        )

    def outcome(self, record: BillingRecord) -> str:
        """Wait for the good end of an execution and tell what came of it."""
        described = self.ended(record)
        assert described["status"] == "SUCCEEDED", described.get("cause")
        outcome: str = json.loads(described["output"])["outcome"]
        return outcome

    def entered(self, record: BillingRecord) -> list[str]:
        """Name the states that an execution came through, in order."""
        history = self.states.get_execution_history(
            executionArn=self.described(record)["executionArn"], maxResults=1000
        )
        return [
            event["stateEnteredEventDetails"]["name"]
            for event in history["events"]
            if "stateEnteredEventDetails" in event
        ]

    def faults(self, record: BillingRecord) -> int:
        """Count the tasks of an execution that met a fault."""
        history = self.states.get_execution_history(
            executionArn=self.described(record)["executionArn"], maxResults=1000
        )
        return sum(1 for event in history["events"] if event["type"] == "TaskFailed")

    def attempts_made(self, record: BillingRecord, count: int) -> None:
        """Wait until so many attempts, the one made at once included, are kept on a record."""
        eventually(
            lambda: self.numbers(record),
            lambda numbers: numbers == list(range(count)),
            seconds=ENDED_SECONDS,
        )

    def numbers(self, record: BillingRecord) -> list[int | None]:
        """Number the attempts of a record."""
        return [attempt.number for attempt in self.books.record_now(record).attempts]

    def customer_of(self, record: BillingRecord) -> Customer:
        """Read the customer of a record."""
        return self.books.customer_now(record.id.customer_id)

    @contextmanager
    def outage(self, *names: str) -> Iterator[None]:
        """Let functions look for a table that is not there, until the block ends."""
        self._point_at("no-such-table", names)
        try:
            yield
        finally:
            self._point_at(self.books.tables.accounts, names)

    def _point_at(self, accounts_table: str, names: Sequence[str]) -> None:
        for name in names:
            self.functions.update_function_configuration(
                FunctionName=name,
                Environment={"Variables": _variables(accounts_table, self.machine_arn)},
            )


def _variables(accounts_table: str, machine_arn: str) -> dict[str, str]:
    """Set a function up as the template does, with the sources in place of the layer."""
    settings = {name: value for name, value in ENVIRONMENT.items() if not name.startswith("AWS_")}
    return {
        **settings,
        "ACCOUNTS_TABLE": accounts_table,
        "DUNNING_STATE_MACHINE_ARN": machine_arn,
        "PYTHONPATH": os.pathsep.join(
            [str(ROOT / "layers" / "common"), sysconfig.get_path("purelib")]
        ),
    }


def _zipped(source: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", source)
    return packed.getvalue()


def _create_function(client: AwsClient, name: str, source: str, variables: dict[str, str]) -> str:
    created = client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="handler.handler",
        Role=ROLE,
        Timeout=29,
        Code={"ZipFile": _zipped(source)},
        Environment={"Variables": variables},
    )
    arn: str = created["FunctionArn"]
    return arn


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """Give the workflow over the real functions, with the real clock."""
    home = tmp_path_factory.mktemp("workflow")
    with emulator(home, {"SFN_WAIT_SCALE": str(WAIT_SCALE)}) as endpoint_url:
        store = aws_client("dynamodb", endpoint_url)
        tables = create_tables(store)
        functions = aws_client("lambda", endpoint_url)
        states = aws_client("stepfunctions", endpoint_url)
        machine_arn = "arn:aws:states:us-east-1:000000000000:stateMachine:dunning"
        arns = [
            _create_function(
                functions,
                name,
                (ROOT / "functions" / name / "handler.py").read_text(encoding="utf-8"),
                _variables(tables.accounts, machine_arn),
            )
            for name in TASKS
        ]
        given = ("AttemptChargeFunctionArn", "GiveUpDunningFunctionArn")
        assert create_state_machine(states, "dunning", dict(zip(given, arns, strict=True))) == (
            machine_arn
        )
        yield Theatre(endpoint_url, _books(store, tables), machine_arn, states, functions)


def _books(store: AwsClient, tables: Tables) -> Books:
    return Books(store, tables, clock=SettableClock(datetime.now(UTC)))


def test_five_retries_then_the_customer_is_suspended(theatre: Theatre) -> None:
    record = theatre.charge("exhausted")

    assert theatre.outcome(record) == "failed"

    assert theatre.numbers(record) == [0, 1, 2, 3, 4, 5]
    waits = ["WaitForAttempt", "AttemptCharge", "WhatNext"]
    assert theatre.entered(record) == [*waits * 5, "GiveUp", "WhatNext", "Failed"]
    assert theatre.books.record_now(record).status is RecordStatus.FAILED
    customer = theatre.customer_of(record)
    assert (customer.status, customer.suspended_by) == (Status.SUSPENDED, SuspendedBy.DUNNING)
    theatre.books.assert_sound("exhausted")


def test_money_between_two_attempts_ends_the_workflow_well(theatre: Theatre) -> None:
    record = theatre.charge("funded", schedule_seconds=[1, BREAK_SECONDS])
    theatre.attempts_made(record, 2)

    theatre.credit("funded", 100)

    assert theatre.outcome(record) == "paid"
    assert theatre.entered(record)[-2:] == ["WhatNext", "Paid"]
    assert theatre.books.record_now(record).status is RecordStatus.PAID
    assert theatre.books.balance_cents("funded") == 60
    assert theatre.customer_of(record).status is Status.ACTIVE
    theatre.books.assert_sound("funded")


def test_a_record_that_was_voided_ends_the_workflow_well(theatre: Theatre) -> None:
    record = theatre.charge("voided", schedule_seconds=[BREAK_SECONDS])

    stores = theatre.books.stores
    assert stores.records.change(record, record.moved_to(RecordStatus.VOID))

    assert theatre.outcome(record) == "void"
    assert theatre.entered(record)[-2:] == ["WhatNext", "Void"]
    assert theatre.numbers(record) == [0]
    assert theatre.customer_of(record).status is Status.ACTIVE


def test_a_record_that_was_given_up_is_not_tried_again(theatre: Theatre) -> None:
    record = theatre.charge("given-up", schedule_seconds=[BREAK_SECONDS])

    give_up_dunning(record.id, stores=theatre.books.stores, clock=theatre.books.clock)

    assert theatre.outcome(record) == "failed"
    assert theatre.entered(record) == ["WaitForAttempt", "AttemptCharge", "WhatNext", "Failed"]
    assert theatre.numbers(record) == [0]


def test_a_fault_is_repeated_and_counts_as_no_attempt(theatre: Theatre) -> None:
    with theatre.outage("attempt_charge"):
        record = theatre.charge("repeated")
        eventually(
            lambda: theatre.faults(record), lambda faults: faults >= 2, seconds=ENDED_SECONDS
        )
        assert theatre.numbers(record) == [0]

    assert theatre.outcome(record) == "failed"

    assert theatre.numbers(record) == [0, 1, 2, 3, 4, 5]
    assert theatre.books.record_now(record).status is RecordStatus.FAILED


def test_a_fault_that_lasts_fails_the_workflow_and_suspends_nobody(theatre: Theatre) -> None:
    with theatre.outage("attempt_charge"):
        record = theatre.charge("unlucky")
        described = theatre.ended(record)

    assert described["status"] == "FAILED"
    assert theatre.faults(record) == 13
    left = theatre.books.record_now(record)
    assert (left.status, theatre.numbers(record)) == (RecordStatus.RETRYING, [0])
    assert theatre.customer_of(record).status is Status.ACTIVE

    # The billing run comes by when the attempt is overdue.
    theatre.books.clock.advance(120)
    theatre.dunning.attend("unlucky")

    assert theatre.ended(record, starts=1)["status"] == "SUCCEEDED"
    assert theatre.numbers(record) == [0, 1, 2, 3, 4, 5]
    assert theatre.customer_of(record).status is Status.SUSPENDED
    found = theatre.workflow.of_record(record.id, starts=1)
    assert [execution.status for execution in found] == [
        ExecutionStatus.SUCCEEDED,
        ExecutionStatus.FAILED,
    ]
    assert [execution.error is None for execution in found] == [True, False]


def test_a_fault_while_giving_up_suspends_nobody_before_it_is_over(theatre: Theatre) -> None:
    with theatre.outage("give_up_dunning"):
        record = theatre.charge("patient", schedule_seconds=[1])
        eventually(
            lambda: theatre.faults(record), lambda faults: faults >= 2, seconds=ENDED_SECONDS
        )
        assert theatre.numbers(record) == [0, 1]
        assert theatre.books.record_now(record).status is RecordStatus.RETRYING
        assert theatre.customer_of(record).status is Status.ACTIVE

    assert theatre.outcome(record) == "failed"
    assert theatre.customer_of(record).status is Status.SUSPENDED


def test_an_outcome_that_nobody_knows_fails_the_workflow(theatre: Theatre) -> None:
    stub = _create_function(theatre.functions, "stub", STUB, {})
    given = {"AttemptChargeFunctionArn": stub, "GiveUpDunningFunctionArn": stub}
    newer = create_state_machine(theatre.states, "newer", given)
    state = {"customerId": "acme", "recordId": "acme~0~1", "attempt": 1, "waitSeconds": 0}

    started = theatre.states.start_execution(stateMachineArn=newer, input=json.dumps(state))

    described = eventually(
        lambda: theatre.states.describe_execution(executionArn=started["executionArn"]),
        lambda described: bool(described["status"] != "RUNNING"),
        seconds=ENDED_SECONDS,
    )
    assert (described["status"], described["error"]) == ("FAILED", "UnknownOutcome")


def test_a_cursor_from_elsewhere_is_refused(theatre: Theatre) -> None:
    theatre.charge("listed")
    page = theatre.workflow.newest_first(limit=1, cursor=None)
    assert (len(page.items), page.cursor is None) == (1, False)

    for cursor in (encode_cursor({"position": "x"}), "AAAA", "%%%"):
        with pytest.raises(InvalidInputError, match="cursor"):
            theatre.workflow.newest_first(limit=1, cursor=cursor)
