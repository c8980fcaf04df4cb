"""Charges that are covered, retried and paid by money that comes."""

import pytest

from billing.domain.records import RecordId, RecordStatus
from tests.functions.prepaid.calls import (
    ADD_FUNDS,
    act,
    add_funds,
    balance_cents,
    charge,
    let_dunning_end,
    make,
    process,
    record,
    user,
)
from tests.functions.test_stories import bill, pages, use
from tests.support.cloud import Cloud
from tests.support.lambdas import http_event


def test_a_charge_that_the_wallet_covers_is_paid_at_once(cloud: Cloud) -> None:
    make(cloud, "funded")
    assert add_funds(cloud, "funded", 50).json == {"entryId": "funded~1", "balanceCents": 5000}
    body = {"userId": "funded", "amount": 42.5, "description": "Set-up fee"}
    raised = cloud.post("/billing", body)
    assert raised.status == 201
    shown = raised.json
    assert shown == {
        "id": shown["id"],
        "status": "paid",
        "amountCents": 4250,
        "paidAt": shown["createdAt"],
        "userId": "funded",
        "description": "Set-up fee",
        "lines": [],
        "createdAt": shown["createdAt"],
        "failedAt": None,
        "entryId": "funded~2",
        "attempts": [],
        "retryCount": 0,
        "retrySchedule": [],
        "nextAttemptAt": None,
        "voided": None,
        "refundedCents": 0,
        "refunds": [],
    }
    assert shown["id"].startswith("funded~manual~")
    assert record(cloud, shown["id"]) == shown
    assert balance_cents(cloud, "funded") == 750
    ledger = cloud.get("/billing/ledger/{customerId}", customerId="funded").json["items"]
    assert (ledger[0]["kind"], ledger[0]["reference"]) == ("charge", shown["id"])


def test_usage_without_funds_is_retried_and_money_pays_it_in_the_same_request(
    cloud: Cloud,
) -> None:
    make(cloud, "late")
    cloud.post("/billing/usage", use("late", "e1", 250))
    bill(cloud)
    owed = record(cloud, "late~0~1")
    assert (owed["status"], owed["amountCents"], owed["retryCount"]) == ("retrying", 250, 0)
    assert owed["retrySchedule"] == [1, 2, 4, 8, 16]
    [attempt] = owed["attempts"]
    assert attempt["number"] == 0
    assert (attempt["outcome"], attempt["balanceCents"]) == ("insufficient_funds", 0)
    assert owed["nextAttemptAt"] > attempt["at"]
    [line] = owed["lines"]
    assert (line["productId"], line["units"], line["amountCents"]) == ("api-calls", 250, "250")

    # The balance is the one right after the money came, before it was spent.
    assert add_funds(cloud, "late", 2.5).json["balanceCents"] == 250
    paid = record(cloud, "late~0~1")
    assert (paid["status"], paid["entryId"], paid["nextAttemptAt"]) == ("paid", "late~2", None)
    assert balance_cents(cloud, "late") == 0
    assert let_dunning_end(cloud, "late~0~1") == ["paid"]


def test_five_retries_then_suspended_then_money_pays_and_reactivates(cloud: Cloud) -> None:
    make(cloud, "story-2")
    owed = charge(cloud, "story-2", 4000).json
    assert owed["status"] == "retrying"
    assert user(cloud, "story-2")["status"] == "active"
    assert let_dunning_end(cloud, owed["id"]) == ["retry"] * 4 + ["exhausted", "failed"]

    failed = record(cloud, owed["id"])
    assert (failed["status"], failed["retryCount"]) == ("failed", 5)
    assert [attempt["number"] for attempt in failed["attempts"]] == [0, 1, 2, 3, 4, 5]
    assert (failed["failedAt"] is None, failed["nextAttemptAt"]) == (False, None)
    suspended = user(cloud, "story-2")
    assert (suspended["status"], suspended["suspendedBy"]) == ("suspended", "dunning")
    assert suspended["suspendedAt"] == failed["failedAt"]

    # Usage of a suspended customer is recorded and left open, and a charge by hand waits.
    assert cloud.post("/billing/usage", use("story-2", "e1", 7)).status == 201
    bill(cloud)
    assert cloud.get("/billing/{recordId}", recordId="story-2~0~1").status == 404
    assert charge(cloud, "story-2", 3).json["status"] == "pending"

    # Money for the oldest alone lifts nothing; money for all does, without any other call, and
    # the next run bills what was left open.
    assert add_funds(cloud, "story-2", 40).status == 201
    assert record(cloud, owed["id"])["status"] == "paid"
    assert user(cloud, "story-2")["status"] == "suspended"
    assert add_funds(cloud, "story-2", 0.1, "payment-2").status == 201
    active = user(cloud, "story-2")
    assert (active["status"], active["suspendedBy"], active["suspendedAt"]) == (
        "active",
        None,
        None,
    )
    bill(cloud)
    listed = cloud.get("/billing/user/{userId}", userId="story-2").json["items"]
    assert [item["status"] for item in listed] == ["paid"] * 3
    wallet = cloud.get("/wallets/{userId}", userId="story-2").json
    assert (wallet["balanceCents"], wallet["outstandingCents"], wallet["entries"]) == (0, 0, 5)
    cloud.books.assert_sound("story-2")


