"""How the system is, as a key that may read may ask."""

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.support.billing import USAGE
from tests.support.cloud import Cloud, moto_cloud
from tests.support.description import DOCUMENT
from tests.support.lambdas import ENVIRONMENT, sample_event

NEVER_RAN: Mapping[str, object] = {
    "running": False,
    "startedAt": None,
    "endedAt": None,
    "counts": {},
}
NOBODY = {"count": 0, "more": False}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """Give a cloud in which nothing has run."""
    with moto_cloud() as cloud:
        yield cloud


def status_of(cloud: Cloud) -> Any:  # noqa: ANN401  JSON has no narrower type.
    """Ask how the system is, as who may read."""
    answer = cloud.get("/system/status", scopes="billing:read")
    assert answer.status == 200, answer.text
    return answer.json


def queue(variable: str) -> tuple[Any, str]:
    """Name a queue of the stack, with a client for it."""
    client = boto3.client("sqs", region_name="eu-central-1")
    name = ENVIRONMENT[variable].rpartition("/")[2]
    return client, client.get_queue_url(QueueName=name)["QueueUrl"]


def test_a_new_deployment_tells_its_version_and_that_nothing_ran(cloud: Cloud) -> None:
    status = status_of(cloud)

    assert status["version"] == DOCUMENT["info"]["version"]
    assert [(run.pop("job"), run.pop("schedule"), run) for run in status["runs"]] == [
        ("billing", "rate(1 minute)", NEVER_RAN),
        ("retries", None, NEVER_RAN),
        ("closing", "rate(1 hour)", NEVER_RAN),
        ("logs", "rate(1 hour)", NEVER_RAN),
    ]
    assert status["retryScheduleSeconds"] == [1, 2, 4, 8, 16]
    assert status["customers"] == {"count": 1, "more": False}
    assert (status["suspended"], status["retrying"], status["failed"]) == (NOBODY,) * 3
    assert status["queues"] == [
        {"name": name, "waiting": 0, "underWay": 0} for name in ("settle", "closing", "log-files")
    ]
    assert status["deadLetters"] == [
        {"name": name, "messages": 0}
        for name in ("settle", "run-billing", "closing", "ingest-logs")
    ]
    assert status["imbalances"] == {"items": [], "more": False}


def test_a_run_is_told_by_the_names_of_its_answer(cloud: Cloud) -> None:
    cloud.post("/billing/usage", USAGE)
    done = cloud.post("/jobs/process-all", {}).json

    runs = {run["job"]: run for run in status_of(cloud)["runs"]}

    assert done["billing"]["tabsSettled"] == 1
    for job, counts in done.items():
        assert counts.items() <= runs[job]["counts"].items(), job
        assert runs[job]["startedAt"] <= runs[job]["endedAt"]


def test_schedules_leave_what_their_runs_did(cloud: Cloud) -> None:
    for function in ("run_billing", "run_closing", "ingest_logs"):
        cloud.invoke(function, sample_event(function))

    ended = {run["job"]: run["endedAt"] for run in status_of(cloud)["runs"]}

    assert [job for job, at in ended.items() if at is None] == ["retries"]


def test_books_that_do_not_verify_are_told_until_they_do(cloud: Cloud) -> None:
    cloud.credit("acme", 500, "one")
    table, key = cloud.books.tables.ledger, {"pk": {"S": "acme"}, "sk": {"S": f"ENTRY#{1:015d}"}}
    entry = cloud.books.client.get_item(TableName=table, Key=key)["Item"]
    cloud.books.client.delete_item(TableName=table, Key=key)
    cloud.invoke("run_closing", sample_event("run_closing"))

    [found] = status_of(cloud)["imbalances"]["items"]
    assert (found["customerId"], found["fault"]) == ("acme", "entry 1 is missing")

    cloud.books.client.put_item(TableName=table, Item=entry)
    cloud.invoke("close_days", sample_event("close_days"))
    assert status_of(cloud)["imbalances"]["items"] == []


def test_messages_are_told_by_queue_waiting_and_under_way(cloud: Cloud) -> None:
    client, work = queue("CLOSING_QUEUE_URL")
    _, dead = queue("RUN_BILLING_DEAD_LETTER_QUEUE_URL")
    for body in "abc":
        client.send_message(QueueUrl=work, MessageBody=body)
        client.send_message(QueueUrl=dead, MessageBody=body)
    for url in (work, dead):
        client.receive_message(QueueUrl=url, MaxNumberOfMessages=1)

    status = status_of(cloud)

    assert status["queues"][1] == {"name": "closing", "waiting": 2, "underWay": 1}
    # One that somebody looks at just now is still there.
    assert status["deadLetters"][1] == {"name": "run-billing", "messages": 3}


def test_a_queue_that_cannot_be_asked_just_now_is_no_fault_of_ours(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = vars(cloud.functions["status"])["QUEUES"][0].client
    throttled = ClientError(
        {"Error": {"Code": "RequestThrottled"}, "ResponseMetadata": {"HTTPStatusCode": 403}},  # type: ignore[typeddict-item]
        "GetQueueAttributes",
    )

    def refuse(**_: object) -> None:
        raise throttled

    monkeypatch.setattr(client, "get_queue_attributes", refuse)
    refused = cloud.get("/system/status")

    assert (refused.status, refused.json["code"]) == (503, "unavailable")


def test_who_may_only_write_usage_is_not_told(cloud: Cloud) -> None:
    refused = cloud.get("/system/status", scopes="usage:write")

    assert (refused.status, refused.json["code"]) == (403, "scope_missing")
