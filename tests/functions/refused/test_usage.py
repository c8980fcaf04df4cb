"""What POST /billing/usage refuses, and how."""

import base64
import json

import pytest

from tests.functions.refused.asserting import (
    DEEP,
    DEEPEST,
    ID,
    NUMBER,
    OUT_OF_RANGE,
    TIME,
    USAGE,
    assert_refused,
    number,
)
from tests.support.cloud import Cloud
from tests.support.lambdas import http_event

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