def test_a_charge_is_raised_once_for_its_key(cloud: Cloud) -> None:
    make(cloud, "keyed")
    first = charge(cloud, "keyed", 100, "order-1")
    assert (first.status, first.json["status"]) == (201, "retrying")
    assert "Idempotent-Replayed" not in first.headers
    again = charge(cloud, "keyed", 100, "order-1")
    assert (again.status, again.json) == (201, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    # A replay shows the record as it stands, since what the caller wants to know is its fate.
    add_funds(cloud, "keyed", 1)
    assert charge(cloud, "keyed", 100, "order-1").json == record(cloud, first.json["id"])
    assert record(cloud, first.json["id"])["status"] == "paid"

    for other in ({"amountCents": 101}, {"amountCents": 100, "description": "Other"}):
        body = {"userId": "keyed", **other}
        refused = cloud.post("/billing", body, {"Idempotency-Key": "order-1"})
        assert (refused.status, refused.json["code"]) == (409, "idempotency_key_reused")
    # Charges and money have key spaces of their own, and so has every customer.
    assert add_funds(cloud, "keyed", 1, "order-1").status == 201
    make(cloud, "keyed-2")
    assert "Idempotent-Replayed" not in charge(cloud, "keyed-2", 100, "order-1").headers
    cloud.books.assert_sound("keyed")


def test_without_a_key_a_repeated_charge_is_a_second_one(cloud: Cloud) -> None:
    make(cloud, "twice")
    add_funds(cloud, "twice", 10)
    ids = {charge(cloud, "twice", 100).json["id"] for _ in range(2)}
    assert len(ids) == 2
    assert balance_cents(cloud, "twice") == 800


def test_money_is_added_once_for_its_key_whichever_route_it_takes(cloud: Cloud) -> None:
    make(cloud, "saver-2")
    first = add_funds(cloud, "saver-2", 10.5)
    again = add_funds(cloud, "saver-2", 10.50)
    assert (again.status, again.json) == (201, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    in_cents = cloud.post(
        ADD_FUNDS, {"amountCents": 1050}, {"Idempotency-Key": "payment-1"}, userId="saver-2"
    )
    assert in_cents.json == first.json
    assert cloud.credit("saver-2", 1050, "payment-1").json == first.json
    reused = add_funds(cloud, "saver-2", 10.51)
    assert (reused.status, reused.json["code"]) == (409, "idempotency_key_reused")
    assert balance_cents(cloud, "saver-2") == 1050


def test_amounts_of_major_units_add_up_exactly(cloud: Cloud) -> None:
    """The seed system held 0.1 + 0.2 as 0.30000000000000004."""
    make(cloud, "exact")
    for number, literal in enumerate(["0.1", "0.2", "0.01", "1e2", "10.50", "4.35"]):
        event = http_event(
            f"POST {ADD_FUNDS}",
            path_parameters={"userId": "exact"},
            headers={"content-type": "application/json", "idempotency-key": f"k{number}"},
            body=f'{{"amount": {literal}}}',
        )
        assert cloud.send(event).status == 201
    shown = cloud.get("/wallets/{userId}/balance", userId="exact").json
    assert shown == {"userId": "exact", "balanceCents": 11516, "balance": "115.16"}


def test_a_suspended_customer_may_be_given_money(cloud: Cloud) -> None:
    make(cloud, "asleep")
    act(cloud, "asleep", "suspend")
    assert add_funds(cloud, "asleep", 1).status == 201
    assert balance_cents(cloud, "asleep") == 100


@pytest.mark.parametrize(
    ("terms", "floor_cents"),
    [
        ({}, 0),
        ({"mode": "postpaid"}, None),
        ({"mode": "postpaid", "creditLimitCents": 5000}, -5000),
        ({"mode": "postpaid", "creditLimitCents": 0}, 0),
    ],
)
def test_a_wallet_shows_how_far_it_may_fall(
    cloud: Cloud, terms: dict[str, object], floor_cents: int | None
) -> None:
    customer_id = cloud.post("/users", terms).json["id"]
    assert cloud.get("/wallets/{userId}", userId=customer_id).json == {
        "userId": customer_id,
        "balanceCents": 0,
        "balance": "0.00",
        "outstandingCents": 0,
        "outstandingRecords": 0,
        "floorCents": floor_cents,
        "entries": 0,
    }


def test_a_credit_limit_is_where_postpaid_ends(cloud: Cloud) -> None:
    make(cloud, "limited", mode="postpaid", creditLimitCents=500)
    assert charge(cloud, "limited", 405).json["status"] == "paid"
    shown = cloud.get("/wallets/{userId}/balance", userId="limited").json
    assert (shown["balanceCents"], shown["balance"]) == (-405, "-4.05")
    beyond = charge(cloud, "limited", 96).json
    assert beyond["status"] == "retrying"
    wallet = cloud.get("/wallets/{userId}", userId="limited").json
    assert (wallet["outstandingCents"], wallet["outstandingRecords"]) == (96, 1)
    balance = cloud.get("/billing/balance/{customerId}", customerId="limited").json
    assert (balance["pendingCents"], balance["availableCents"]) == (96, -501)
    # A higher limit counts at once, also for what is outstanding.
    raised = cloud.patch("/users/{userId}", {"creditLimitCents": 501}, userId="limited")
    assert raised.json["creditLimitCents"] == 501
    assert record(cloud, beyond["id"])["status"] == "paid"
    assert balance_cents(cloud, "limited") == -501


def test_charging_a_record_by_hand_says_how_it_ended(cloud: Cloud) -> None:
    make(cloud, "by-hand")
    owed = charge(cloud, "by-hand", 40).json
    short = process(cloud, owed["id"])
    assert (short["outcome"], short["balanceCents"]) == ("insufficient_funds", 0)
    assert short["record"]["status"] == "retrying"
    assert [attempt["number"] for attempt in short["record"]["attempts"]] == [0, None]
    # It is no retry: the schedule goes on as it was.
    assert short["record"]["retryCount"] == 0
    assert short["record"]["nextAttemptAt"] == owed["nextAttemptAt"]
    let_dunning_end(cloud, owed["id"])
    assert process(cloud, owed["id"])["record"]["status"] == "failed"

    # A failed record is charged too, and its customer is active again.
    cloud.books.lend(40, customer_id="by-hand")
    paid = process(cloud, owed["id"])
    assert (paid["outcome"], paid["balanceCents"]) == ("paid", -40)
    assert paid["record"] == record(cloud, owed["id"])
    assert user(cloud, "by-hand")["status"] == "active"
    again = process(cloud, owed["id"])
    assert again == {**paid, "outcome": "already_paid"}
    cloud.books.assert_sound("by-hand")


def test_a_void_record_is_never_charged(cloud: Cloud) -> None:
    make(cloud, "voided")
    owed = charge(cloud, "voided", 40).json
    records = cloud.books.stores.records
    found = records.get(RecordId.parse(owed["id"]))
    assert found is not None
    assert records.change(found, found.moved_to(RecordStatus.VOID))
    add_funds(cloud, "voided", 1)
    assert process(cloud, owed["id"])["outcome"] == "void"
    assert balance_cents(cloud, "voided") == 100


def test_records_are_listed_newest_first_in_pages(cloud: Cloud) -> None:
    for customer_id in ("lister", "lister-2"):
        make(cloud, customer_id)
        add_funds(cloud, customer_id, 10)
    made = [charge(cloud, "lister", cents).json for cents in (1, 2, 3, 4, 5)]
    other = charge(cloud, "lister-2", 1).json
    found = pages(cloud, "/billing/user/{userId}", 2, userId="lister")
    assert [len(page) for page in found] == [2, 2, 1]
    assert [item for page in found for item in page] == made[::-1]
    everything = [item for page in pages(cloud, "/billing", 3) for item in page]
    assert [item["id"] for item in everything[:6]] == [
        other["id"],
        *(it["id"] for it in made[::-1]),
    ]
    created = [item["createdAt"] for item in everything]
    assert created == sorted(created, reverse=True)
    assert len({item["id"] for item in everything}) == len(everything)


def test_the_events_behind_a_record_are_those_and_no_others(cloud: Cloud) -> None:
    make(cloud, "audited", mode="postpaid")
    for first in (0, 5):
        cloud.post(
            "/billing/usage/batch",
            {"events": [use("audited", f"e{number}") for number in range(first, first + 5)]},
        )
        bill(cloud)
    for number, expected in ((1, range(5)), (2, range(5, 10))):
        record_id = f"audited~0~{number}"
        paid_at = record(cloud, record_id)["paidAt"]
        listed = pages(cloud, "/billing/{recordId}/events", 2, recordId=record_id)
        events = [event for page in listed for event in page]
        assert sorted(event["id"] for event in events) == [f"e{number}" for number in expected]
        assert {(event["recordId"], event["billedAt"]) for event in events} == {
            (record_id, paid_at)
        }
        created = [event["createdAt"] for event in events]
        assert created == sorted(created, reverse=True)
    manual = charge(cloud, "audited", 1).json
    none = cloud.get("/billing/{recordId}/events", recordId=manual["id"])
    assert none.json == {"items": [], "cursor": None}
