"""GET /executions/{recordId}/history: which states an execution went through, page by page."""

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest

from billing.edge.aws import execution_history
from tests.functions.aws.test_execution_history import entered, left
from tests.support.cloud import Cloud, moto_cloud
from tests.support.lambdas import HttpAnswer

HISTORY = "/executions/{recordId}/history"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """Give a cloud with the prepaid customer globex, who has no money."""
    with moto_cloud() as cloud:
        cloud.post("/users", {"id": "globex"})
        yield cloud


@pytest.fixture
def owed(cloud: Cloud) -> str:
    """Give a record that is being retried."""
    record_id: str = cloud.post("/billing", {"userId": "globex", "amountCents": 40}).json["id"]
    return record_id


@pytest.fixture
def five_states(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the execution wait and try: moto makes up a history of its own."""
    states = [("Wait", "WaitForAttempt"), ("Task", "AttemptCharge"), ("Choice", "WhatNext")]
    events = [
        event
        for second, (kind, name) in enumerate(states + states[:2])
        for event in (entered(second, kind, name, "{}"), left(second + 1, kind, name, "{}"))
    ]
    monkeypatch.setattr(
        execution_history.StepFunctionsHistory, "_events", lambda _self, _arn: iter(events[:-1])
    )


def history(cloud: Cloud, record_id: str, query: Mapping[str, str] | None = None) -> HttpAnswer:
    """Ask for a history as who may read."""
    return cloud.get(HISTORY, query, scopes="billing:read", recordId=record_id)


def names(shown: Mapping[str, Any]) -> list[str]:
    """Name the states of a page."""
    return [state["name"] for state in shown["items"]]


def test_a_history_is_shown_page_by_page_with_the_definition(
    cloud: Cloud,
    owed: str,
    five_states: None,  # noqa: ARG001
) -> None:
    first = history(cloud, owed, {"limit": "3"}).json
    rest = history(cloud, owed, {"limit": "3", "cursor": first["cursor"]}).json

    assert names(first) == ["WaitForAttempt", "AttemptCharge", "WhatNext"]
    assert names(rest) == ["WaitForAttempt", "AttemptCharge"]
    assert rest["cursor"] is None
    assert rest["items"][-1]["leftAt"] is None
    assert first["items"][0]["type"] == "Wait"
    assert first["definition"]["States"]["AttemptCharge"]["Type"] == "Task"
    assert first["executions"] == [first["execution"]]


def test_an_execution_is_chosen_by_its_name(cloud: Cloud, owed: str) -> None:
    name = history(cloud, owed).json["execution"]["name"]

    assert history(cloud, owed, {"execution": name}).json["execution"]["name"] == name
    for other in ("globex__0__7__0", "", "x" * 500):
        refused = history(cloud, owed, {"execution": other})
        assert (refused.status, refused.json["code"]) == (404, "execution_not_found")


def test_a_history_links_to_its_very_execution_in_the_console_of_aws(
    cloud: Cloud, owed: str
) -> None:
    shown = history(cloud, owed).json

    address, _, arn = shown["awsConsoleUrl"].partition("#/v2/executions/details/")
    region = arn.split(":")[3]
    assert address == f"https://console.aws.amazon.com/states/home?region={region}"
    assert arn.endswith(f":{shown['execution']['name']}")
    assert ":execution:" in arn


def test_a_record_that_was_never_retried_has_no_history(cloud: Cloud) -> None:
    paid = cloud.post("/billing", {"userId": "acme", "amountCents": 1}).json["id"]

    refused = history(cloud, paid)
    assert (refused.status, refused.json["code"]) == (404, "execution_not_found")
    refused = history(cloud, "acme~0~99")
    assert (refused.status, refused.json["code"]) == (404, "billing_record_not_found")


def test_executions_that_are_forgotten_have_no_history(cloud: Cloud, owed: str) -> None:
    client = boto3.client("stepfunctions", region_name="eu-central-1")
    [machine] = client.list_state_machines()["stateMachines"]
    client.delete_state_machine(stateMachineArn=machine["stateMachineArn"])

    refused = history(cloud, owed)
    assert (refused.status, refused.json["code"]) == (404, "execution_not_found")


@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "101"}, {"cursor": "forged"},
     {"cursor": "eyJwb3NpdGlvbiI6ICItMSJ9"}, {"page": "2"}],
    ids=["no-items", "too-many", "forged", "negative", "unknown"],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_a_400(
    cloud: Cloud, owed: str, query: dict[str, str]
) -> None:
    refused = history(cloud, owed, query)

    assert (refused.status, refused.json["errors"][0]["field"]) == (400, *query)


def test_reading_takes_the_scope_to_read(cloud: Cloud, owed: str) -> None:
    assert cloud.get(HISTORY, scopes="usage:write billing:write", recordId=owed).status == 403
