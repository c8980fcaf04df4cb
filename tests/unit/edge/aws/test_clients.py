"""What the clients of the functions are told, and what is checked of what they send."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from billing.edge.aws.clients import (
    make_dynamo_client,
    make_logs_client,
    make_queue_client,
    make_workflow_client,
)
from tests.support.lambdas import COMMON_ENVIRONMENT, ROOT
from tests.support.local_books import local_client
from tests.support.moto_books import plain_client

# A call of each client that gives a parameter of the wrong type, and the request that comes of it
# where nobody looks; nothing is sent.
WRONG_CALLS = """
class Sent(Exception):
    pass

def stop(*, params, model, context, **_):
    raise Sent(context["client_config"].account_id_endpoint_mode, params["headers"]["User-Agent"])

def told(make, operation, **parameters):
    client = make()
    client.meta.events.register("before-call", stop)
    try:
        getattr(client, operation)(**parameters)
    except Sent as sent:
        return sent.args

from billing.edge.aws.clients import *
print(json.dumps([
    told(make_dynamo_client, "get_item", TableName="accounts", Key={"pk": {"S": 7}}),
    told(make_logs_client, "get_object", Bucket="logs", Key="a.json", PartNumber="1"),
    told(make_queue_client, "get_queue_attributes", QueueUrl="https://sqs", AttributeNames=[1]),
    told(make_workflow_client, "describe_execution", executionArn=7),
]))
"""


@pytest.fixture(autouse=True)
def deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say what a deployment says to every function."""
    for name, value in COMMON_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def config(make: Callable[[], Any]) -> Any:  # noqa: ANN401 - botocore adds its options as it goes
    """Make a client, and tell what it was told."""
    return make().meta.config


@pytest.mark.parametrize(
    ("make", "attempts"),
    [
        (make_dynamo_client, 1),
        (make_logs_client, 3),
        (make_queue_client, 3),
        (make_workflow_client, 1),
    ],
)
def test_a_client_gives_up_soon_and_retries_only_what_nobody_above_it_retries(
    make: Callable[[], Any], attempts: int
) -> None:
    told = config(make)

    assert (told.connect_timeout, told.read_timeout) == (1, 3)
    assert told.retries == {"total_max_attempts": attempts, "mode": "standard"}


def test_deployed_clients_spend_nothing_on_what_is_known() -> None:
    told = subprocess.check_output(
        [sys.executable, "-c", f"import json{WRONG_CALLS}"],
        env={
            **COMMON_ENVIRONMENT,
            "PYTHONPATH": str(ROOT / "layers" / "common"),
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        },
        text=True,
    )

    for account_id_endpoint_mode, user_agent in json.loads(told):
        assert account_id_endpoint_mode == "disabled"
        assert user_agent.startswith("Botocore/")
        assert user_agent.endswith(" app/usage-billing")


@pytest.mark.parametrize(
    "make",
    [make_dynamo_client, plain_client, lambda: local_client("http://127.0.0.1:1")],
    ids=["of-the-functions", "on-moto", "on-dynamodb-local"],
)
def test_in_tests_a_request_of_the_wrong_form_is_not_made(make: Callable[[], Any]) -> None:
    with pytest.raises(ParamValidationError):
        make().get_item(TableName="accounts", Key={"pk": {"S": 7}})
