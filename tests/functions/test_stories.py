"""What callers do, told through the functions as API Gateway calls them."""

import hashlib
import json
from typing import Any
from uuid import UUID

import pytest

from billing.domain.records import RecordId
from billing.edge.api.all_routes import ROUTES_OF
from billing.edge.http.problems import INTERNAL_ERROR_CODE
from tests.support.cloud import Cloud
from tests.support.lambdas import FUNCTIONS, http_event, sample_event
from tests.support.logs import KEY, put_log

NEVER = "2026-01-31T09:00:00.000000Z"


def use(customer_id: str, event_id: str, units: object = 1, **more: object) -> dict[str, object]:
    """Say that a customer used some api-calls."""
    event = {"id": event_id, "customerId": customer_id, "productId": "api-calls", "units": units}
    return {**event, **more}


def bill(cloud: Cloud) -> Any:  # noqa: ANN401  JSON has no narrower type.
    """Bill now."""
    return cloud.send(http_event("POST /jobs/process-billing")).json


def pages(cloud: Cloud, route: str, limit: int, key: str = "items", **path: str) -> list[list[Any]]:
    """Read a list to its end, page by page."""
    found, cursor = [], ""
    while True:
        query = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        page = cloud.get(route, query, **path).json
        found.append(page[key])
        if page["cursor"] is None:
            return found
        cursor = page["cursor"]


def test_usage_becomes_money(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "story", "mode": "postpaid"})
    recorded = cloud.post(
        "/billing/usage", use("story", "e1", 250, occurredAt="2026-01-31T10:00:00.5+01:00")
    )
    assert recorded.status == 201
    event = recorded.json
    assert event == {
        "id": "e1",
        "customerId": "story",
        "productId": "api-calls",
        "units": 250,
        "unitPriceCents": "1",
        "occurredAt": "2026-01-31T09:00:00.500000Z",
        "createdAt": event["createdAt"],
        "recordId": "story~0~1",
        "billedAt": None,
    }
    before = cloud.get("/billing/balance/{customerId}", customerId="story").json
    assert before == {
        "customerId": "story",
        "balanceCents": 0,
        "pendingCents": 250,
        "availableCents": -250,
        "hasFunds": False,
        "status": "active",
        "usageDetails": [event],
        "cursor": None,
    }
    assert bill(cloud)["recordsPaid"] >= 1

    after = cloud.get("/billing/balance/{customerId}", customerId="story").json
    assert (after["balanceCents"], after["pendingCents"]) == (-250, 0)
    shown = cloud.get(
        "/billing/usage/{customerId}/{eventId}", customerId="story", eventId="e1"
    ).json
    assert shown["billedAt"] is not None
    assert shown["entryId"] == "story~1"
    assert shown["record"] == {
        "id": "story~0~1",
        "status": "paid",
        "amountCents": 250,
        "paidAt": shown["billedAt"],
    }
    assert after["usageDetails"] == [{**event, "billedAt": shown["billedAt"]}]


def test_the_same_event_again_gives_the_first_answer_and_other_content_is_a_conflict(
    cloud: Cloud,
) -> None:
    first = cloud.post("/billing/usage", use("acme", "twice", 7))
    assert first.status == 201
    before = cloud.books.counts()
    again = cloud.post("/billing/usage", use("acme", "twice", 7))
    assert (again.status, again.json) == (200, first.json)
    other = cloud.post("/billing/usage", use("acme", "twice", 8))
    assert (other.status, other.json["code"]) == (409, "usage_event_conflict")
    assert cloud.books.counts() == before


def test_an_event_without_an_id_is_given_one(cloud: Cloud) -> None:
    body = {"customerId": "acme", "productId": "api-calls", "units": 1}
    ids = {cloud.post("/billing/usage", body).json["id"] for _ in range(2)}
    assert len(ids) == 2
    assert {UUID(made).version for made in ids} == {7}


