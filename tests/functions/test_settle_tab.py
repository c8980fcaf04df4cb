"""Work that a run hands out through the queue, and what becomes of each message."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from billing.domain.errors import UnavailableError
from billing.domain.tabs import TabRef
from billing.edge.aws.settle_queue import sqs_settle_queue
from billing.edge.aws.work_queue import SqsWorkQueue
from billing.services.work import Work
from tests.support.billing import USAGE, owe
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
def queue(cloud: Cloud) -> SqsWorkQueue[Work]:
    """Give the settle queue, made on moto, to the functions that use it."""
    client = boto3.client("sqs", region_name="eu-central-1")
    url = client.create_queue(QueueName="settle")["QueueUrl"]
    queue = sqs_settle_queue(client, url)
    for function in ("run_billing", "settle_tab"):
        vars(cloud.functions[function])["QUEUE"] = queue
    return queue


def sqs_event(*messages: dict[str, Any]) -> dict[str, Any]:
    """Make what SQS hands to a function, from the sample."""
    [sample] = sample_event("settle_tab")["Records"]
    return {"Records": [{**sample, **message} for message in messages]}


def received(queue: SqsWorkQueue[Work]) -> list[dict[str, Any]]:
    """Take all messages from the queue."""
    taken: list[dict[str, Any]] = []
    while messages := queue.client.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10).get(
        "Messages"
    ):
        for message in messages:
            queue.client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
            taken.append({"messageId": message["MessageId"], "body": message["Body"]})
    return taken


def consume(cloud: Cloud, queue: SqsWorkQueue[Work]) -> int:
    """Invoke the function with what waits, until nothing does; returns how often."""
    invocations = 0
    while messages := received(queue):
        answer = cloud.invoke("settle_tab", sqs_event(*messages))
        assert answer == {"batchItemFailures": []}
        invocations += 1
    return invocations


def test_more_than_a_page_of_tabs_goes_through_the_queue_and_is_billed_once(
    cloud: Cloud,
    queue: SqsWorkQueue[Work],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("billing.services.rounds.INLINE_MAX", 10)
    customers = [f"customer-{number}" for number in range(11)]
    for customer_id in customers:
        cloud.post("/users", {"id": customer_id, "mode": "postpaid"})
        cloud.post("/billing/usage", {**USAGE, "customerId": customer_id})
    cloud.invoke("run_billing", sample_event("run_billing"))
    assert metrics_in(capsys.readouterr().out)["TabsEnqueued"] == 11
    assert queue.waiting() == 2
    # Each message is delivered twice, as SQS may do.
    for message in received(queue):
        event = sqs_event(message)
        assert cloud.invoke("settle_tab", event) == {"batchItemFailures": []}
        assert cloud.invoke("settle_tab", event) == {"batchItemFailures": []}
    assert [cloud.books.balance_cents(customer_id) for customer_id in customers] == [-3] * 11


def test_customers_who_are_due_go_through_the_queue_until_they_owe_nothing(
    cloud: Cloud, queue: SqsWorkQueue[Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.services.rounds.INLINE_MAX", 1)
    monkeypatch.setattr("billing.services.dunning.RECORDS_PER_VISIT_MAX", 1)
    for customer_id in ("one", "two"):
        owe(cloud, customer_id)
        for _ in range(2):
            cloud.post("/billing", {"userId": customer_id, "amountCents": 100})
        cloud.credit(customer_id, 300, "funds")
    cloud.invoke("run_billing", sample_event("run_billing"))

    assert queue.waiting() == 1
    assert consume(cloud, queue) > 1
    for customer_id in ("one", "two"):
        assert cloud.books.balance_cents(customer_id) == 0
        assert cloud.books.customer_now(customer_id).attention_at is None


def test_the_queue_refusing_a_message_is_a_fault(
    queue: SqsWorkQueue[Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        type(queue.client),
        "send_message_batch",
        lambda *_arguments, **_named: {"Failed": [{"Id": "0"}]},
        raising=False,
    )
    with pytest.raises(UnavailableError, match="2 of 11 messages were not taken"):
        queue.send_alone([TabRef("acme", 0)] * 11)


ACME = '{"customerId": "acme", "shard": 0}'


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "{}",
        "[]",
        '{"settle": []}',
        '{"settle": null, "visit": null}',
        f'{{"settle": [{ACME}], "visit": ["acme"]}}',
        f'{{"settle": {ACME}}}',
        '{"settle": [{"customerId": "acme"}]}',
        '{"settle": [{"customerId": "acme", "shard": 16}]}',
        '{"settle": [{"customerId": "acme", "shard": 0, "number": 1}]}',
        f'{{"settle": [{", ".join([ACME] * 11)}]}}',
        '{"visit": "acme"}',
        '{"visit": [7]}',
        '{"visit": ["acme~0"]}',
        '{"charge": ["acme"]}',
    ],
    ids=[
        "no-json", "nothing-asked", "no-object", "no-tab", "nulls", "both-kinds", "no-array",
        "no-shard", "no-such-shard", "unknown-member", "too-many", "no-customers", "a-number",
        "no-id", "unknown-kind",
    ],
)  # fmt: skip
def test_a_message_that_asks_for_anything_else_comes_back_alone(
    cloud: Cloud, queue: SqsWorkQueue[Work], logged: Logged, body: str
) -> None:
    cloud.post("/billing/usage", USAGE)
    good = {"messageId": "good", "body": f'{{"settle": [{ACME}]}}'}

    answer = cloud.invoke("settle_tab", sqs_event(good, {"messageId": "bad", "body": body}))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert [line["message_id"] for line in logged.errors] == ["bad"]
    assert cloud.books.balance_cents() == -3
    assert received(queue) == []
