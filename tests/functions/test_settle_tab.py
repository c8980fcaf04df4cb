"""Tabs that a run hands out through the queue, and what becomes of each message."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from billing.domain.errors import UnavailableError
from billing.domain.tabs import TabRef
from billing.edge.aws.settle_queue import SqsSettleQueue
from billing.services import run_billing as service
from tests.support.billing import USAGE
from tests.support.cloud import Cloud, moto_cloud
from tests.support.lambdas import sample_event
from tests.support.logged import Logged
from tests.support.metrics import metrics_in


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """Give each test a cloud of its own: these tests count what a run finds."""
    with moto_cloud() as cloud:
        yield cloud


@pytest.fixture
def queue(cloud: Cloud) -> SqsSettleQueue:
    """Give the settle queue, made on moto, to the function that uses it."""
    client = boto3.client("sqs", region_name="eu-central-1")
    url = client.create_queue(QueueName="settle")["QueueUrl"]
    queue = SqsSettleQueue(client, url)
    vars(cloud.functions["run_billing"])["QUEUE"] = queue
    return queue


def sqs_event(*messages: dict[str, Any]) -> dict[str, Any]:
    """Make what SQS hands to a function, from the sample."""
    [sample] = sample_event("settle_tab")["Records"]
    return {"Records": [{**sample, **message} for message in messages]}


def test_more_than_a_page_of_tabs_goes_through_the_queue_and_is_billed_once(
    cloud: Cloud,
    queue: SqsSettleQueue,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "INLINE_TABS_MAX", 10)
    customers = [f"customer-{number}" for number in range(11)]
    for customer_id in customers:
        cloud.post("/users", {"id": customer_id, "mode": "postpaid"})
        cloud.post("/billing/usage", {**USAGE, "customerId": customer_id})
    cloud.invoke("run_billing", sample_event("run_billing"))
    assert metrics_in(capsys.readouterr().out)["TabsEnqueued"] == 11
    assert queue.depth() == 11
    # Each message is delivered twice, as SQS may do.
    for message in received(queue):
        event = sqs_event(message)
        assert cloud.invoke("settle_tab", event) == {"batchItemFailures": []}
        assert cloud.invoke("settle_tab", event) == {"batchItemFailures": []}
    assert [cloud.books.balance_cents(customer_id) for customer_id in customers] == [-3] * 11


def received(queue: SqsSettleQueue) -> Iterator[dict[str, Any]]:
    """Take all messages from the queue."""
    while messages := queue.client.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10).get(
        "Messages"
    ):
        for message in messages:
            yield {"messageId": message["MessageId"], "body": message["Body"]}


def test_the_queue_refusing_a_tab_is_a_fault(
    queue: SqsSettleQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        type(queue.client),
        "send_message_batch",
        lambda *_arguments, **_named: {"Failed": [{"Id": "0"}]},
        raising=False,
    )
    with pytest.raises(UnavailableError, match="2 of 11 tabs could not be handed out"):
        queue.send([TabRef("acme", 0)] * 11)


def test_only_the_messages_that_failed_come_back(cloud: Cloud, logged: Logged) -> None:
    cloud.post("/billing/usage", USAGE)
    answer = cloud.invoke(
        "settle_tab",
        sqs_event(
            {"messageId": "good", "body": '{"customerId": "acme", "shard": 0}'},
            {"messageId": "bad-json", "body": "{"},
            {"messageId": "bad-shard", "body": '{"customerId": "acme", "shard": 16}'},
        ),
    )
    failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    assert failed == ["bad-json", "bad-shard"]
    assert [line["message_id"] for line in logged.errors] == failed
    assert cloud.books.balance_cents() == -3
