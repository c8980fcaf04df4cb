"""The dunning workflow's definition as it is deployed, with its open names filled in."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.support.lambdas import ROOT

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

_DEFINITION = ROOT / "functions" / "workflows" / "dunning.asl.json"


def definition(substitutions: Mapping[str, str]) -> str:
    """Read the definition; raises KeyError where the substitutions leave a name open."""
    text = _DEFINITION.read_text(encoding="utf-8")
    return re.sub(r"\$\{(\w+)\}", lambda found: substitutions[found[1]], text)


def waiting_history(_execution: object, role_arn: str) -> list[dict[str, Any]]:
    """Give the events of an execution that waits for its first attempt.

    moto makes up events of states that this workflow does not have, with outputs that are no JSON.
    """
    at = datetime(2026, 1, 31, 9, tzinfo=UTC)
    entered = {"name": "WaitForAttempt", "input": '{"attempt":1,"waitSeconds":1}'}
    started = {"input": entered["input"], "roleArn": role_arn}
    return [
        {
            "id": 1,
            "previousEventId": 0,
            "timestamp": at,
            "type": "ExecutionStarted",
            "executionStartedEventDetails": started,
        },
        {
            "id": 2,
            "previousEventId": 1,
            "timestamp": at,
            "type": "WaitStateEntered",
            "stateEnteredEventDetails": entered,
        },
    ]


def create_state_machine(client: "SFNClient", name: str, functions: Mapping[str, str]) -> str:
    """Create the workflow over functions, by the names of their substitutions; returns its ARN."""
    created = client.create_state_machine(
        name=name,
        definition=definition({"Partition": "aws", **functions}),
        roleArn="arn:aws:iam::123456789012:role/dunning",
        type="STANDARD",
    )
    return created["stateMachineArn"]
