"""Bad requests about wallets, records and customers: nothing is converted, overwritten or lost."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.functions.refused.asserting import (
    ID,
    KEPT_OUT,
    KEY_MESSAGE,
    OUT_OF_RANGE,
    TOO_LONG,
    UNSEEN,
    assert_refused,
    forged,
    json_values,
    positions,
)
from tests.support.cloud import Cloud
from tests.support.lambdas import HttpAnswer, http_event

ADD_FUNDS = "/wallets/{userId}/add-funds"
KEY = {"Idempotency-Key": "key-1"}
PLACES = "must be a number with at most 2 decimal places"
RANGE = "must be from 0.01 to 10000000000000"
ONE_OF_THEM = "give either amount or amountCents"

# The members about the amount as they stand in the JSON, and what is wrong with them.
BAD_AMOUNTS: list[tuple[str, dict[str, str]]] = [
    ('"amount": 0', {"amount": RANGE}),
    ('"amount": 0.00', {"amount": RANGE}),
    ('"amount": -0', {"amount": RANGE}),
    ('"amount": -5', {"amount": RANGE}),
    ('"amount": 0.001', {"amount": PLACES}),
    ('"amount": 0.015', {"amount": PLACES}),
    ('"amount": 1e-3', {"amount": PLACES}),
    ('"amount": 1e15', {"amount": RANGE}),
    ('"amount": 10000000000000.01', {"amount": RANGE}),
    ('"amount": 1e308', {"amount": OUT_OF_RANGE}),
    ('"amount": 1e400', {"amount": OUT_OF_RANGE}),
    (f'"amount": {"9" * 5000}', {"amount": OUT_OF_RANGE}),
    ('"amount": "10"', {"amount": PLACES}),
    ('"amount": ""', {"amount": PLACES}),
    ('"amount": true', {"amount": PLACES}),
    ('"amount": [10]', {"amount": PLACES}),
    ('"amount": {}', {"amount": PLACES}),
    ('"amount": null', {"amount": ONE_OF_THEM}),
    ('"amount": 10, "amountCents": 1000', {"amount": ONE_OF_THEM}),
    ('"amountCents": null', {"amount": ONE_OF_THEM}),
    ('"amountCents": 0', {"amountCents": "must not be less than 1"}),
    ('"amountCents": -5', {"amountCents": "must not be less than 1"}),
    ('"amountCents": 1.5', {"amountCents": "must be an integer number"}),
    ('"amountCents": 1.0', {"amountCents": "must be an integer number"}),
    ('"amountCents": "10"', {"amountCents": "must be an integer number"}),
    ('"amountCents": true', {"amountCents": "must be an integer number"}),
    ('"amountCents": 1000000000000001',
     {"amountCents": "must not be greater than 1000000000000000"}),
    ('"amount": 1, "currency": "EUR"', {"currency": "is not a known field"}),
    ('"amount": 1, "status": "paid"', {"status": "is not a known field"}),
    ('"amount": 1, "id": "acme~0~1"', {"id": "is not a known field"}),
]  # fmt: skip


def send(cloud: Cloud, route: str, text: str, **path: str) -> HttpAnswer:
    """Send a body as it stands, with an idempotency key."""
    headers = {"content-type": "application/json", **KEY}
    return cloud.send(http_event(f"POST {route}", path_parameters=path, headers=headers, body=text))


@pytest.mark.parametrize(("members", "errors"), BAD_AMOUNTS)
def test_an_amount_that_is_none_is_refused_by_name(
    cloud: Cloud, members: str, errors: dict[str, str]
) -> None:
    before = cloud.books.counts()
    added = send(cloud, ADD_FUNDS, f"{{{members}}}", userId="acme")
    assert_refused(added, 400, "invalid_request", errors)
    charged = send(cloud, "/billing", f'{{"userId": "acme", {members}}}')
    assert_refused(charged, 400, "invalid_request", errors)
    assert cloud.books.counts() == before


def test_an_amount_must_be_given(cloud: Cloud) -> None:
    answers = [send(cloud, ADD_FUNDS, "{}", userId="acme"),
               send(cloud, "/billing", '{"userId": "acme"}')]  # fmt: skip
    for answer in answers:
        assert_refused(answer, 400, "invalid_request", {"amount": ONE_OF_THEM})


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_in_json_is_refused(cloud: Cloud, literal: str) -> None:
    answer = send(cloud, ADD_FUNDS, f'{{"amount": {literal}}}', userId="acme")
    assert_refused(answer, 400, "malformed_body", {"amount": f"{literal} is not JSON"})


@pytest.mark.parametrize(
    "literal", ["0.01", "1", "1.0", "1.50", "1e1", "9999999999999.99", "10000000000000"]
)
def test_every_amount_of_whole_cents_is_taken(cloud: Cloud, literal: str) -> None:
    customer_id = cloud.post("/users", {}).json["id"]
    answer = send(cloud, ADD_FUNDS, f'{{"amount": {literal}}}', userId=customer_id)
    assert answer.status == 201


def test_a_wallet_that_cannot_hold_more_refuses_it(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "rich-2"})
    assert send(cloud, ADD_FUNDS, '{"amount": 10000000000000}', userId="rich-2").status == 201
    before = cloud.books.counts()
    headers = {"Idempotency-Key": "key-2"}
    full = cloud.post(ADD_FUNDS, {"amount": 0.01}, headers, userId="rich-2")
    assert_refused(full, 409, "limit_reached")
    assert cloud.books.counts() == before


@pytest.mark.parametrize(
    ("headers", "message"),
    [({}, "is required"), ({"Idempotency-Key": " "}, KEY_MESSAGE),
     ({"Idempotency-Key": "k" * 256}, KEY_MESSAGE)],
)  # fmt: skip
def test_funds_are_not_added_without_a_usable_key(
    cloud: Cloud, headers: dict[str, str], message: str
) -> None:
    before = cloud.books.counts()
    answer = cloud.post(ADD_FUNDS, {"amount": 1}, headers, userId="acme")
    assert_refused(answer, 400, "invalid_request", {"Idempotency-Key": message})
    assert cloud.books.counts() == before


@pytest.mark.parametrize("key", ["", "   ", "k" * 256, "clé"])
def test_a_charge_needs_no_key_but_a_usable_one_where_there_is_one(cloud: Cloud, key: str) -> None:
    before = cloud.books.counts()
    body = {"userId": "acme", "amountCents": 1}
    answer = cloud.post("/billing", body, {"Idempotency-Key": key})
    assert_refused(answer, 400, "invalid_request", {"Idempotency-Key": KEY_MESSAGE})
    assert cloud.books.counts() == before


BAD_CHARGES: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"userId": 1}, {"userId": ID}),
    ({"userId": 1.5}, {"userId": ID}),
    ({"userId": None}, {"userId": ID}),
    ({"userId": ""}, {"userId": ID}),
    ({"description": ""}, {"description": UNSEEN}),
    ({"description": "a\nb"}, {"description": f"has the character U+000A; {KEPT_OUT}"}),
    ({"description": "d" * 201}, {"description": TOO_LONG}),
    ({"description": 5}, {"description": "must be a string"}),
    ({"customerId": "acme"}, {"customerId": "is not a known field"}),
    ({"retryCount": 5}, {"retryCount": "is not a known field"}),
]


@pytest.mark.parametrize(("body", "errors"), BAD_CHARGES)
def test_a_charge_is_made_only_of_what_a_caller_may_say(
    cloud: Cloud, body: dict[str, Any], errors: dict[str, str]
) -> None:
    before = cloud.books.counts()
    answer = cloud.post("/billing", {"userId": "acme", "amountCents": 1, **body}, KEY)
    assert_refused(answer, 400, "invalid_request", errors)
    assert cloud.books.counts() == before


def test_a_customer_who_does_not_exist_is_not_found(cloud: Cloud) -> None:
    before = cloud.books.counts()
    answers = [
        cloud.post("/billing", {"userId": "nobody", "amountCents": 1}),
        cloud.post(ADD_FUNDS, {"amount": 1}, KEY, userId="nobody"),
        cloud.get("/wallets/{userId}", userId="nobody"),
        cloud.get("/wallets/{userId}/balance", userId="nobody"),
        cloud.get("/billing/user/{userId}", userId="nobody"),
        cloud.patch("/users/{userId}", {}, userId="nobody"),
        cloud.delete("/users/{userId}", userId="nobody"),
        cloud.post("/users/{userId}/suspend", {}, userId="nobody"),
        cloud.post("/users/{userId}/activate", {}, userId="nobody"),
    ]
    for answer in answers:
        assert_refused(answer, 404, "customer_not_found")
    assert cloud.books.counts() == before


@pytest.mark.parametrize("bad", ["%", "a%00b", "a%2Fb", "a b", "é", "a" * 65, "-1", "~"])
def test_a_path_with_an_id_that_cannot_be_one_is_refused(cloud: Cloud, bad: str) -> None:
    answers = [
        cloud.get("/wallets/{userId}", userId=bad),
        cloud.get("/wallets/{userId}/balance", userId=bad),
        cloud.post(ADD_FUNDS, {"amount": 1}, KEY, userId=bad),
        cloud.get("/billing/user/{userId}", userId=bad),
        cloud.patch("/users/{userId}", {}, userId=bad),
        cloud.delete("/users/{userId}", userId=bad),
        cloud.post("/users/{userId}/suspend", {}, userId=bad),
        cloud.post("/users/{userId}/activate", {}, userId=bad),
    ]
    for answer in answers:
        assert_refused(answer, 400, "invalid_request", {"userId": ID})


BAD_RECORD_IDS = [
    "1", "abc", "1.5", "-1", "acme", "acme~0", "acme~0~999", "acme~00~1", "acme~0~-1", "acme~x~1",
    "acme~99~1", "acme~manual~x", "acme~manual~", "~~", "~0~1", "acme~0~1~2", "nobody~0~1", "%",
    "%ff", "acme~0~1%00", "é", "\ud800", "acme~0~" + "9" * 5000, "a" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD_RECORD_IDS)
def test_a_record_that_does_not_exist_is_not_found(cloud: Cloud, bad: str) -> None:
    before = cloud.books.counts()
    answers = [
        cloud.get("/billing/{recordId}", recordId=bad),
        cloud.get("/billing/{recordId}/events", recordId=bad),
        cloud.post("/billing/{recordId}/process", {}, recordId=bad),
    ]
    for answer in answers:
        assert_refused(answer, 404, "billing_record_not_found")
        assert len(answer.text) < 1000
    assert cloud.books.counts() == before


SCHEDULE_CASES: list[tuple[object, dict[str, str]]] = [
    ([], {"retrySchedule": "must not be empty"}),
    ([1] * 21, {"retrySchedule": "must not have more than 20 items"}),
    ([0], {"retrySchedule.0": "must not be less than 1"}),
    ([1, 2_592_001], {"retrySchedule.1": "must not be greater than 2592000"}),
    ([1.5], {"retrySchedule.0": "must be an integer number"}),
    ([1, 10**41], {"retrySchedule.1": OUT_OF_RANGE}),
    (["1"], {"retrySchedule.0": "must be an integer number"}),
    ([True], {"retrySchedule.0": "must be an integer number"}),
    (60, {"retrySchedule": "must be a list"}),
    ("1,2", {"retrySchedule": "must be a list"}),
]


@pytest.mark.parametrize(("schedule", "errors"), SCHEDULE_CASES)
def test_a_retry_schedule_is_some_delays_in_seconds(
    cloud: Cloud, schedule: object, errors: dict[str, str]
) -> None:
    before = cloud.books.counts()
    body = {"retrySchedule": schedule}
    assert_refused(cloud.post("/users", body), 400, "invalid_request", errors)
    changed = cloud.patch("/users/{userId}", body, userId="acme")
    assert_refused(changed, 400, "invalid_request", errors)
    assert cloud.books.counts() == before


LIMIT = "is only for customers with mode postpaid"
CHANGE_CASES: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"id": "other"}, {"id": "is not a known field"}),
    ({"status": "suspended"}, {"status": "is not a known field"}),
    ({"status": "active"}, {"status": "is not a known field"}),
    ({"suspendedBy": None}, {"suspendedBy": "is not a known field"}),
    ({"balanceCents": 100}, {"balanceCents": "is not a known field"}),
    ({"createdAt": "2026-01-31T09:00:00Z"}, {"createdAt": "is not a known field"}),
    ({"credit_limit_cents": 5}, {"credit_limit_cents": "is not a known field"}),
    ({"mode": None}, {"mode": "must be prepaid or postpaid"}),
    ({"mode": "barter"}, {"mode": "must be 'prepaid' or 'postpaid'"}),
    # The limit that stands would contradict the mode that is wanted.
    ({"mode": "prepaid"}, {"creditLimitCents": LIMIT}),
    ({"mode": "prepaid", "creditLimitCents": 5}, {"creditLimitCents": LIMIT}),
    ({"creditLimitCents": -1}, {"creditLimitCents": "must not be less than 0"}),
    ({"creditLimitCents": "5"}, {"creditLimitCents": "must be an integer number"}),
    ({"creditLimitCents": 10**41}, {"creditLimitCents": OUT_OF_RANGE}),
    ({"name": ""}, {"name": UNSEEN}),
    ({"name": "a\u2066b"}, {"name": f"has the character U+2066; {KEPT_OUT}"}),
    ({"email": ""}, {"email": "must be an e-mail address"}),
    ({"email": "nobody"}, {"email": "must be an e-mail address"}),
]


@pytest.mark.parametrize(("body", "errors"), CHANGE_CASES)
def test_a_customer_is_changed_only_in_what_a_caller_may_say(
    cloud: Cloud, body: dict[str, Any], errors: dict[str, str]
) -> None:
    terms = {"id": "unchanged", "mode": "postpaid", "creditLimitCents": 9, "name": "Same"}
    assert cloud.post("/users", terms).status in {201, 409}
    before = cloud.get("/users/{userId}", userId="unchanged").json
    answer = cloud.patch("/users/{userId}", body, userId="unchanged")
    assert_refused(answer, 400, "invalid_request", errors)
    assert cloud.get("/users/{userId}", userId="unchanged").json == before
    assert (before["mode"], before["creditLimitCents"]) == ("postpaid", 9)


def test_nobody_overwrites_a_customer_or_makes_one_suspended(cloud: Cloud) -> None:
    made = cloud.post("/users", {"id": "mine", "email": "mine@example.com"}).json
    assert_refused(cloud.post("/users", {"id": "mine", "name": "Thief"}), 409, "customer_exists")
    assert cloud.get("/users/{userId}", userId="mine").json == made
    suspended = cloud.post("/users", {"id": "new", "status": "suspended"})
    assert_refused(suspended, 400, "invalid_request", {"status": "is not a known field"})
    assert cloud.get("/users/{userId}", userId="new").status == 404


LISTS: list[tuple[str, dict[str, str]]] = [
    ("/billing", {}),
    ("/billing/user/{userId}", {"userId": "acme"}),
    ("/billing/{recordId}/events", {"recordId": "acme~0~1"}),
]


@pytest.fixture(scope="module")
def billed(cloud: Cloud) -> Cloud:
    """Give a cloud where acme has the record acme~0~1."""
    usage = {"id": "event-1", "customerId": "acme", "productId": "api-calls", "units": 1}
    assert cloud.post("/billing/usage", usage).status == 201
    assert cloud.post("/jobs/process-billing", {}).json["recordsPaid"] == 1
    return cloud


@pytest.mark.parametrize(("route", "path"), LISTS, ids=[route for route, _ in LISTS])
def test_a_list_is_asked_for_only_in_ways_that_it_knows(
    billed: Cloud, route: str, path: dict[str, str]
) -> None:
    limit = "must be an integer from 1 to 100"
    cursor = "is not a cursor that this list gave"
    for query, errors in (
        ({"limit": "0"}, {"limit": limit}),
        ({"limit": "101"}, {"limit": limit}),
        ({"cursor": "nonsense"}, {"cursor": cursor}),
        ({"page": "2"}, {"page": "is not a known field"}),
    ):
        assert_refused(billed.get(route, query, **path), 400, "invalid_request", errors)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(position=positions | json_values, chosen=st.sampled_from(LISTS))
def test_a_forged_cursor_is_refused_or_finds_a_page_and_never_breaks_anything(
    billed: Cloud, position: object, chosen: tuple[str, dict[str, str]]
) -> None:
    route, path = chosen
    answer = billed.get(route, {"cursor": forged(position)}, **path)
    assert answer.status in {200, 400}, answer.text


@pytest.mark.parametrize("position", ["0", "!", "1999-01-01", "~"])
def test_a_cursor_outside_a_record_s_events_ends_the_list(billed: Cloud, position: str) -> None:
    """The store refuses a range that ends before it begins; a caller hears nothing of it."""
    answer = billed.get(
        "/billing/{recordId}/events",
        {"cursor": forged({"position": position})},
        recordId="acme~0~1",
    )
    assert (answer.status, answer.json["cursor"]) == (200, None)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    body=json_values
    | st.fixed_dictionaries(
        {}, optional=dict.fromkeys(["userId", "amount", "amountCents", "description"], json_values)
    )
)
def test_any_json_at_all_is_refused_with_nothing_written(cloud: Cloud, body: object) -> None:
    before = cloud.books.counts()
    answers = [
        send(cloud, ADD_FUNDS, json.dumps(body), userId="nobody"),
        send(cloud, "/billing", json.dumps(body)),
        cloud.patch("/users/{userId}", body, userId="nobody"),
    ]
    assert all(400 <= answer.status < 500 for answer in answers)
    assert cloud.books.counts() == before