def test_an_event_that_is_not_billed_yet_shows_no_record(cloud: Cloud) -> None:
    cloud.post("/billing/usage", use("acme", "fresh"))
    path = {"customerId": "acme", "eventId": "fresh"}
    shown = cloud.get("/billing/usage/{customerId}/{eventId}", **path).json
    assert (shown["record"], shown["entryId"], shown["billedAt"]) == (None, None, None)
    for missing, code in (
        ({"eventId": "no-such-event"}, "usage_event_not_found"),
        ({"customerId": "nobody"}, "customer_not_found"),
    ):
        answer = cloud.get("/billing/usage/{customerId}/{eventId}", **{**path, **missing})
        assert (answer.status, answer.json["code"]) == (404, code)


def test_in_a_batch_each_event_ends_on_its_own(cloud: Cloud) -> None:
    cloud.post("/billing/usage", use("acme", "known", 5))
    answer = cloud.post_text(
        "/billing/usage/batch",
        json.dumps(
            {
                "events": [
                    use("acme", "new", 3),
                    use("acme", "known", 5),
                    use("acme", "known", 6),
                    use("acme", "huge", "HUGE"),
                    use("nobody", "lost"),
                    use("acme", "odd", 1, productId="unknown"),
                    {"units": 0},
                    "no event",
                    use("acme", "parts", 1.5),
                    use("acme", "new", 3),
                ]
            }
        ).replace('"HUGE"', "9" * 5000),
    )
    assert answer.status == 200
    results = answer.json["results"]
    assert [(result["status"], result.get("problem", {}).get("code")) for result in results] == [
        ("accepted", None),
        ("duplicate", None),
        ("conflict", "usage_event_conflict"),
        ("rejected", "invalid_request"),
        ("rejected", "customer_not_found"),
        ("rejected", "product_not_found"),
        ("rejected", "invalid_request"),
        ("rejected", "invalid_request"),
        ("rejected", "invalid_request"),
        ("duplicate", None),
    ]
    assert results[0]["event"]["units"] == 3
    assert results[0]["event"] == results[9]["event"]
    assert results[1].keys() == {"status", "event"}
    assert results[2].keys() == {"status", "problem"}
    problems = [result["problem"] for result in results if "problem" in result]
    fields = [error["field"] for problem in problems for error in problem.get("errors", ())]
    assert fields == ["events.3.units", "events.6.customerId", "events.6.productId", "events.7",
                      "events.8.units"]  # fmt: skip
    # A whole batch that is wrong in shape is refused as a whole.
    bad: list[object] = [[], None, {}, [use("acme", "x")] * 1001]
    for events in bad:
        assert cloud.post("/billing/usage/batch", {"events": events}).status == 400
    missing = cloud.post("/billing/usage/batch", {})
    assert missing.json["errors"] == [{"field": "events", "message": "is required"}]


def test_a_batch_that_is_wrong_in_many_places_has_an_answer_that_lambda_takes(cloud: Cloud) -> None:
    event = {f"f{number:x}": 0 for number in range(100)}

    answer = cloud.post("/billing/usage/batch", {"events": [event] * 1000})

    assert answer.status == 200
    assert len(json.dumps(answer.text)) < 6 * 1024 * 1024
    problem = answer.json["results"][0]["problem"]
    assert len(problem["errors"]) == 10
    assert problem["detail"].endswith("(and 102 more, 93 of them left off)")


def test_one_field_that_stands_twice_refuses_the_whole_batch(cloud: Cloud) -> None:
    """Which of the two values was meant nobody knows, nor whether the text is whole."""
    text = '{"events": [{"units": 1, "units": 2}]}'
    answer = cloud.post_text("/billing/usage/batch", text)
    assert (answer.status, answer.json["code"]) == (400, "malformed_body")
    assert answer.json["errors"][0]["field"] == "events.0.units"


@pytest.mark.parametrize(
    ("units", "shown"), [("1.5", "1.5"), (0.25, "0.25"), (3, 3), ("0.000001", "0.000001")]
)
def test_parts_of_units_are_exact_where_the_product_has_them(
    cloud: Cloud, units: object, shown: object
) -> None:
    product = {"id": "storage", "name": "Storage", "unitPriceCents": "0.5", "unitDecimals": 6}
    assert cloud.post("/products", product).status in {201, 409}
    event = use("acme", f"part-{units}", units, productId="storage")
    assert cloud.post("/billing/usage", event).json["units"] == shown


