"""The functions that bill, as the schedule, the queue and an operator start them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from billing.domain.errors import RunInProgressError, UnavailableError
from billing.domain.tabs import TabRef
from billing.edge.aws.settle_queue import SqsSettleQueue
from billing.edge.composition import utc_now
from billing.edge.reports import TabsFailedError
from billing.services import run_billing as service
from billing.services.dunning import attend
from billing.services.jobs import WAITS_MAX
from billing.services.run_billing import RunReport
from billing.services.settle_tab import settle_tab
from tests.functions.conftest import Logged
from tests.support.clock import SettableMonotonic
from tests.support.cloud import Cloud, moto_cloud
from tests.support.lambdas import Context, http_event, sample_event

USAGE = {"customerId": "acme", "productId": "api-calls", "units": 3}


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


def metrics_in(logged: str) -> dict[str, float]:
    """Read the metrics out of what a function wrote, in CloudWatch's embedded format."""
    metrics: dict[str, float] = {}
    for line in map(json.loads, logged.splitlines()):
        for group in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            assert group["Namespace"] == "UsageBilling"
            metrics |= {metric["Name"]: line[metric["Name"]][0] for metric in group["Metrics"]}
    return metrics


def hold_lease(cloud: Cloud) -> None:
    """Let another run be at work."""
    stores = cloud.books.stores
    assert stores.leases.take(service.JOB, "another", now=utc_now(), seconds=90)


