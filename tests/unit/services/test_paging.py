"""Cursors come back as they were given, and anything else is a mistake of the caller."""

import base64
import json
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from billing.domain.errors import InvalidInputError
from billing.services.paging import decode_cursor, encode_cursor, part_of

parts = st.text(string.ascii_letters + string.digits + " #:-._", min_size=1, max_size=200)


def encoded(text: str) -> str:
    """Wrap a text as a cursor is wrapped."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@given(st.dictionaries(st.sampled_from(["position", "seq", "sum", "hash"]), parts, max_size=3))
def test_a_position_comes_back_as_it_went(position: dict[str, str]) -> None:
    cursor = encode_cursor(position)

    assert decode_cursor(cursor) == position
    assert set(cursor) <= set(string.ascii_letters + string.digits + "-_")


@given(st.text(max_size=2000))
@example(encoded('{"position": "' + "[" * 500))
@example(encoded("[" * 760))
@example("A")
@example("\ud800")
def test_any_text_is_a_cursor_or_invalid_input(text: str) -> None:
    try:
        position = decode_cursor(text)
    except InvalidInputError:
        position = {}

    assert all(isinstance(part, str) for part in position.values())


def test_the_error_names_the_parameter() -> None:
    with pytest.raises(InvalidInputError) as refused:
        decode_cursor("?")

    assert [error.field for error in refused.value.errors] == ["cursor"]


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_any_json_but_an_object_of_texts_is_invalid_input(content: object) -> None:
    with pytest.raises(InvalidInputError):
        decode_cursor(encoded(json.dumps(content)))


@pytest.mark.parametrize(
    "content",
    [
        '{"position": 1}',
        '{"position": null}',
        '{"position": ""}',
        '{"position": ["a"]}',
        '{"position": "\\u0000"}',
        '{"position": "\\ud800"}',
        '{"position": "ä"}',
        '{"position": NaN}',
        "1" * 700,
    ],
)
def test_a_forged_position_that_no_list_has_is_invalid_input(content: str) -> None:
    with pytest.raises(InvalidInputError):
        decode_cursor(encoded(content))


def test_a_cursor_of_another_list_is_invalid_input() -> None:
    position = decode_cursor(encode_cursor({"seq": "7"}))

    with pytest.raises(InvalidInputError):
        part_of(position, "position")


def test_a_cursor_longer_than_any_of_ours_is_not_even_read() -> None:
    with pytest.raises(InvalidInputError):
        decode_cursor(encode_cursor({"position": "x" * 1000}))
