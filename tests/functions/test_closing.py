"""Days closed as the schedule, the queue and an operator have it done."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

from billing.domain.runs import Job
from billing.edge.aws.closing_queue import sqs_closing_queue
from billing.edge.aws.work_queue import SqsWorkQueue
from billing.edge.reports import RunFailuresError
from billing.services.closing_work import Closer
from billing.storage import keys
from tests.support.clock import SettableMonotonic
from tests.support.closing import assert_days_add_up, days_of
from tests.support.cloud import Cloud, moto_cloud
from tests.support.lambdas import HttpAnswer, sample_event
from tests.support.logged import Logged
from tests.support.metrics import metrics_in


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """Give each test a cloud of its own: these tests count what a run finds."""
    with moto_cloud() as cloud:
        cloud.stand_still_at_noon()
        yield cloud


@pytest.fixture
def queue(cloud: Cloud) -> SqsWorkQueue[str]:
    """Give the queue of closings, made on moto, to the functions that use it."""
    client = boto3.client("sqs", region_name="eu-central-1")
    queue = sqs_closing_queue(client, client.create_queue(QueueName="closing")["QueueUrl"])
    for function in ("run_closing", "close_days"):
        vars(cloud.functions[function])["QUEUE"] = queue
    return queue


def forge_entry(cloud: Cloud, customer_id: str) -> None:
    """Change the first entry of a customer behind the back of the system."""
    key: Any = {name: {"S": value} for name, value in keys.entry(customer_id, 1).items()}
    client, table = cloud.books.client, cloud.books.tables.ledger
    item = client.get_item(TableName=table, Key=key)["Item"]
    client.put_item(TableName=table, Item={**item, "amountCents": {"N": "7"}})


def verify(cloud: Cloud, full: str | None = None) -> HttpAnswer:
    """Ask for the proof of a ledger."""
    query = {} if full is None else {"full": full}
    return cloud.get("/billing/ledger/{customerId}/verify", query, customerId="acme")


def received(queue: SqsWorkQueue[str]) -> list[dict[str, Any]]:
    """Take the messages that wait, as SQS hands them to a function."""
    [sample] = sample_event("close_days")["Records"]
    taken = queue.client.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10)
    return [
        {**sample, "messageId": each["MessageId"], "body": each["Body"]}
        for each in taken.get("Messages", [])
    ]


def test_the_schedule_adds_what_was_posted_to_its_day(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.credit("acme", 500, "funds")
    capsys.readouterr()

    cloud.invoke("run_closing", sample_event("run_closing"))

    assert [day.closing_cents for day in days_of(cloud.books)] == [500]
    assert "LedgerImbalance" not in capsys.readouterr().out


def test_an_operator_has_days_closed_at_once(cloud: Cloud) -> None:
    cloud.credit("acme", 500, "funds")

    answer = cloud.post("/jobs/close", {})

    assert answer.status == 200
    assert answer.json == {
        "customersFound": 1,
        "entriesAdded": 1,
        "imbalances": 0,
        "failed": 0,
        "remaining": 0,
    }
    assert cloud.post("/jobs/process-all", {}).json["closing"]["entriesAdded"] == 0


def test_books_that_do_not_verify_are_counted_and_named(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], logged: Logged
) -> None:
    cloud.credit("acme", 500, "funds")
    forge_entry(cloud, "acme")
    capsys.readouterr()

    cloud.invoke("run_closing", sample_event("run_closing"))

    assert metrics_in(capsys.readouterr().out)["LedgerImbalance"] == 1
    [line] = logged.errors
    assert (line["customer_id"], "entry 1" in line["fault"]) == ("acme", True)
    assert cloud.post("/jobs/close", {}).json["imbalances"] == 1
    proof = verify(cloud).json
    assert (proof["ok"], proof["fault"]) == (False, line["fault"])


def test_a_ledger_is_verified_by_its_days_or_whole(cloud: Cloud) -> None:
    cloud.credit("acme", 500, "funds")
    cloud.post("/jobs/close", {})

    quick = verify(cloud).json
    whole = verify(cloud, "true").json

    assert (quick["ok"], quick["entries"], quick["days"]) == (True, 1, 1)
    assert (whole["ok"], whole["entries"], whole["days"]) == (True, 1, 0)
    assert verify(cloud, "yes").status == 400


def test_more_than_a_page_of_customers_goes_through_the_queue(
    cloud: Cloud, queue: SqsWorkQueue[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.services.rounds.INLINE_MAX", 2)
    names = [f"customer-{number}" for number in range(5)]
    for name in names:
        cloud.post("/users", {"id": name})
        cloud.credit(name, 10, "funds")
    cloud.invoke("run_closing", sample_event("run_closing"))
    assert queue.waiting() >= 1

    messages = received(queue)
    # Each is delivered twice, as SQS may do.
    for _ in range(2):
        answer = cloud.invoke("close_days", {"Records": messages})
        assert answer == {"batchItemFailures": []}

    assert_days_add_up(cloud.books.stores, *names)
    assert [len(days_of(cloud.books, name)) for name in names] == [1] * 5


def test_a_customer_with_more_entries_is_handed_on(
    cloud: Cloud, queue: SqsWorkQueue[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.services.close_days.ENTRIES_PER_PAGE", 1)
    monkeypatch.setattr("billing.services.close_days.PAGES_MAX", 1)
    for number in range(3):
        cloud.credit("acme", 1, f"k{number}")

    cloud.invoke("close_days", sample_event("close_days"))

    assert [day.last_seq for day in days_of(cloud.books)] == [1]
    assert [message["body"] for message in received(queue)] == ['{"close": ["acme"]}']


@pytest.mark.parametrize(
    "body",
    ["{", "{}", '{"close": []}', '{"close": "acme"}', '{"close": ["acme~0"]}', '{"visit": ["a"]}'],
    ids=["no-json", "nothing-asked", "nobody", "no-array", "no-id", "another-kind"],
)
def test_a_message_that_asks_for_anything_else_comes_back_alone(
    cloud: Cloud, queue: SqsWorkQueue[str], body: str
) -> None:
    cloud.credit("acme", 1, "funds")
    [good] = sample_event("close_days")["Records"]
    bad = {**good, "messageId": "bad", "body": body}

    answer = cloud.invoke("close_days", {"Records": [good, bad]})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert len(days_of(cloud.books)) == 1
    assert queue.waiting() == 0


def test_a_fault_at_a_customer_is_raised_when_the_others_are_closed(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    cloud.post("/users", {"id": "globex"})
    for name in ("acme", "globex"):
        cloud.credit(name, 1, "funds")
    do = Closer.do

    def fail_at_acme(closer: Closer, work: str) -> object:
        if work == "acme":
            raise RuntimeError("boom")
        return do(closer, work)

    monkeypatch.setattr(Closer, "do", fail_at_acme)
    with pytest.raises(RunFailuresError, match="1 of 2"):
        cloud.invoke("run_closing", sample_event("run_closing"))

    assert [line["subject"] for line in logged.errors] == ["acme"]
    assert len(days_of(cloud.books, "globex")) == 1


def test_another_run_at_work_is_a_normal_end(cloud: Cloud, logged: Logged) -> None:
    module = vars(cloud.functions["run_closing"])
    now = module["CONTAINER"].clock()
    taken = cloud.books.stores.leases.take(Job.CLOSING, "another", now=now, seconds=90)
    module["CONTAINER"] = replace(module["CONTAINER"], sleep=SettableMonotonic().sleep)
    cloud.credit("acme", 1, "funds")

    cloud.invoke("run_closing", sample_event("run_closing"))

    assert taken is not None
    assert days_of(cloud.books) == []
    assert logged.errors == []
