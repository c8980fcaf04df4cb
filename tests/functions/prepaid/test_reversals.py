"""Charges that were wrong: taken back before they are paid, refunded after that."""

import pytest

from tests.functions.prepaid.calls import (
    act,
    add_funds,
    balance_cents,
    charge,
    let_dunning_end,
    make,
    record,
    user,
)
from tests.support.cloud import Cloud
from tests.support.lambdas import HttpAnswer, http_event

VOID = "/billing/{recordId}/void"
REFUND = "/billing/{recordId}/refund"


def void(cloud: Cloud, record_id: str, **body: object) -> HttpAnswer:
    """Take back a record."""
    return cloud.post(VOID, body, recordId=record_id)


def refund(cloud: Cloud, record_id: str, key: str = "refund-1", **body: object) -> HttpAnswer:
    """Give back a record."""
    return cloud.post(REFUND, body, {"Idempotency-Key": key}, recordId=record_id)


def test_a_wrong_charge_is_voided_while_it_is_retried(cloud: Cloud) -> None:
    make(cloud, "wrong")
    owed = charge(cloud, "wrong", 4000).json

    voided = void(cloud, owed["id"], reason="Wrong customer")

    assert voided.status == 200
    shown = voided.json
    assert (shown["status"], shown["nextAttemptAt"], shown["entryId"]) == ("void", None, None)
    assert shown["voided"] == {
        "at": shown["voided"]["at"],
        "by": "key-1",
        "reason": "Wrong customer",
    }
    assert record(cloud, owed["id"]) == shown
    assert void(cloud, owed["id"], reason="Again").json == shown
    assert let_dunning_end(cloud, owed["id"]) == ["void"]
    assert user(cloud, "wrong")["status"] == "active"


def test_a_failed_charge_that_is_voided_lifts_the_suspension(cloud: Cloud) -> None:
    make(cloud, "forgiven")
    owed = charge(cloud, "forgiven", 4000).json
    let_dunning_end(cloud, owed["id"])
    assert user(cloud, "forgiven")["status"] == "suspended"

    answer = cloud.send(http_event(f"POST {VOID}", path_parameters={"recordId": owed["id"]}))

    assert (answer.status, answer.json["voided"]["reason"]) == (200, None)
    assert user(cloud, "forgiven")["status"] == "active"


def test_a_paid_charge_is_refunded_in_parts_and_never_beyond(cloud: Cloud) -> None:
    make(cloud, "refunded")
    add_funds(cloud, "refunded", 50)
    paid = charge(cloud, "refunded", 4000).json

    refused = void(cloud, paid["id"])
    assert (refused.status, refused.json["code"]) == (409, "billing_record_paid")

    part = refund(cloud, paid["id"], amountCents=1500, reason="Outage")
    assert part.status == 201
    assert part.json == {"entryId": "refunded~3", "balanceCents": 2500, "amountCents": 1500}
    again = refund(cloud, paid["id"], amountCents=1500, reason="Outage")
    assert (again.json, again.headers["Idempotent-Replayed"]) == (part.json, "true")

    too_much = refund(cloud, paid["id"], key="refund-2", amountCents=2501)
    assert (too_much.status, too_much.json["code"]) == (409, "refund_too_large")
    assert "2500 cents" in too_much.json["detail"]
    rest = refund(cloud, paid["id"], key="refund-2").json
    assert rest == {"entryId": "refunded~4", "balanceCents": 5000, "amountCents": 2500}

    shown = record(cloud, paid["id"])
    assert (shown["status"], shown["refundedCents"]) == ("paid", 4000)
    assert [(each["entryId"], each["amountCents"]) for each in shown["refunds"]] == [
        ("refunded~3", 1500),
        ("refunded~4", 2500),
    ]
    entries = cloud.get("/billing/ledger/{customerId}", customerId="refunded").json["items"]
    assert [(it["kind"], it["reference"]) for it in entries[:2]] == [("refund", paid["id"])] * 2
    proof = cloud.get("/billing/ledger/{customerId}/verify", customerId="refunded").json
    assert proof["ok"] is True


def test_a_refund_pays_what_is_owed_and_lifts_the_suspension(cloud: Cloud) -> None:
    make(cloud, "saved")
    add_funds(cloud, "saved", 40)
    paid = charge(cloud, "saved", 4000).json
    owed = charge(cloud, "saved", 1000).json
    let_dunning_end(cloud, owed["id"])
    assert user(cloud, "saved")["status"] == "suspended"

    assert refund(cloud, paid["id"]).json["balanceCents"] == 4000

    assert record(cloud, owed["id"])["status"] == "paid"
    assert user(cloud, "saved")["status"] == "active"
    assert balance_cents(cloud, "saved") == 3000


def test_what_took_no_money_gives_none_back(cloud: Cloud) -> None:
    make(cloud, "owing")
    owed = charge(cloud, "owing", 4000).json
    refused = refund(cloud, owed["id"])
    assert (refused.status, refused.json["code"]) == (409, "billing_record_not_paid")


@pytest.mark.parametrize(
    ("case", "body"),
    [
        ("zero", {"amountCents": 0}),
        ("negative", {"amountCents": -5}),
        ("text", {"amountCents": "5"}),
        ("fraction", {"amountCents": 1.5}),
        ("no-reason", {"reason": ""}),
        ("long-reason", {"reason": "x" * 201}),
        ("unknown-field", {"status": "paid"}),
    ],
)
def test_a_refund_that_makes_no_sense_writes_nothing(
    cloud: Cloud, case: str, body: dict[str, object]
) -> None:
    make(cloud, case)
    add_funds(cloud, case, 40)
    paid = charge(cloud, case, 4000).json
    refused = cloud.post(REFUND, body, {"Idempotency-Key": "refund-1"}, recordId=paid["id"])
    assert refused.status == 400
    assert record(cloud, paid["id"]) == paid


def test_a_refund_needs_a_key_of_its_own(cloud: Cloud) -> None:
    make(cloud, "keyless")
    add_funds(cloud, "keyless", 40)
    paid = charge(cloud, "keyless", 4000).json
    refused = cloud.post(REFUND, {}, recordId=paid["id"])
    assert (refused.status, refused.json["errors"][0]["field"]) == (400, "Idempotency-Key")
    refund(cloud, paid["id"], amountCents=5)
    reused = refund(cloud, paid["id"], amountCents=6)
    assert (reused.status, reused.json["code"]) == (409, "idempotency_key_reused")


@pytest.mark.parametrize("path", [VOID, REFUND], ids=["void", "refund"])
def test_a_record_that_does_not_exist_is_not_found(cloud: Cloud, path: str) -> None:
    answer = cloud.post(path, {}, {"Idempotency-Key": "key"}, recordId="nobody~0~1")
    assert (answer.status, answer.json["code"]) == (404, "billing_record_not_found")


def test_an_operators_suspension_outlives_a_void(cloud: Cloud) -> None:
    make(cloud, "held")
    act(cloud, "held", "suspend")
    owed = charge(cloud, "held", 5).json
    void(cloud, owed["id"])
    assert user(cloud, "held")["suspendedBy"] == "operator"
