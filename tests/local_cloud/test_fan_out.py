"""More tabs than one run holds go through the queue, and what cannot be settled is kept."""

import json
from functools import partial
from uuid import uuid4

import pytest

from billing.services.rounds import INLINE_MAX
from tests.local_cloud.billing import SCHEDULE_SECONDS, Billing, at_once
from tests.support.polling import eventually
from tools.local_cloud.aws_environment import AwsClient, aws_client
from tools.local_cloud.cloud import LocalCloud

# A run may start while these are being recorded: on one side of it there are too many all the same.
CUSTOMERS = 2 * INLINE_MAX + 1
# Each is served by a process of its own, whose start costs as much as some thirty calls.
READERS = 4


@pytest.fixture
def sqs(cloud: LocalCloud, billing: Billing) -> AwsClient:
    """Return a client of the queues, after the wait between two attempts was made short.

    Five attempts at the real six minutes each would take half an hour. Who settles must be awake by
    then: a message that a slow start keeps for so long is handed out again.
    """
    customer = billing.new_customer()
    usage = {"customerId": customer, "productId": "bandwidth", "units": 3}
    billing.post("/billing/usage", usage, expected=201)
    client = aws_client("sqs", cloud.endpoint_url)
    url = cloud.stack.outputs["SettleQueueUrl"]
    client.send_message(QueueUrl=url, MessageBody=to_settle(customer, 0))
    _check_billed(billing, customer)
    client.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "5"})
    return client


def to_settle(customer: str, shard: object) -> str:
    """Write the message that hands out a tab."""
    return json.dumps({"settle": [{"customerId": customer, "shard": shard}]})


def test_the_run_hands_out_more_tabs_than_it_holds(cloud: LocalCloud, billing: Billing) -> None:
    customers: list[str] = at_once([billing.new_customer] * CUSTOMERS, READERS)
    events = [
        {"customerId": customer, "productId": "bandwidth", "units": 3} for customer in customers
    ]
    answer = billing.post("/billing/usage/batch", {"events": events}, expected=200)
    assert {result["status"] for result in answer["results"]} == {"accepted"}
    _run_as_scheduled(cloud)
    at_once([partial(_check_billed, billing, customer) for customer in customers], READERS)
    assert _handed_out(cloud) > 0


def test_a_tab_that_cannot_be_settled_ends_in_the_dead_letter_queue(
    cloud: LocalCloud, billing: Billing, sqs: AwsClient
) -> None:
    customer = billing.new_customer()
    usage = {"customerId": customer, "productId": "storage", "units": 1}
    billing.post("/billing/usage", usage, expected=201)
    bad, good = to_settle(f"nobody-{uuid4()}", "none"), to_settle(customer, 0)
    sqs.send_message_batch(
        QueueUrl=cloud.stack.outputs["SettleQueueUrl"],
        Entries=[{"Id": "bad", "MessageBody": bad}, {"Id": "good", "MessageBody": good}],
    )
    dead = eventually(
        lambda: sqs.receive_message(QueueUrl=cloud.stack.outputs["SettleDeadLetterQueueUrl"]),
        lambda answer: "Messages" in answer,
        seconds=SCHEDULE_SECONDS,
    )
    assert [message["Body"] for message in dead["Messages"]] == [bad]
    eventually(
        lambda: billing.balance(customer)["balanceCents"],
        lambda balance: bool(balance == -5),
        seconds=SCHEDULE_SECONDS,
    )
    billing.check_books(customer)


def _run_as_scheduled(cloud: LocalCloud) -> None:
    """Do at once what the schedule does each minute, unless a run is under way already."""
    function = cloud.stack.resources["AWS::Lambda::Function"]["RunBillingFunction"]
    answer = aws_client("lambda", cloud.endpoint_url).invoke(FunctionName=function, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()


def _check_billed(billing: Billing, customer: str) -> None:
    """Wait until a customer's three units of bandwidth are billed, and check the books."""
    eventually(
        lambda: billing.balance(customer)["balanceCents"],
        lambda balance: bool(balance == -6),
        seconds=SCHEDULE_SECONDS,
    )
    billing.check_books(customer)


def _handed_out(cloud: LocalCloud) -> int:
    """Return how many tabs all billing runs so far put into the queue, as they logged it."""
    group = next(group for group, name in cloud.log_groups().items() if name == "run_billing")
    pages = aws_client("logs", cloud.endpoint_url).get_paginator("filter_log_events")
    messages = [
        event["message"] for page in pages.paginate(logGroupName=group) for event in page["events"]
    ]
    lines = [json.loads(message) for message in messages if message.startswith("{")]
    # The same count stands in the metric too, which is a line without a level.
    return sum(line.get("TabsEnqueued", 0) for line in lines if "level" in line)
