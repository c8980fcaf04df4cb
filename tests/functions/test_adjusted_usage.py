"""A wrong event over HTTP: voided, corrected, and the money that comes back."""

import itertools
import json
from typing import Any

import pytest

from billing.domain.usage import ADJUSTMENTS_MAX
from tests.support.cloud import Cloud
from tests.support.lambdas import HttpAnswer, http_event

NUMBERS = itertools.count(1)

EVENT = "/billing/usage/{customerId}/{eventId}"
BALANCE = "/billing/balance/{customerId}"


@pytest.fixture
def wrong(cloud: Cloud) -> dict[str, Any]:
    """Give an event that used 250 at 1 cent, of a postpaid customer."""
    customer_id = f"story-{next(NUMBERS)}"
    cloud.post("/users", {"id": customer_id, "mode": "postpaid"})
    event = {"id": "wrong", "customerId": customer_id, "productId": "api-calls", "units": 250}
    assert cloud.post("/billing/usage", event).status == 201
    return event


def bill(cloud: Cloud) -> None:
    """Bill now."""
    assert cloud.post("/jobs/process-billing", {}).status == 200


def balance_cents(cloud: Cloud, event: dict[str, Any]) -> int:
    """Read the balance."""
    shown: int = cloud.get(BALANCE, customerId=event["customerId"]).json["balanceCents"]
    return shown


def void(cloud: Cloud, event: dict[str, Any], **query: str) -> HttpAnswer:
    """Void an event."""
    path = {"customerId": event["customerId"], "eventId": event["id"]}
    return cloud.send(http_event(f"DELETE {EVENT}", path_parameters=path, query=query or None))


def correct(cloud: Cloud, event: dict[str, Any], body: object) -> HttpAnswer:
    """Correct an event."""
    path = {"customerId": event["customerId"], "eventId": event["id"]}
    headers = {"content-type": "application/json"}
    return cloud.send(
        http_event(f"PATCH {EVENT}", path_parameters=path, headers=headers, body=json.dumps(body))
    )


def shown(cloud: Cloud, event: dict[str, Any]) -> dict[str, Any]:
    """Read the event."""
    answer: dict[str, Any] = cloud.get(
        EVENT, customerId=event["customerId"], eventId=event["id"]
    ).json
    return answer


def test_a_wrong_event_that_was_billed_is_voided_and_its_money_comes_back(
    cloud: Cloud, wrong: dict[str, Any]
) -> None:
    assert shown(cloud, wrong)["adjustments"] == []
    bill(cloud)
    assert balance_cents(cloud, wrong) == -250

    record_id = f"{wrong['customerId']}~0~2"
    answer = void(cloud, wrong, reason="Sent by a test")

    assert answer.status == 200
    [adjustment] = answer.json["adjustments"]
    assert adjustment == {
        "at": adjustment["at"],
        "by": "key-1",
        "reason": "Sent by a test",
        "unitsBefore": 250,
        "unitsAfter": 0,
        "recordId": record_id,
    }
    assert (answer.json["units"], answer.json["presentUnits"]) == (250, 0)
    assert shown(cloud, wrong) == answer.json
    bill(cloud)
    assert balance_cents(cloud, wrong) == 0
    record = cloud.get("/billing/{recordId}", recordId=record_id).json
    assert (record["status"], record["amountCents"]) == ("paid", -250)
    assert record["lines"][0]["explanation"] != []
    events = cloud.get("/billing/{recordId}/events", recordId=record_id).json["items"]
    assert [(it["id"], it["adjusts"], it["units"]) for it in events] == [("wrong~1", "wrong", -250)]
    assert void(cloud, wrong).json["adjustments"] == [adjustment]
    again = cloud.post("/billing/usage", wrong)
    assert (again.status, again.json["presentUnits"]) == (200, 0)


def test_a_wrong_event_is_corrected_before_it_is_billed(
    cloud: Cloud, wrong: dict[str, Any]
) -> None:
    corrected = correct(cloud, wrong, {"units": 25, "reason": "A zero too many"})
    assert (corrected.status, corrected.json["presentUnits"]) == (200, 25)

    balance = cloud.get(BALANCE, customerId=wrong["customerId"]).json
    assert (balance["balanceCents"], balance["pendingCents"]) == (0, 25)
    bill(cloud)
    assert balance_cents(cloud, wrong) == -25
    other = cloud.post("/billing/usage", {**wrong, "units": 25})
    assert (other.status, other.json["code"]) == (409, "usage_event_conflict")


def test_corrected_to_none_is_void(cloud: Cloud, wrong: dict[str, Any]) -> None:
    assert correct(cloud, wrong, {"units": 0}).json["presentUnits"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({}, "units", id="nothing"),
        pytest.param({"units": -1}, "units", id="fewer-than-none"),
        pytest.param({"units": 1.5}, "units", id="a-part-of-a-unit"),
        pytest.param({"units": True}, "units", id="no-number"),
        pytest.param({"units": 1, "reason": ""}, "reason", id="an-empty-reason"),
        pytest.param({"units": 1, "productId": "p"}, "productId", id="another-product"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_by_its_field(
    cloud: Cloud, wrong: dict[str, Any], body: object, field: str
) -> None:
    answer = correct(cloud, wrong, body)

    assert (answer.status, answer.json["code"]) == (400, "invalid_request")
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert shown(cloud, wrong)["adjustments"] == []


def test_what_cannot_be_adjusted_says_why(cloud: Cloud, wrong: dict[str, Any]) -> None:
    missing = void(cloud, {**wrong, "id": "missing"})
    assert (missing.status, missing.json["code"]) == (404, "usage_event_not_found")
    nobody = void(cloud, {**wrong, "customerId": "nobody"})
    assert (nobody.status, nobody.json["code"]) == (404, "customer_not_found")
    of_a_row = void(cloud, {**wrong, "id": "wrong~1"})
    assert (of_a_row.status, of_a_row.json["errors"][0]["field"]) == (400, "eventId")
    assert void(cloud, wrong, why="x").status == 400
    for units in range(1, ADJUSTMENTS_MAX + 1):
        assert correct(cloud, wrong, {"units": units}).status == 200
    once_more = void(cloud, wrong)
    assert (once_more.status, once_more.json["code"]) == (409, "limit_reached")


def test_what_went_with_a_void_record_is_not_voided(cloud: Cloud, wrong: dict[str, Any]) -> None:
    cloud.post("/users", {"id": "prepaid"})
    cloud.post("/billing/usage", {**wrong, "customerId": "prepaid"})
    bill(cloud)
    cloud.post("/billing/{recordId}/void", {}, recordId="prepaid~0~1")

    answer = void(cloud, {**wrong, "customerId": "prepaid"})

    assert (answer.status, answer.json["code"]) == (409, "billing_record_void")


def test_lists_as_csv_have_the_difference_too(cloud: Cloud, wrong: dict[str, Any]) -> None:
    void(cloud, wrong)
    table = cloud.send(
        http_event(
            f"GET {BALANCE}",
            path_parameters={"customerId": wrong["customerId"]},
            headers={"accept": "text/csv"},
        )
    )
    assert ",-250," in table.text
    assert "wrong~1" in table.text