def test_a_credit_is_done_once_for_its_key(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "saver"})
    first = cloud.credit("saver", 5000, "invoice-1")
    assert (first.status, first.json) == (201, {"entryId": "saver~1", "balanceCents": 5000})
    assert "Idempotent-Replayed" not in first.headers
    assert cloud.credit("saver", 100, "invoice-2").json["balanceCents"] == 5100
    # A replay repeats the balance of its day, and a key is told apart from its capitals.
    again = cloud.credit("saver", 5000, " invoice-1\t")
    assert (again.status, again.json) == (201, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert cloud.credit("saver", 5000, "INVOICE-1").json["balanceCents"] == 10_100
    reused = cloud.credit("saver", 4999, "invoice-1")
    assert (reused.status, reused.json["code"]) == (409, "idempotency_key_reused")
    # Another customer's keys are other keys.
    assert cloud.credit("acme", 1, "invoice-1").status == 201
    ledger = cloud.get("/billing/ledger/{customerId}", customerId="saver").json
    assert [entry["amountCents"] for entry in ledger["items"]] == [5000, 100, 5000]


def test_nobody_can_take_the_key_of_a_debit(cloud: Cloud) -> None:
    """The seed system could be used for free: its debits shared the callers' key space."""
    cloud.post("/users", {"id": "thief", "mode": "postpaid"})
    event = cloud.post("/billing/usage", use("thief", "e1", 99)).json
    for key in (event["id"], f"usage:{event['id']}", event["recordId"],
                f"record:{event['recordId']}", "KEY#record:thief~0~1"):  # fmt: skip
        assert cloud.credit("thief", 1, key).status == 201
    bill(cloud)
    balance = cloud.get("/billing/balance/{customerId}", customerId="thief").json
    assert balance["balanceCents"] == 5 - 99


def test_a_prepaid_customer_without_funds_owes_and_is_not_charged(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "poor"})
    cloud.credit("poor", 10, "top-up")
    cloud.post("/billing/usage", use("poor", "e1", 250))
    bill(cloud)
    balance = cloud.get("/billing/balance/{customerId}", customerId="poor").json
    assert (balance["balanceCents"], balance["pendingCents"]) == (10, 250)
    assert (balance["availableCents"], balance["hasFunds"]) == (-240, False)
    path = {"customerId": "poor", "eventId": "e1"}
    shown = cloud.get("/billing/usage/{customerId}/{eventId}", **path).json
    assert (shown["record"]["status"], shown["record"]["paidAt"]) == ("retrying", None)
    assert (shown["billedAt"], shown["entryId"]) == (None, None)


def test_the_ledger_proves_itself_to_anybody_who_reads_it(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "prover", "mode": "postpaid"})
    for number in range(1, 8):
        cloud.credit("prover", number, f"key-{number}")
    cloud.post("/billing/usage", use("prover", "e1", 5))
    bill(cloud)
    entries = [e for page in pages(cloud, "/billing/ledger/{customerId}", 3, customerId="prover")
               for e in page]  # fmt: skip
    previous, total = "0" * 64, 0
    for entry in reversed(entries):
        total += entry["amountCents"]
        content = [previous, "prover", entry["seq"], entry["kind"], entry["amountCents"],
                   entry["balanceCents"], entry["reference"], entry["postedAt"]]  # fmt: skip
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=True)
        assert entry["previousHash"] == previous
        assert entry["hash"] == hashlib.sha256(text.encode()).hexdigest()
        assert entry["balanceCents"] == total
        previous = entry["hash"]
    proof = cloud.get("/billing/ledger/{customerId}/verify", customerId="prover").json
    assert proof == {
        "ok": True,
        "complete": True,
        "entries": 8,
        "sumCents": 23,
        "balanceCents": 23,
        "headHash": previous,
        "fault": None,
        "cursor": None,
        "days": 0,
    }