def test_the_schedule_bills_what_was_used_and_counts_it(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cloud.post("/billing/usage", USAGE).status == 201
    capsys.readouterr()
    assert cloud.invoke("run_billing", sample_event("run_billing")) is None
    assert metrics_in(capsys.readouterr().out) == {
        "TabsFound": 1,
        "TabsSettled": 1,
        "RecordsPaid": 1,
    }
    assert cloud.books.balance_cents() == -3


def test_another_run_at_work_is_a_normal_end(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    hold_lease(cloud)
    assert cloud.invoke("run_billing", sample_event("run_billing")) is None
    assert metrics_in(capsys.readouterr().out) == {"RunsSkipped": 1}


def test_a_tab_that_fails_is_logged_and_raised_after_the_others_are_billed(
    cloud: Cloud,
    logged: Logged,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud.post("/users", {"id": "broken", "mode": "postpaid"})
    for customer_id in ("acme", "broken"):
        assert cloud.post("/billing/usage", {**USAGE, "customerId": customer_id}).status == 201

    def settle_all_but_one(ref: TabRef, **arguments: Any) -> Any:  # noqa: ANN401
        if ref.customer_id == "broken":
            raise UnavailableError("no luck")
        return settle_tab(ref, **arguments)

    monkeypatch.setattr(service, "settle_tab", settle_all_but_one)
    capsys.readouterr()
    with pytest.raises(TabsFailedError, match="1 of 2 tabs and customers failed"):
        cloud.invoke("run_billing", sample_event("run_billing"))
    counted = metrics_in(capsys.readouterr().out)
    assert (counted["TabsSettled"], counted["TabsFailed"]) == (1, 1)
    [failure] = logged.errors
    assert "broken" in failure["subject"]
    assert "no luck" in failure["exception"]
    assert cloud.books.balance_cents("acme") == -3
    assert cloud.books.balance_cents("broken") == 0


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


def sqs_event(*messages: dict[str, Any]) -> dict[str, Any]:
    """Make what SQS hands to a function, from the sample."""
    [sample] = sample_event("settle_tab")["Records"]
    return {"Records": [{**sample, **message} for message in messages]}


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


def test_a_job_bills_at_once(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    cloud.post("/billing/usage", USAGE)
    capsys.readouterr()
    answer = cloud.send(http_event("POST /jobs/process-billing"))
    assert answer.status == 200
    assert answer.json == {
        "tabsFound": 1,
        "tabsSettled": 1,
        "customersFound": 0,
        "recordsPaid": 1,
        "recordsUnpaid": 0,
        "failed": 0,
        "remaining": 0,
    }
    assert metrics_in(capsys.readouterr().out)["RecordsPaid"] == 1
    assert cloud.books.balance_cents() == -3


def test_a_job_waits_a_few_seconds_for_the_run_at_work_and_then_says_when_to_ask_again(
    cloud: Cloud,
) -> None:
    hold_lease(cloud)
    waiting = wait_with(cloud, SettableMonotonic())
    answer = cloud.send(http_event("POST /jobs/process-billing"))
    assert (answer.status, answer.json["code"]) == (409, "run_in_progress")
    assert answer.headers["Retry-After"] == "5"
    assert waiting.slept == [1.0] * WAITS_MAX


def test_a_job_begins_when_the_run_at_work_has_ended(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = iter([True, True, False])

    def run(**_arguments: object) -> RunReport:
        if next(busy):
            raise RunInProgressError
        return RunReport(tabs_found=0)

    monkeypatch.setattr("billing.services.jobs.run_billing", run)
    waiting = wait_with(cloud, SettableMonotonic())
    assert cloud.send(http_event("POST /jobs/process-billing")).status == 200
    assert waiting.slept == [1.0, 1.0]


def wait_with(cloud: Cloud, monotonic: SettableMonotonic) -> SettableMonotonic:
    """Let the jobs function wait by moving a clock on."""
    jobs = vars(cloud.functions["jobs"])
    jobs["CONTAINER"] = replace(jobs["CONTAINER"], sleep=monotonic.sleep)
    return monotonic


@pytest.mark.parametrize(
    ("body", "status"), [(None, 200), ("", 200), ("{}", 200), ('{"limit": 5}', 400), ("[]", 400)]
)
def test_a_job_takes_no_fields(cloud: Cloud, body: str | None, status: int) -> None:
    assert cloud.post_text("/jobs/process-billing", body).status == status


def test_a_job_without_time_leaves_the_tabs_to_the_next_run(cloud: Cloud) -> None:
    cloud.post("/billing/usage", USAGE)
    answer = cloud.send(http_event("POST /jobs/process-billing"), Context(1_000))
    assert (answer.json["tabsFound"], answer.json["remaining"]) == (1, 1)
    assert cloud.send(http_event("POST /jobs/process-billing")).json["tabsSettled"] == 1


def owe(cloud: Cloud, *customer_ids: str) -> None:
    """Let prepaid customers without funds owe 100 cents each, so that their dunning runs."""
    for customer_id in customer_ids:
        assert cloud.post("/users", {"id": customer_id}).status == 201
        charged = cloud.post("/billing", {"userId": customer_id, "amountCents": 100})
        assert charged.json["status"] == "retrying"


def retry_all(cloud: Cloud, context: Context | None = None) -> Any:  # noqa: ANN401
    """Start the job that charges everybody who owes."""
    answer = cloud.send(http_event("POST /jobs/process-retries"), context)
    assert answer.status == 200
    return answer.json


def test_a_job_says_what_it_could_not_charge(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "poor"})
    for customer_id in ("acme", "poor"):
        cloud.post("/billing/usage", {**USAGE, "customerId": customer_id})
    answer = cloud.send(http_event("POST /jobs/process-billing"))
    assert answer.json == {
        "tabsFound": 2,
        "tabsSettled": 2,
        "customersFound": 0,
        "recordsPaid": 1,
        "recordsUnpaid": 1,
        "failed": 0,
        "remaining": 0,
    }


def test_retries_charge_whoever_can_pay_now_and_count_as_no_attempt(cloud: Cloud) -> None:
    owe(cloud, "able", "poor")
    able = {"mode": "postpaid"}
    assert cloud.patch("/users/{userId}", able, userId="able").status == 200
    counts = {"customersFound": 2, "recordsPaid": 1, "failed": 0, "remaining": 0}
    assert retry_all(cloud) == counts
    assert cloud.books.balance_cents("able") == -100
    [owed] = cloud.books.records("poor")
    assert [attempt.number for attempt in owed.attempts] == [0]
    # Who has paid is no longer looked at.
    assert retry_all(cloud) == {**counts, "customersFound": 1, "recordsPaid": 0}


def test_retries_without_time_leave_the_customers_to_the_next_run(cloud: Cloud) -> None:
    owe(cloud, "one", "two")
    counts = {"customersFound": 2, "recordsPaid": 0, "failed": 0, "remaining": 2}
    assert retry_all(cloud, Context(1_000)) == counts


def test_a_customer_at_whom_retries_fail_is_counted_and_logged(
    cloud: Cloud, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe(cloud, "able", "broken")
    cloud.patch("/users/{userId}", {"mode": "postpaid"}, userId="able")

    def attend_all_but_one(customer_id: str, **arguments: Any) -> int:  # noqa: ANN401
        if customer_id == "broken":
            raise UnavailableError("no luck")
        return attend(customer_id, **arguments)

    monkeypatch.setattr(service, "attend", attend_all_but_one)
    counts = {"customersFound": 2, "recordsPaid": 1, "failed": 1, "remaining": 0}
    assert retry_all(cloud) == counts
    [failure] = logged.errors
    assert failure["subject"] == "broken"
    assert "no luck" in failure["exception"]


def test_the_schedule_alarms_where_it_fails_at_a_customer(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe(cloud, "broken")
    due = cloud.books.customer_now("broken").attention_at
    assert due is not None
    run = vars(cloud.functions["run_billing"])
    run["CONTAINER"] = replace(run["CONTAINER"], clock=lambda: due + timedelta(seconds=1))

    def fail(_customer_id: str, **_arguments: object) -> int:
        raise UnavailableError("no luck")

    monkeypatch.setattr(service, "attend", fail)
    with pytest.raises(TabsFailedError, match="1 of 1 tabs and customers failed"):
        cloud.invoke("run_billing", sample_event("run_billing"))


def test_the_lease_of_a_run_that_died_runs_out(cloud: Cloud) -> None:
    stores = cloud.books.stores
    long_ago = utc_now() - timedelta(seconds=service.LEASE_SECONDS + 1)
    assert stores.leases.take(service.JOB, "dead", now=long_ago, seconds=service.LEASE_SECONDS)
    assert cloud.send(http_event("POST /jobs/process-billing")).status == 200
