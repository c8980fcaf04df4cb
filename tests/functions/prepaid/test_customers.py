"""Customers changed, suspended, activated and deleted."""

from typing import Any

from tests.functions.prepaid.calls import (
    PROCESS,
    act,
    add_funds,
    charge,
    let_dunning_end,
    make,
    record,
    user,
)
from tests.functions.test_stories import bill, pages, use
from tests.support.cloud import Cloud
from tests.support.lambdas import HttpAnswer


def test_a_change_touches_what_it_names_and_null_takes_away(cloud: Cloud) -> None:
    terms = {
        "name": "Changing",
        "email": "changing@example.com",
        "mode": "postpaid",
        "creditLimitCents": 100,
        "retrySchedule": [60, 3600],
    }
    made = make(cloud, "changing", **terms)
    assert made["retrySchedule"] == [60, 3600]

    def change(**body: object) -> Any:  # noqa: ANN401
        answer = cloud.patch("/users/{userId}", body, userId="changing")
        assert answer.status == 200, answer.text
        assert answer.json == user(cloud, "changing")
        return answer.json

    assert change() == made
    assert change(name="Changed") == {**made, "name": "Changed"}
    bare = change(name=None, email=None, creditLimitCents=None, retrySchedule=None)
    assert bare == {**made, "name": None, "email": None, "creditLimitCents": None,
                    "retrySchedule": None}  # fmt: skip
    assert change(mode="prepaid")["mode"] == "prepaid"
    assert change(**terms) == made


def test_an_email_address_is_free_for_others_once_it_is_given_up(cloud: Cloud) -> None:
    make(cloud, "first-owner", email="Shared@Example.com")
    make(cloud, "second-owner", email="second@example.com")

    def take(customer_id: str) -> HttpAnswer:
        body = {"email": "SHARED@example.com"}
        return cloud.patch("/users/{userId}", body, userId=customer_id)

    taken = take("second-owner")
    assert (taken.status, taken.json["code"]) == (409, "email_taken")
    assert taken.json["errors"][0]["field"] == "email"
    assert user(cloud, "second-owner")["email"] == "second@example.com"
    # The owner may write the address in another way.
    assert take("first-owner").json["email"] == "SHARED@example.com"
    cloud.patch("/users/{userId}", {"email": None}, userId="first-owner")
    assert take("second-owner").status == 200
    assert cloud.delete("/users/{userId}", userId="second-owner").status == 204
    assert make(cloud, "third-owner", email="shared@example.com")["email"] == "shared@example.com"


def test_a_customer_is_deleted_once_all_is_settled_and_leaves_its_ledger(cloud: Cloud) -> None:
    make(cloud, "leaving")
    cloud.post("/billing/usage", use("leaving", "e1", 5))

    def refused() -> None:
        answer = cloud.delete("/users/{userId}", userId="leaving")
        assert (answer.status, answer.json["code"]) == (409, "customer_not_settled")
        assert user(cloud, "leaving")["status"] == "active"

    refused()  # usage that is not billed
    bill(cloud)
    refused()  # a record that is not paid
    add_funds(cloud, "leaving", 0.06)
    refused()  # money that is the customer's
    charge(cloud, "leaving", 1)
    ledger = cloud.get("/billing/ledger/{customerId}", customerId="leaving").json

    gone = cloud.delete("/users/{userId}", userId="leaving")
    assert (gone.status, gone.text, gone.headers) == (204, "", {"Cache-Control": "no-store"})
    assert "leaving" not in {it["id"] for page in pages(cloud, "/users", 100) for it in page}
    assert make_again(cloud, "leaving") == (
        409,
        "customer_exists",
        "The id leaving belonged to a customer who was deleted, and is never used again",
    )
    # What happened stays.
    assert cloud.get("/billing/ledger/{customerId}", customerId="leaving").json == ledger
    proof = cloud.get("/billing/ledger/{customerId}/verify", customerId="leaving").json
    assert proof["ok"]
    assert record(cloud, "leaving~0~1")["status"] == "paid"
    assert len(cloud.get("/billing/user/{userId}", userId="leaving").json["items"]) == 2
    events = cloud.get("/billing/{recordId}/events", recordId="leaving~0~1").json["items"]
    assert [event["id"] for event in events] == ["e1"]


def make_again(cloud: Cloud, customer_id: str) -> tuple[int, str, str]:
    """Try to make a customer under an id that was used; gives status, code and sentence."""
    answer = cloud.post("/users", {"id": customer_id})
    return answer.status, answer.json["code"], answer.json["detail"]


def test_an_id_that_is_in_use_is_told_so(cloud: Cloud) -> None:
    make(cloud, "present")
    assert make_again(cloud, "present") == (
        409,
        "customer_exists",
        "Customer present already exists",
    )


