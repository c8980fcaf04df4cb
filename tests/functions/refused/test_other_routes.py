"""What the other routes refuse, and how."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.edge.api.all_routes import published_errors
from billing.edge.http.problems import INTERNAL_ERROR_CODE
from tests.functions.refused.asserting import (
    ID,
    KEPT_OUT,
    KEY_MESSAGE,
    OUT_OF_RANGE,
    TOO_LONG,
    UNSEEN,
    USAGE,
    assert_refused,
    forged,
    json_values,
    positions,
)
from tests.support.cloud import Cloud
from tests.support.lambdas import http_event

AMOUNT_CASES = [
    ("0", "must not be less than 1"),
    ("-1", "must not be less than 1"),
    ("1.5", "must be an integer number"),
    ("1.0", "must be an integer number"),
    ("1e2", "must be an integer number"),
    ('"100"', "must be an integer number"),
    ("true", "must be an integer number"),
    ("null", "must be an integer number"),
    ("1000000000000001", "must not be greater than 1000000000000000"),
    ("9007199254740993", "must not be greater than 1000000000000000"),
    ("9" * 40, "must not be greater than 1000000000000000"),
    ("9" * 41, OUT_OF_RANGE),
    ("9" * 5000, OUT_OF_RANGE),
    ("-" + "9" * 41, OUT_OF_RANGE),
    ("1e400", OUT_OF_RANGE),
]


@pytest.mark.parametrize(("literal", "message"), AMOUNT_CASES)
def test_an_amount_that_is_no_positive_integer_of_cents_is_refused(
    cloud: Cloud, literal: str, message: str
) -> None:
    before = cloud.books.counts()
    event = http_event(
        "POST /billing/credit",
        headers={"content-type": "application/json", "idempotency-key": "key-1"},
        body=f'{{"customerId": "acme", "amountCents": {literal}}}',
    )
    assert_refused(cloud.send(event), 400, "invalid_request", {"amountCents": message})
    assert cloud.books.counts() == before


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "is required"),
        ({"Idempotency-Key": ""}, KEY_MESSAGE),
        ({"Idempotency-Key": "   "}, KEY_MESSAGE),
        ({"Idempotency-Key": "k" * 256}, KEY_MESSAGE),
        ({"Idempotency-Key": "k" * 5000}, KEY_MESSAGE),
        ({"Idempotency-Key": "clé"}, KEY_MESSAGE),
        ({"Idempotency-Key": "a\x00b"}, KEY_MESSAGE),
    ],
)
def test_a_credit_without_a_usable_key_is_refused(
    cloud: Cloud, headers: dict[str, str], message: str
) -> None:
    before = cloud.books.counts()
    answer = cloud.post("/billing/credit", {"customerId": "acme", "amountCents": 1}, headers)
    assert_refused(answer, 400, "invalid_request", {"Idempotency-Key": message})
    assert cloud.books.counts() == before


def test_a_credit_of_an_unknown_customer_is_not_found(cloud: Cloud) -> None:
    before = cloud.books.counts()
    assert_refused(cloud.credit("nobody", 1, "key-1"), 404, "customer_not_found")
    assert cloud.books.counts() == before


def test_a_credit_that_the_wallet_cannot_hold_is_refused(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "rich"})
    assert cloud.credit("rich", 10**15, "key-1").status == 201
    before = cloud.books.counts()
    assert_refused(cloud.credit("rich", 1, "key-2"), 409, "limit_reached")
    assert cloud.books.counts() == before


CUSTOMER_CASES: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"id": "no spaces"}, {"id": ID}),
    ({"name": ""}, {"name": UNSEEN}),
    ({"name": "\u3000"}, {"name": UNSEEN}),
    ({"name": "a\nb"}, {"name": f"has the character U+000A; {KEPT_OUT}"}),
    ({"name": "a\x00b"}, {"name": f"has the character U+0000; {KEPT_OUT}"}),
    ({"name": "a\u202eb"}, {"name": f"has the character U+202E; {KEPT_OUT}"}),
    ({"name": "n" * 201}, {"name": TOO_LONG}),
    ({"name": 5}, {"name": "must be a string"}),
    ({"email": "nobody"}, {"email": "must be an e-mail address"}),
    ({"email": "a@b"}, {"email": "must be an e-mail address"}),
    ({"email": "a@b@c.example"}, {"email": "must be an e-mail address"}),
    ({"email": "a@b.example\n"}, {"email": "must be an e-mail address"}),
    ({"email": "a" * 250 + "@b.ex"}, {"email": "must be an e-mail address"}),
    ({"mode": "barter"}, {"mode": "must be 'prepaid' or 'postpaid'"}),
    ({"mode": None}, {"mode": "must be 'prepaid' or 'postpaid'"}),
    ({"mode": "postpaid", "creditLimitCents": -1},
     {"creditLimitCents": "must not be less than 0"}),
    ({"mode": "postpaid", "creditLimitCents": 10**15 + 1},
     {"creditLimitCents": "must not be greater than 1000000000000000"}),
    ({"mode": "postpaid", "creditLimitCents": "5"},
     {"creditLimitCents": "must be an integer number"}),
    ({"creditLimitCents": 5}, {"creditLimitCents": "is only for customers with mode postpaid"}),
    ({"status": "suspended"}, {"status": "is not a known field"}),
    ({"balanceCents": 100}, {"balanceCents": "is not a known field"}),
    ({"createdAt": "2026-01-31T09:00:00Z"}, {"createdAt": "is not a known field"}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "errors"), CUSTOMER_CASES)
def test_a_customer_is_made_only_of_what_a_caller_may_say(
    cloud: Cloud, body: dict[str, Any], errors: dict[str, str]
) -> None:
    before = cloud.books.counts()
    assert_refused(cloud.post("/users", body), 400, "invalid_request", errors)
    assert cloud.books.counts() == before


PRICE = (
    'must be an integer number or a decimal string such as "0.25", with at most 12 decimal places'
)


PRODUCT_CASES: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"unitPriceCents": 0.25}, {"unitPriceCents": PRICE}),
    ({"unitPriceCents": True}, {"unitPriceCents": PRICE}),
    ({"unitPriceCents": "1e2"}, {"unitPriceCents": PRICE}),
    ({"unitPriceCents": " 1"}, {"unitPriceCents": PRICE}),
    ({"unitPriceCents": "0." + "1" * 13},
     {"unitPriceCents": "must not have more than 12 decimal places"}),
    ({"unitPriceCents": "1" * 41}, {"unitPriceCents": OUT_OF_RANGE}),
    ({"unitPriceCents": 10**41}, {"unitPriceCents": OUT_OF_RANGE}),
    ({"unitPriceCents": 1.0}, {"unitPriceCents": PRICE}),
    ({"unitPriceCents": -1}, {"unitPriceCents": "must not be negative"}),
    ({"unitPriceCents": "-0.5"}, {"unitPriceCents": "must not be negative"}),
    ({"unitPriceCents": 10**10 + 1},
     {"unitPriceCents": "must not be greater than 10000000000, which is what one event may cost"}),
    ({"unitDecimals": 7}, {"unitDecimals": "must not be greater than 6"}),
    ({"unitDecimals": -1}, {"unitDecimals": "must not be less than 0"}),
    ({"unitDecimals": "1"}, {"unitDecimals": "must be an integer number"}),
    ({"unitDecimals": 10**41}, {"unitDecimals": OUT_OF_RANGE}),
    ({"name": None}, {"name": "must be a string"}),
    ({"prices": []}, {"prices": "is not a known field"}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "errors"), PRODUCT_CASES)
def test_a_product_is_made_only_of_what_a_caller_may_say(
    cloud: Cloud, body: dict[str, Any], errors: dict[str, str]
) -> None:
    before = cloud.books.counts()
    answer = cloud.post("/products", {"name": "Test", "unitPriceCents": 1} | body)
    assert_refused(answer, 400, "invalid_request", errors)
    assert cloud.books.counts() == before


QUERY_CASES = [
    ({"limit": "0"}, {"limit": "must be an integer from 1 to 100"}),
    ({"limit": "101"}, {"limit": "must be an integer from 1 to 100"}),
    ({"limit": "-1"}, {"limit": "must be an integer from 1 to 100"}),
    ({"limit": "1e1"}, {"limit": "must be an integer from 1 to 100"}),
    ({"limit": "٣"}, {"limit": "must be an integer from 1 to 100"}),
    ({"limit": ""}, {"limit": "must be an integer from 1 to 100"}),
    # API Gateway joins a parameter given twice with a comma.
    ({"limit": "1,2"}, {"limit": "must be an integer from 1 to 100"}),
    ({"cursor": ""}, {"cursor": "is not a cursor that this list gave"}),
    ({"cursor": "nonsense"}, {"cursor": "is not a cursor that this list gave"}),
    ({"cursor": "e30"}, {"cursor": "is not a cursor that this list gave"}),
    ({"cursor": "x" * 5000}, {"cursor": "is not a cursor that this list gave"}),
    ({"page": "2"}, {"page": "is not a known field"}),
]


@pytest.mark.parametrize(("query", "errors"), QUERY_CASES)
@pytest.mark.parametrize("route", ["/users", "/products"])
def test_a_list_is_asked_for_only_in_ways_that_it_knows(
    cloud: Cloud, route: str, query: dict[str, str], errors: dict[str, str]
) -> None:
    assert_refused(cloud.get(route, query), 400, "invalid_request", errors)


def test_a_route_without_parameters_refuses_any(cloud: Cloud) -> None:
    answer = cloud.get("/users/{userId}", {"expand": "all"}, userId="acme")
    assert_refused(answer, 400, "invalid_request", {"expand": "is not a known field"})


def test_the_ledger_is_asked_as_of_a_time(cloud: Cloud) -> None:
    # An offset whose plus sign was not encoded arrives as a space.
    for as_of in ("yesterday", "2026-01-31", "2026-01-31T09:00:00 01:00"):
        answer = cloud.get("/billing/ledger/{customerId}", {"asOf": as_of}, customerId="acme")
        assert answer.json["errors"][0]["field"] == "asOf"
        assert answer.status == 400


@pytest.mark.parametrize("bad", ["%", "%zz", "%2", "a%00b", "a%2Fb", "a b", "é", "a" * 65, "%ff"])
@pytest.mark.parametrize(
    ("route", "name"),
    [
        ("/billing/balance/{customerId}", "customerId"),
        ("/billing/ledger/{customerId}", "customerId"),
        ("/billing/ledger/{customerId}/verify", "customerId"),
        ("/products/{productId}", "productId"),
        ("/users/{userId}", "userId"),
    ],
)
def test_a_path_with_an_id_that_cannot_be_one_is_refused(
    cloud: Cloud, route: str, name: str, bad: str
) -> None:
    assert_refused(cloud.get(route, **{name: bad}), 400, "invalid_request", {name: ID})


@pytest.mark.parametrize(
    ("route", "name", "code"),
    [
        ("/billing/balance/{customerId}", "customerId", "customer_not_found"),
        ("/billing/ledger/{customerId}", "customerId", "customer_not_found"),
        ("/billing/ledger/{customerId}/verify", "customerId", "customer_not_found"),
        ("/products/{productId}", "productId", "product_not_found"),
        ("/users/{userId}", "userId", "customer_not_found"),
    ],
)
def test_a_path_to_nothing_is_not_found(cloud: Cloud, route: str, name: str, code: str) -> None:
    assert_refused(cloud.get(route, **{name: "nobody"}), 404, code)


CURSOR_ROUTES = [
    "/users",
    "/products",
    "/billing/balance/{customerId}",
    "/billing/ledger/{customerId}",
    "/billing/ledger/{customerId}/verify",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(position=positions | json_values, route=st.sampled_from(CURSOR_ROUTES))
def test_a_forged_cursor_is_refused_or_finds_a_page_and_never_breaks_anything(
    cloud: Cloud, position: object, route: str
) -> None:
    path_parameters = {"customerId": "acme"} if "{" in route else {}
    answer = cloud.get(route, {"cursor": forged(position)}, **path_parameters)
    assert answer.status in {200, 400}, answer.text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=json_values | st.fixed_dictionaries({}, optional=dict.fromkeys(USAGE, json_values)))
def test_any_json_at_all_is_refused_with_a_published_code(cloud: Cloud, body: object) -> None:
    before = cloud.books.counts()
    answer = cloud.post("/billing/usage", body)
    codes = {error.code for error in published_errors()} | {INTERNAL_ERROR_CODE}
    assert 400 <= answer.status < 500
    assert answer.json["code"] in codes
    assert cloud.books.counts() == before


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    events=st.lists(
        json_values | st.fixed_dictionaries({}, optional=dict.fromkeys(USAGE, json_values)),
        min_size=1,
        max_size=5,
    )
)
def test_any_json_at_all_in_a_batch_is_rejected_one_by_one(
    cloud: Cloud, events: list[object]
) -> None:
    before = cloud.books.counts()
    answer = cloud.post("/billing/usage/batch", {"events": events})
    if answer.status == 200:
        assert [r["status"] for r in answer.json["results"]] == ["rejected"] * len(events)
    else:
        # NaN, Infinity and half surrogates, which Python writes and JSON does not have.
        assert (answer.status, answer.json["code"]) == (400, "malformed_body")
    assert cloud.books.counts() == before
