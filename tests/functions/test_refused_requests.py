"""Whatever is wrong with a request, the caller hears what, and nothing is written."""

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.edge.api.all_routes import published_errors
from billing.edge.http.problems import INTERNAL_ERROR_CODE
from tests.support.cloud import Cloud
from tests.support.lambdas import HttpAnswer, http_event

USAGE = {"id": "event-1", "customerId": "acme", "productId": "api-calls", "units": 1}
NUMBER = 'must be a number, or a decimal string such as "1.5"'
OUT_OF_RANGE = "is out of range: a number has at most 40 digits, and an exponent from -40 to 40"
ID = (
    "must be an id: 1 to 64 letters, digits, dots, underscores, colons and hyphens, "
    "beginning with a letter or a digit"
)
UNSEEN = "must have a character that can be seen"
KEPT_OUT = (
    "must not have control characters, line separators, "
    "characters that turn the direction of text, or unassigned ones"
)
TOO_LONG = "must not be longer than 200 characters"
TIME = "must be a time with an offset as in RFC 3339, such as 2026-01-31T09:00:00Z"
DEEP = "[" * 33 + "]" * 33
DEEPEST = "[" * 200_000 + "]" * 200_000


def assert_refused(
    answer: HttpAnswer, status: int, code: str, errors: dict[str, str] | None = None
) -> None:
    """Check that an answer is a complete problem document, with these fields at fault."""
    problem = answer.json
    assert (answer.status, problem["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["type"] == f"urn:usage-billing:error:{code}"
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"].startswith("urn:usage-billing:request:")
    assert {e["field"]: e["message"] for e in problem.get("errors", [])} == (errors or {})


def number(literal: str) -> str:
    """Write a usage event whose units are a literal, as it stands."""
    return json.dumps(USAGE).replace('"units": 1', f'"units": {literal}')


# One line a case: the units as they stand in the JSON, and the message about the field units.
BAD_UNITS = [
    ("0", "must be greater than 0"),
    ("-1", "must be greater than 0"),
    ('""', NUMBER),
    ("false", NUMBER),
    ("1.5", "must be a whole number"),
    ("2.5", "must be a whole number"),
    ("25e-1", "must be a whole number"),
    ("1e400", OUT_OF_RANGE),
    ("1E-400", OUT_OF_RANGE),
    ("1e-40", "must be a whole number"),
    ("null", NUMBER),
    ('"abc"', NUMBER),
    ("[5]", NUMBER),
    ("[]", NUMBER),
    ("{}", NUMBER),
    ('" 7 "', NUMBER),
    ('"7 "', NUMBER),
    ('"+7"', NUMBER),
    ('"7."', NUMBER),
    ('".7"', NUMBER),
    ('"1,000"', NUMBER),
    (r'"\u0667"', NUMBER),
    ('"0x10"', NUMBER),
    ('"1e3"', NUMBER),
    ('"NaN"', NUMBER),
    ('"Infinity"', NUMBER),
    ('"true"', NUMBER),
    ('"1.50"', "must be a whole number"),
    ('"0"', "must be greater than 0"),
    ('"-1"', "must be greater than 0"),
    ('"-0.0"', "must be greater than 0"),
    ("-0.0", "must be greater than 0"),
    ("true", NUMBER),
    ("1000000000001", "must not be greater than 1000000000000"),
    ("9007199254740993", "must not be greater than 1000000000000"),
    ("100000000000000000000", "must not be greater than 1000000000000"),
    ("1000000000000.5", "must not be greater than 1000000000000"),
    ('"100000000000000000000"', "must not be greater than 1000000000000"),
    ("1e308", OUT_OF_RANGE),
    ("1e20", "must not be greater than 1000000000000"),
    ("9" * 5000, OUT_OF_RANGE),
    ("0." + "1" * 5000, OUT_OF_RANGE),
    (f'"{"9" * 5000}"', OUT_OF_RANGE),
    (f'"0.{"1" * 5000}"', OUT_OF_RANGE),
    ("1e999999999999999999999999", OUT_OF_RANGE),
]


@pytest.mark.parametrize(("literal", "message"), BAD_UNITS)
def test_units_that_are_no_positive_whole_number_are_refused_by_name(
    cloud: Cloud, literal: str, message: str
) -> None:
    before = cloud.books.counts()
    answer = cloud.post_text("/billing/usage", number(literal))
    assert_refused(answer, 400, "invalid_request", {"units": message})
    assert cloud.books.counts() == before


# What the body of POST /billing/usage is, and how it is refused.
BAD_BODIES: list[tuple[str, str | None, int, str, dict[str, str]]] = [
    ("units missing", '{"customerId": "acme", "productId": "api-calls"}', 400, "invalid_request",
     {"units": "is required"}),
    ("an empty object", "{}", 400, "invalid_request",
     {"customerId": "is required", "productId": "is required", "units": "is required"}),
    ("an unknown field", '{"customerId": "acme", "productId": "api-calls", "units": 1, "x": 2}',
     400, "invalid_request", {"x": "is not a known field"}),
    ("a price of the caller's own",
     '{"customerId": "acme", "productId": "api-calls", "units": 1, "unitPriceCents": 0}',
     400, "invalid_request", {"unitPriceCents": "is not a known field"}),
    ("our own field name", '{"customer_id": "acme", "productId": "api-calls", "units": 1}',
     400, "invalid_request", {"customerId": "is required", "customer_id": "is not a known field"}),
    ("__proto__", '{"customerId": "acme", "productId": "api-calls", "units": 1, "__proto__": {}}',
     400, "invalid_request", {"__proto__": "is not a known field"}),
    ("no body", None, 400, "malformed_body", {}),
    ("an empty body", "", 400, "malformed_body", {}),
    ("blanks", "  \n", 400, "malformed_body", {}),
    ("an empty list", "[]", 400, "invalid_request", {"body": "must be an object"}),
    ("a list of events", json.dumps([USAGE]), 400, "invalid_request",
     {"body": "must be an object"}),
    ("null", "null", 400, "invalid_request", {"body": "must be an object"}),
    ("a string", '"str"', 400, "invalid_request", {"body": "must be an object"}),
    ("a number", "7", 400, "invalid_request", {"body": "must be an object"}),
    ("half an object", '{"units": 1', 400, "malformed_body", {}),
    ("single quotes", "{'units': 1}", 400, "malformed_body", {}),
    ("a comma too many", '{"units": 1,}', 400, "malformed_body", {}),
    ("a leading zero", number("01"), 400, "malformed_body", {}),
    ("two documents", "{}{}", 400, "malformed_body", {}),
    ("a byte order mark", "\ufeff{}", 400, "malformed_body", {}),
    ("NaN", number("NaN"), 400, "malformed_body", {"units": "NaN is not JSON"}),
    ("Infinity", number("Infinity"), 400, "malformed_body", {"units": "Infinity is not JSON"}),
    ("-Infinity", number("-Infinity"), 400, "malformed_body", {"units": "-Infinity is not JSON"}),
    ("a field twice", '{"units": 1, "units": 2}', 400, "malformed_body",
     {"units": "stands twice in the same object"}),
    ("33 levels", DEEP, 400, "malformed_body", {}),
    ("200,000 levels", DEEPEST, 400, "malformed_body", {}),
    ("half a surrogate pair", '{"id": "\\ud800"}', 400, "malformed_body",
     {"id": "has half of a surrogate pair, which is no character"}),
    ("half a surrogate pair in a name", '{"\\ud800": 1}', 400, "malformed_body",
     {"?": "has a name that is no text"}),
    ("bytes lost before they came here", '{"id": "\ufffd"}', 400, "malformed_body", {}),
    ("NUL", '{"id": "a\\u0000b", "customerId": "acme", "productId": "api-calls", "units": 1}',
     400, "invalid_request", {"id": ID.replace("64", "128")}),
    ("a raw control character", '{"id": "a\x00b"}', 400, "malformed_body", {}),
    ("more than 1 MiB", '"' + "x" * 1024 * 1024 + '"', 413, "body_too_large", {}),
    ("1 MiB of characters of two bytes", '"' + "é" * 600_000 + '"', 413, "body_too_large", {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "status", "code", "errors"),
    [case[1:] for case in BAD_BODIES],
    ids=[case[0] for case in BAD_BODIES],
)
def test_a_body_that_is_not_the_json_asked_for_is_refused(
    cloud: Cloud, text: str | None, status: int, code: str, errors: dict[str, str]
) -> None:
    before = cloud.books.counts()
    assert_refused(cloud.post_text("/billing/usage", text), status, code, errors)
    assert cloud.books.counts() == before


@pytest.mark.parametrize("raw", [b"\xff\xfe", b'{"id": "\xe9"}', b'{"id": "\xed\xa0\x80"}'])
def test_bytes_that_are_not_utf_8_are_refused(cloud: Cloud, raw: bytes) -> None:
    event = http_event(
        "POST /billing/usage",
        headers={"content-type": "application/json"},
        body=base64.b64encode(raw).decode(),
        is_base64=True,
    )
    assert_refused(cloud.send(event), 400, "malformed_body")


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonp",
     "text/json", "application/json; charset=latin-1"],
)  # fmt: skip
def test_a_body_that_is_not_declared_as_json_is_refused(
    cloud: Cloud, content_type: str | None
) -> None:
    before = cloud.books.counts()
    answer = cloud.post_text("/billing/usage", json.dumps(USAGE), content_type=content_type)
    assert_refused(answer, 415, "unsupported_media_type")
    assert cloud.books.counts() == before


BAD_IDS: list[object] = [
    17,
    None,
    "",
    " acme",
    "acme ",
    "a/b",
    "-a",
    "é",
    "a" * 65,
    True,
    ["acme"],
    {},
    "a\n",
]


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize("field", ["customerId", "productId"])
def test_an_id_that_cannot_be_one_is_refused_by_name(cloud: Cloud, field: str, bad: object) -> None:
    answer = cloud.post("/billing/usage", {**USAGE, field: bad})
    assert_refused(answer, 400, "invalid_request", {field: ID})


@pytest.mark.parametrize(
    ("field", "code"), [("customerId", "customer_not_found"), ("productId", "product_not_found")]
)
def test_an_unknown_customer_or_product_is_not_found(cloud: Cloud, field: str, code: str) -> None:
    before = cloud.books.counts()
    unknown = "3f333df6-90a4-4fda-8dd3-9485d27cee36"
    assert_refused(cloud.post("/billing/usage", {**USAGE, field: unknown}), 404, code)
    # An id is taken as it is written: another case is another customer.
    assert_refused(cloud.post("/billing/usage", {**USAGE, field: "ACME"}), 404, code)
    assert cloud.books.counts() == before


@pytest.mark.parametrize(
    ("occurred_at", "message"),
    [
        ("2026-01-31", TIME),
        ("2026-01-31T09:00:00", TIME),
        ("2026-02-30T09:00:00Z", TIME),
        ("0001-01-01T00:00:00+14:00", TIME),
        ("9999-12-31T23:59:59-14:00", TIME),
        (1769850000, TIME),
        ("1999-12-31T23:59:59Z", "must not be before the year 2000"),
        ("9999-12-31T23:59:59Z", "must not be more than a day ahead"),
    ],
)  # fmt: skip
def test_a_time_that_is_none_is_refused(cloud: Cloud, occurred_at: object, message: str) -> None:
    answer = cloud.post("/billing/usage", {**USAGE, "occurredAt": occurred_at})
    assert_refused(answer, 400, "invalid_request", {"occurredAt": message})


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


KEY_MESSAGE = "must be 1 to 255 printable ASCII characters"


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

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)
positions = st.dictionaries(
    st.sampled_from(["position", "seq", "sum", "hash"]),
    st.text(max_size=40)
    | st.integers().map(str)
    | st.from_regex(r"-?[0-9]{1,700}", fullmatch=True),
    min_size=1,
)


def forged(position: object) -> str:
    """Write a cursor the way this API does."""
    text = json.dumps(position).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


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
