"""The workflow on moto, which keeps executions but runs none: each stays as the test leaves it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from billing.domain.deadline import Deadline
from billing.edge.aws.dunning_workflow import StepFunctionsWorkflow
from tests.support.books import without_waiting
from tests.support.clock import SettableMonotonic
from tests.support.faults import Faults
from tests.support.state_machine import create_state_machine

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

PATIENCE_SECONDS = 20.0


@dataclass
class Machine:
    """The state machine, what uses it, and what can be done to both."""

    client: "SFNClient"
    arn: str
    faults: Faults
    monotonic: SettableMonotonic
    workflow: StepFunctionsWorkflow

    def execution_arn(self, name: str) -> str:
        """Spell out the ARN of an execution."""
        return f"arn:aws:states:eu-central-1:123456789012:execution:dunning:{name}"

    def end(self, name: str) -> None:
        """End an execution, as a fault would."""
        self.client.stop_execution(executionArn=self.execution_arn(name), error="Fault")

    def input_of(self, name: str) -> str:
        """Read what an execution was started with."""
        return self.client.describe_execution(executionArn=self.execution_arn(name))["input"]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Give a state machine without executions."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("stepfunctions", region_name="eu-central-1")
        function = "arn:aws:lambda:eu-central-1:123456789012:function:f"
        arn = create_state_machine(
            client,
            "dunning",
            {"AttemptChargeFunctionArn": function, "GiveUpDunningFunctionArn": function},
        )
        monotonic = SettableMonotonic()
        workflow = StepFunctionsWorkflow(
            client=client,
            state_machine_arn=arn,
            deadline=Deadline.after(PATIENCE_SECONDS, monotonic),
            backoff=without_waiting(monotonic),
        )
        yield Machine(client, arn, Faults(client), monotonic, workflow)
