"""Whatever arrives, strict_json gives plain values or one of its refusals."""

import base64
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.errors import InvalidInputError
from billing.edge.http.errors import (
    BodyTooLargeError,
    MalformedBodyError,
    UnsupportedMediaTypeError,
)
from billing.edge.http.strict_json import (
    BODY_BYTES_MAX,
    DEPTH_MAX,
    Json,
    OutOfRangeNumber,
    check_media_type,
    decode_body,
    parse,
)

PLAIN = (str, int, Decimal, bool, type(None), OutOfRangeNumber)


def leaves(value: object) -> list[object]:
    """Give all values in a tree that hold no others."""
    if isinstance(value, dict):
        return [leaf for member in value.values() for leaf in leaves(member)]
    if isinstance(value, list):
        return [leaf for member in value for leaf in leaves(member)]
    return [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None),
        ("true", True),
        ('"é\\u00e9\\ud83d\\ude00"', "éé😀"),
        ("0", 0),
        ("-0", 0),
        ("9" * 40, int("9" * 40)),
        ("1.50", Decimal("1.50")),
        ("1e2", Decimal("1e2")),
        ("0.1", Decimal("0.1")),
        ("1e40", Decimal("1e40")),
        ('{"a": [1, {"b": null}]}', {"a": [1, {"b": None}]}),
        ('{"": 1}', {"": 1}),
        ("[" * 32 + "]" * 32, json.loads("[" * 32 + "]" * 32)),
    ],
)
def test_strict_json_is_read_exactly(text: str, value: Json) -> None:
    result = parse(text)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    "literal",
    ["9" * 41, "-" + "9" * 41, "9" * 5000, "1e41", "1e-41", "1e400", "1E+99999999999999999999",
     "0e99999", "0." + "1" * 41, "1." + "0" * 5000],
)  # fmt: skip
def test_a_number_out_of_range_spoils_itself_alone(literal: str) -> None:
    assert parse(f'{{"a": {literal}, "b": 1}}') == {"a": OutOfRangeNumber(), "b": 1}


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ('{"a": {"b": [0, NaN]}}', "a.b.1", "NaN is not JSON"),
        ('{"events": [{"id": 1}, {"id": 1, "id": 1}]}', "events.1.id",
         "stands twice in the same object"),
        ('{"a": {"x": 1, "x": 2}, "a": 3}', "a", "stands twice in the same object"),
        ('{"a": ["\\udfff"]}', "a.0", "has half of a surrogate pair, which is no character"),
        ('{"a": {"\\udfff": 1}}', "a.?", "has a name that is no text"),
        ('"\\ud800"', "", "has half of a surrogate pair, which is no character"),
        ("NaN", "", "NaN is not JSON"),
        (json.dumps({"k" * 5000: 1})[:-1] + ', "' + "k" * 5000 + '": 1}', "k" * 128,
         "stands twice in the same object"),
    ],
)  # fmt: skip
def test_what_no_json_may_hold_is_refused_where_it_stands(
    text: str, field: str, message: str
) -> None:
    with pytest.raises(MalformedBodyError) as refusal:
        parse(text)
    assert [(e.field, e.message) for e in refusal.value.errors] == [(field, message)]


@pytest.mark.parametrize("depth", [33, 1_000, 9_000, 500_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth_is_bounded(depth: int, opening: str, closing: str) -> None:
    with pytest.raises(MalformedBodyError, match="more than 32 levels"):
        parse(opening * depth + "1" + closing * depth)


def test_a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_not() -> None:
    largest = '"' + "x" * (BODY_BYTES_MAX - 2) + '"'
    assert decode_body(largest, is_base64=False) == largest
    coded = base64.b64encode(largest.encode()).decode()
    assert decode_body(coded, is_base64=True) == largest
    for body, is_base64 in (
        (largest + " ", False),
        (base64.b64encode(largest.encode() + b" ").decode(), True),
        (base64.b64encode(largest.encode() * 2).decode(), True),
    ):
        with pytest.raises(BodyTooLargeError):
            decode_body(body, is_base64=is_base64)


@pytest.mark.parametrize("body", ["%%%", "é", "a", "YQ", "YQ==\n", "\ud800"])
def test_base64_that_is_none_is_refused(body: str) -> None:
    with pytest.raises(MalformedBodyError):
        decode_body(body, is_base64=True)


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "APPLICATION/JSON", "application/json;charset=utf-8",
     'application/json; charset="UTF-8"', "application/vnd.acme.usage+json",
     "application/json; profile=x"],
)  # fmt: skip
def test_json_may_be_declared_in_these_ways(content_type: str) -> None:
    check_media_type(content_type)


@pytest.mark.parametrize("content_type", [None, "", ";", "json", "application/", "a/b+json"])
def test_anything_else_is_no_declaration_of_json(content_type: str | None) -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        check_media_type(content_type)


@given(raw=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        result = parse(decode_body(base64.b64encode(raw).decode(), is_base64=True))
    except InvalidInputError:
        return
    assert all(isinstance(leaf, PLAIN) for leaf in leaves(result))


fragments = st.sampled_from(
    ["{", "}", "[", "]", ",", ":", '"', '"a"', "\\", "\\u", "\\ud800", "1", "-", ".", "e", "9" * 60,
     "1e999", "NaN", "Infinity", "null", "true", " ", "\x00", "\ufeff", "é", "\ud800"]
)  # fmt: skip


@given(pieces=st.lists(fragments, max_size=30))
def test_any_near_miss_of_json_is_read_or_refused(pieces: list[str]) -> None:
    try:
        result = parse(decode_body("".join(pieces), is_base64=False))
    except InvalidInputError:
        return
    assert all(isinstance(leaf, PLAIN) for leaf in leaves(result))


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers(-(10**39), 10**39) | st.text(),
        lambda children: st.lists(children) | st.dictionaries(st.text(), children),
        max_leaves=30,
    )
)
def test_json_that_python_writes_is_read_back(value: Json) -> None:
    text = json.dumps(value, ensure_ascii=False)
    try:
        assert parse(decode_body(text, is_base64=False)) == value
    except MalformedBodyError:
        # The one text that is JSON and refused: bytes were lost before they came here.
        assert "\ufffd" in text


def depth(value: Json) -> int:
    """Count how many containers stand one in another."""
    if isinstance(value, dict | list):
        members = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth, members), default=0)
    return 0


def nested(value: Json, levels: int) -> Json:
    """Put a value into lists and objects by turns."""
    for level in range(levels):
        value = [value, 1] if level % 2 else {"a": 1, "b": value}
    return value


@given(
    value=st.recursive(
        st.none() | st.integers() | st.sampled_from(["", "a", "\ud800", "é", "\udfff b"]),
        lambda children: (
            st.lists(children, max_size=3)
            | st.dictionaries(st.sampled_from(["a", "b", "\udc00"]), children, max_size=3)
        ),
        max_leaves=8,
    ),
    levels=st.integers(0, DEPTH_MAX + 2),
    escaped=st.booleans(),
)
def test_what_is_too_deep_or_no_text_is_refused_wherever_it_stands(
    value: Json, levels: int, *, escaped: bool
) -> None:
    """The plain rules; what reads most bodies looks at their containers alone."""
    whole = nested(value, levels)
    text = json.dumps(whole, ensure_ascii=escaped)
    has_half = any(f"\\ud{half}" in json.dumps(whole) for half in ("800", "fff", "c00"))

    if depth(whole) > DEPTH_MAX or has_half:
        with pytest.raises(MalformedBodyError):
            parse(text)
    else:
        assert parse(text) == whole
