"""Values get DynamoDB's types as boto3 gives them, whose slower code this one is held to."""

from collections.abc import Callable
from decimal import Decimal, DecimalException
from enum import StrEnum
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from billing.storage.items import plain, typed


class Colour(StrEnum):
    """A text that has a class of its own, as statuses have."""

    RED = "red"


integers = st.integers(min_value=-(10**38) + 1, max_value=10**38 - 1)
decimals = st.decimals(allow_nan=False, allow_infinity=False)
any_decimals = decimals | st.decimals(min_value=-(10**60), max_value=10**60)
values = st.recursive(
    st.none() | st.booleans() | st.text() | st.just(Colour.RED) | integers | decimals,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def outcome(write: Callable[[Any], object], value: object) -> object:
    """Tell what came of writing a value, or that it was refused."""
    try:
        return write(value)
    except (DecimalException, TypeError):
        return "refused"


def typed_by_boto3(value: object) -> object:
    """Write a value as boto3 does."""
    return TypeSerializer().serialize(value)


def typed_here(value: object) -> object:
    """Write a value as the stores do."""
    return typed({"a": value})["a"]


@given(values)
def test_every_value_is_written_as_boto3_writes_it(value: object) -> None:
    assert outcome(typed_here, value) == outcome(typed_by_boto3, value)


@given(any_decimals | st.integers())
def test_a_number_is_written_or_refused_as_by_boto3_and_never_rounded(
    value: Decimal | int,
) -> None:
    written = outcome(typed_here, value)

    assert written == outcome(typed_by_boto3, value)
    assert written == "refused" or Decimal(written["N"]) == value  # type: ignore[index]


@given(st.dictionaries(st.text(), values, max_size=4))
def test_every_item_is_read_as_boto3_reads_it(item: dict[str, Any]) -> None:
    written = outcome(typed, item)
    if not isinstance(written, dict):
        return
    read = plain(written)

    assert read == {name: TypeDeserializer().deserialize(value) for name, value in written.items()}
    assert read == item


@pytest.mark.parametrize(
    "value",
    [1.5, b"bytes", {"set"}, (1, 2), *map(Decimal, ["NaN", "Infinity", "-Infinity"]), 10**38],
    ids=["float", "bytes", "set", "tuple", "nan", "infinity", "minus-infinity", "39-digits"],
)
def test_what_no_store_writes_is_refused(value: object) -> None:
    assert outcome(typed_here, value) == "refused"
    assert outcome(typed_here, [{"b": value}]) == "refused"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"B": b"x"}, b"x"),
        ({"SS": ["a", "b"]}, {"a", "b"}),
        ({"NS": ["1", "2.5"]}, {Decimal(1), Decimal("2.5")}),
        ({"BS": [b"x"]}, {b"x"}),
    ],
    ids=["bytes", "texts", "numbers", "many-bytes"],
)
def test_a_type_that_only_a_later_version_writes_is_read_beside_the_others(
    written: dict[str, Any], read: object
) -> None:
    assert plain({"known": {"S": "x"}, "unknown": written}) == {"known": "x", "unknown": read}