def test_nothing_more_happens_to_a_deleted_customer(cloud: Cloud) -> None:
    make(cloud, "gone")
    assert cloud.delete("/users/{userId}", userId="gone").status == 204
    before = cloud.books.counts()
    path = {"userId": "gone"}
    answers = [
        cloud.get("/users/{userId}", **path),
        cloud.patch("/users/{userId}", {"name": "Ghost"}, **path),
        cloud.delete("/users/{userId}", **path),
        act(cloud, "gone", "suspend"),
        act(cloud, "gone", "activate"),
        cloud.get("/wallets/{userId}", **path),
        cloud.get("/wallets/{userId}/balance", **path),
        add_funds(cloud, "gone", 1),
        cloud.credit("gone", 1, "key"),
        charge(cloud, "gone", 1),
        cloud.post("/billing/usage", use("gone", "e1")),
    ]
    assert {(answer.status, answer.json["code"]) for answer in answers} == {
        (404, "customer_not_found")
    }
    # What was used and charged is still to be read.
    assert cloud.get("/billing/balance/{customerId}", customerId="gone").status == 200
    assert cloud.books.counts() == before


def test_suspending_and_activating_may_be_repeated(cloud: Cloud) -> None:
    make(cloud, "switched")
    suspended = act(cloud, "switched", "suspend")
    assert suspended.status == 200
    assert (suspended.json["status"], suspended.json["suspendedBy"]) == ("suspended", "operator")
    assert act(cloud, "switched", "suspend").json == suspended.json
    active = act(cloud, "switched", "activate")
    assert (active.status, active.json["status"]) == (200, "active")
    assert (active.json["suspendedBy"], active.json["suspendedAt"]) == (None, None)
    assert act(cloud, "switched", "activate").json == active.json


def test_money_does_not_lift_what_an_operator_did_and_activating_charges_what_waited(
    cloud: Cloud,
) -> None:
    make(cloud, "held")
    act(cloud, "held", "suspend")
    waiting = charge(cloud, "held", 100).json
    assert (waiting["status"], waiting["attempts"]) == ("pending", [])
    add_funds(cloud, "held", 1)
    assert record(cloud, waiting["id"])["status"] == "paid"
    assert user(cloud, "held")["suspendedBy"] == "operator"
    add_funds(cloud, "held", 1, "payment-2")
    later = charge(cloud, "held", 100).json
    assert later["status"] == "pending"
    assert act(cloud, "held", "activate").json["status"] == "active"
    assert record(cloud, later["id"])["status"] == "paid"


def test_activating_without_money_begins_anew_for_what_failed(cloud: Cloud) -> None:
    make(cloud, "hopeful", retrySchedule=[5])
    failed = charge(cloud, "hopeful", 100).json
    assert let_dunning_end(cloud, failed["id"]) == ["exhausted", "failed"]
    waiting = charge(cloud, "hopeful", 50).json
    assert act(cloud, "hopeful", "activate").json["status"] == "active"
    assert record(cloud, failed["id"])["status"] == "retrying"
    assert record(cloud, waiting["id"])["status"] == "pending"


def test_a_customer_s_own_schedule_is_what_its_retries_follow(cloud: Cloud) -> None:
    make(cloud, "patient", retrySchedule=[86_400, 1])
    owed = charge(cloud, "patient", 100).json
    assert owed["nextAttemptAt"][:10] > owed["createdAt"][:10]
    step = cloud.invoke(
        "attempt_charge", {"customerId": "patient", "recordId": owed["id"], "attempt": 1}
    )
    assert (step["outcome"], step["attempt"], step["waitSeconds"]) == ("retry", 2, 1)


def test_a_body_may_come_with_what_takes_none(cloud: Cloud) -> None:
    make(cloud, "bodied")
    owed = charge(cloud, "bodied", 100).json
    for route, path in (
        (PROCESS, {"recordId": owed["id"]}),
        ("/users/{userId}/suspend", {"userId": "bodied"}),
        ("/users/{userId}/activate", {"userId": "bodied"}),
    ):
        assert cloud.post(route, {}, **path).status == 200
        refused = cloud.post(route, {"force": True}, **path)
        assert refused.json["errors"] == [{"field": "force", "message": "is not a known field"}]


def test_usage_of_less_than_a_cent_is_paid_without_an_entry(cloud: Cloud) -> None:
    product = {"id": "tiny", "name": "Tiny", "unitPriceCents": "0.001"}
    assert cloud.post("/products", product).status == 201
    make(cloud, "crumbs")
    cloud.post("/billing/usage", use("crumbs", "e1", 1, productId="tiny"))
    bill(cloud)
    shown = record(cloud, "crumbs~0~1")
    assert (shown["status"], shown["amountCents"], shown["entryId"]) == ("paid", 0, None)
    assert shown["lines"][0]["amountCents"] == "0.001"
    assert shown["attempts"] == []