def test_the_ledger_is_shown_as_it_stood(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "history"})
    cloud.credit("history", 100, "one")
    cloud.credit("history", 50, "two")
    newest, oldest = cloud.get("/billing/ledger/{customerId}", customerId="history").json["items"]
    then = cloud.get(
        "/billing/ledger/{customerId}", {"asOf": oldest["postedAt"]}, customerId="history"
    ).json
    assert (then["items"], then["balanceCents"]) == ([oldest], 100)
    before = cloud.get("/billing/ledger/{customerId}", {"asOf": NEVER}, customerId="history").json
    assert before == {"items": [], "balanceCents": 0, "cursor": None}
    assert newest["balanceCents"] == 150


def test_usage_is_listed_newest_first_in_pages(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "busy", "mode": "postpaid"})
    cloud.post(
        "/billing/usage/batch", {"events": [use("busy", f"e{number}") for number in range(5)]}
    )
    cloud.post("/billing/usage", use("busy", "newest"))
    found = pages(cloud, "/billing/balance/{customerId}", 4, key="usageDetails", customerId="busy")
    assert [len(page) for page in found] == [4, 2]
    ids = [event["id"] for page in found for event in page]
    assert ids[0] == "newest"
    assert sorted(ids) == ["e0", "e1", "e2", "e3", "e4", "newest"]


def test_customers_are_made_read_and_listed_newest_first(cloud: Cloud) -> None:
    wanted = {
        "id": "full",
        "name": "Füll & Co",
        "email": "Full@Example.com",
        "mode": "postpaid",
        "creditLimitCents": 0,
    }
    made = cloud.post("/users", wanted)
    assert made.status == 201
    unsaid = dict.fromkeys(["retrySchedule", "suspendedAt", "suspendedBy"])
    created_at = made.json["createdAt"]
    assert made.json == {**wanted, **unsaid, "status": "active", "createdAt": created_at}
    assert cloud.get("/users/{userId}", userId="full").json == made.json
    taken = cloud.post("/users", {"id": "full"})
    assert (taken.status, taken.json["code"]) == (409, "customer_exists")
    same_email = cloud.post("/users", {"email": "full@example.COM"})
    assert (same_email.status, same_email.json["code"]) == (409, "email_taken")
    assert same_email.json["errors"][0]["field"] == "email"

    plain = cloud.post("/users", {}).json
    assert UUID(plain["id"]).version == 7
    assert (plain["mode"], plain["creditLimitCents"], plain["email"]) == ("prepaid", None, None)
    listed = [user for page in pages(cloud, "/users", 2) for user in page]
    assert listed[0] == plain
    assert made.json in listed
    created = [user["createdAt"] for user in listed]
    assert created == sorted(created, reverse=True)


def test_products_are_listed_by_id(cloud: Cloud) -> None:
    for product_id in ("another", "cheap"):
        cloud.post("/products", {"id": product_id, "name": "Listed", "unitPriceCents": 1})
    ids = [product["id"] for page in pages(cloud, "/products", 1) for product in page]
    assert ids == sorted(ids)
    assert {"another", "api-calls", "cheap"} <= set(ids)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_sample_payload_of_every_function_is_one_it_can_handle(
    cloud: Cloud, function: str
) -> None:
    # The sample payload of the reader of log files is about this file.
    put_log(KEY, [])
    cloud.invoke("ingest_logs", sample_event("ingest_logs"))
    # Those of the workflow's tasks are about this record.
    cloud.post("/billing/usage", use("acme", "first"))
    bill(cloud)
    assert cloud.books.records("acme")[0].id == RecordId("acme", "0", "1")

    answer = cloud.invoke(function, sample_event(function))

    if isinstance(answer, dict) and "statusCode" in answer:
        assert answer["statusCode"] in {200, 201, 409}
        assert INTERNAL_ERROR_CODE not in answer["body"]
    elif isinstance(answer, dict) and "outcome" in answer:
        assert answer["outcome"] == "paid"
    else:
        assert answer in ({"isAuthorized": False}, {"batchItemFailures": []}, None)


def test_sample_payloads_name_routes_that_exist() -> None:
    samples = {function: sample_event(function) for function in FUNCTIONS}
    served = {(route.key, function) for function, routes in ROUTES_OF.items() for route in routes}
    keyed = {(e["routeKey"], name) for name, e in samples.items() if "requestContext" in e}
    served |= {("GET /billing/balance/{customerId}", "authorizer"), ("GET /console", "console")}
    assert keyed <= served
