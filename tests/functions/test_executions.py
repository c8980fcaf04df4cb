"""GET /executions: what a person looks for in the console of Step Functions."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from billing.domain.records import RecordId
from billing.edge.aws.dunning_workflow import execution_name
from billing.services.dunning import Dunning
from tests.support.cloud import Cloud, moto_cloud
from tests.support.lambdas import ENVIRONMENT

MACHINE = ENVIRONMENT["DUNNING_STATE_MACHINE_ARN"]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """Give a cloud with the prepaid customers globex and initech, who have no money."""
    with moto_cloud() as cloud:
        for customer_id in ("globex", "initech"):
            made = cloud.post("/users", {"id": customer_id, "mode": "prepaid"})
            assert made.status == 201
        yield cloud


def charge(cloud: Cloud, customer_id: str, amount_cents: int = 40) -> dict[str, Any]:
    """Raise a charge by hand."""
    answer = cloud.post("/billing", {"userId": customer_id, "amountCents": amount_cents})
    assert answer.status == 201, answer.text
    record: dict[str, Any] = answer.json
    return record


def stop(name: str) -> None:
    """End an execution, as a fault would."""
    client = boto3.client("stepfunctions", region_name="eu-central-1")
    arn = f"{MACHINE.replace(':stateMachine:', ':execution:')}:{name}"
    client.stop_execution(executionArn=arn)


def test_a_dunning_shows_its_attempts_and_when_the_next_is_due(cloud: Cloud) -> None:
    record = charge(cloud, "globex")

    answer = cloud.get("/executions/{recordId}", recordId=record["id"])

    assert answer.status == 200
    shown = answer.json
    [execution] = shown["executions"]
    assert shown == {
        "recordId": record["id"],
        "customerId": "globex",
        "recordStatus": "retrying",
        "amountCents": 40,
        "description": None,
        "status": "running",
        "startedAt": execution["startedAt"],
        "stoppedAt": None,
        "attempts": [
            {
                "number": 0,
                "at": record["createdAt"],
                "outcome": "insufficient_funds",
                "balanceCents": 0,
            }
        ],
        "retrySchedule": record["retrySchedule"],
        "nextAttemptAt": record["nextAttemptAt"],
        "executions": [execution],
    }
    assert execution == {
        "name": execution_name(RecordId.parse(record["id"]), 0),
        "status": "running",
        "startedAt": shown["startedAt"],
        "stoppedAt": None,
        "error": None,
    }


def test_a_path_may_come_encoded(cloud: Cloud) -> None:
    record = charge(cloud, "globex")

    encoded = cloud.get("/executions/{recordId}", recordId=record["id"].replace("~", "%7E"))

    assert encoded.json["recordId"] == record["id"]


def test_every_start_is_shown_and_the_last_says_where_it_stands(cloud: Cloud) -> None:
    record_id = charge(cloud, "globex")["id"]
    parsed = RecordId.parse(record_id)
    stop(execution_name(parsed, 0))
    ended = cloud.get("/executions/{recordId}", recordId=record_id).json
    assert (ended["status"], ended["recordStatus"]) == ("aborted", "retrying")
    assert ended["stoppedAt"] is not None

    # A minute after the attempt should have been made, the billing run sees to it.
    cloud.books.clock.now = cloud.functions["jobs"].CONTAINER.clock()
    cloud.books.clock.advance(120)
    _sweep(cloud)

    shown = cloud.get("/executions/{recordId}", recordId=record_id).json
    assert shown["status"] == "running"
    assert [execution["name"] for execution in shown["executions"]] == [
        execution_name(parsed, 1),
        execution_name(parsed, 0),
    ]
    assert [execution["status"] for execution in shown["executions"]] == ["running", "aborted"]


def _sweep(cloud: Cloud) -> None:
    """Do what the billing run does for customers that need attention, at the time of the books."""
    container = cloud.functions["run_billing"].CONTAINER
    stores = cloud.books.stores
    Dunning(stores, cloud.books.clock, container.workflow(stores)).attend("globex")


def test_executions_are_listed_newest_first_page_by_page(cloud: Cloud) -> None:
    records = [charge(cloud, customer_id)["id"] for customer_id in ("globex", "initech")]
    stop(execution_name(RecordId.parse(records[0]), 0))

    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = cloud.get("/executions", query).json
        assert len(page["items"]) <= 1
        found += page["items"]
        cursor = page["cursor"]

    assert [item["recordId"] for item in found] == records[::-1]
    assert [item["status"] for item in found] == ["running", "aborted"]
    assert all(len(item["executions"]) == 1 for item in found)
    assert all(item["attempts"][0]["number"] == 0 for item in found)


def test_without_any_dunning_the_list_is_empty(cloud: Cloud) -> None:
    assert cloud.get("/executions").json == {"items": [], "cursor": None}


def test_a_record_that_was_paid_at_once_had_no_dunning(cloud: Cloud) -> None:
    cloud.credit("globex", 100, "top-up")
    record = charge(cloud, "globex")
    assert record["status"] == "paid"

    answer = cloud.get("/executions/{recordId}", recordId=record["id"])

    assert (answer.status, answer.json["code"]) == (404, "execution_not_found")


def test_a_dunning_whose_executions_are_forgotten_keeps_its_attempts(cloud: Cloud) -> None:
    # The books start their workflows elsewhere, so that Step Functions knows of none.
    record = cloud.books.charge(40, customer_id="globex")

    shown = cloud.get("/executions/{recordId}", recordId=str(record.id)).json

    assert (shown["status"], shown["startedAt"], shown["executions"]) == (None, None, [])
    assert [attempt["number"] for attempt in shown["attempts"]] == [0]
    assert shown["recordStatus"] == "retrying"


@pytest.mark.parametrize(
    "record_id",
    ["globex~0~1", "globex", "globex~manual~nothing", "~~", "a~b~c", f"{'x' * 5000}~0~1"],
)
def test_no_such_record_is_a_404(cloud: Cloud, record_id: str) -> None:
    answer = cloud.get("/executions/{recordId}", recordId=record_id)

    assert (answer.status, answer.json["code"]) == (404, "billing_record_not_found")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cursor": "eyJwb3NpdGlvbiI6IngifQ"}, "cursor"),
        ({"cursor": "x" * 4000}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"status": "done"}, "status"),
        ({"state": "running"}, "state"),
    ],
)
def test_a_question_that_makes_no_sense_is_a_400(
    cloud: Cloud, query: dict[str, str], field: str
) -> None:
    charge(cloud, "globex")

    answer = cloud.get("/executions", query)

    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


def test_reading_takes_the_scope_to_read(cloud: Cloud) -> None:
    record_id = charge(cloud, "globex")["id"]

    assert cloud.get("/executions", scopes="usage:write").status == 403
    refused = cloud.get("/executions/{recordId}", scopes="usage:write", recordId=record_id)
    assert refused.status == 403
    assert cloud.get("/executions", scopes="billing:read").status == 200
