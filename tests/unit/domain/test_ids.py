"""Ids: the ones made here follow RFC 9562, the ones that callers choose follow the pattern."""

import string
import uuid
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.ids import is_event_id, is_id, is_idempotency_key, uuid7
from tests.support.clock import START
from tests.unit.domain.drawn import EPOCH, instants

random_parts = st.binary(min_size=10, max_size=10)
ALLOWED = set(string.ascii_letters + string.digits + "._:-")


@given(instants, random_parts)
def test_a_made_id_is_a_uuid_of_version_7(now: datetime, random: bytes) -> None:
    made = uuid.UUID(uuid7(now, random))

    assert made.version == 7
    assert made.variant == uuid.RFC_4122


@given(instants, random_parts)
def test_a_made_id_begins_with_the_milliseconds_of_its_making(now: datetime, random: bytes) -> None:
    milliseconds = (now - EPOCH) // timedelta(milliseconds=1)

    assert uuid.UUID(uuid7(now, random)).int >> 80 == milliseconds


@given(instants, random_parts, random_parts, st.integers(1, 10**6))
def test_a_later_id_sorts_later(now: datetime, one: bytes, other: bytes, later: int) -> None:
    assert uuid7(now, one) < uuid7(now + timedelta(milliseconds=later), other)


@given(random_parts, random_parts)
def test_all_random_bits_but_version_and_variant_are_kept(one: bytes, other: bytes) -> None:
    mask = ~((0xF << 76) | (0x3 << 62))
    same = int.from_bytes(one) & mask == int.from_bytes(other) & mask

    assert (uuid7(START, one) == uuid7(START, other)) == same


def test_an_id_takes_ten_random_bytes() -> None:
    with pytest.raises(ValueError, match="10 random bytes"):
        uuid7(START, b"too few")


@given(instants, random_parts)
def test_a_made_id_may_name_anything(now: datetime, random: bytes) -> None:
    assert is_id(uuid7(now, random))
    assert is_event_id(uuid7(now, random))


@given(st.text(max_size=70))
def test_an_id_is_short_ascii_that_begins_with_a_letter_or_digit(text: str) -> None:
    well_formed = text != "" and set(text) <= ALLOWED and text[0] not in "._:-"

    assert is_id(text) == (well_formed and len(text) <= 64)
    assert is_event_id(text) == (well_formed and len(text) <= 128)


@pytest.mark.parametrize(
    "text", ["a" * 65, "", "a\n", "a b", "a#b", "a~1", "ä", "-a", "../a", "\u0661"]
)
def test_what_could_break_a_key_or_a_list_is_no_id(text: str) -> None:
    assert not is_id(text)


def test_an_event_id_may_be_twice_as_long_as_another_id() -> None:
    assert is_event_id("e" * 128)
    assert not is_event_id("e" * 129)
    assert is_id("e" * 64)


@pytest.mark.parametrize("key", ["k", "usage:event-1", "acme~0~1", "a key with spaces", "~" * 255])
def test_a_printable_key_may_be_an_idempotency_key(key: str) -> None:
    assert is_idempotency_key(key)


@pytest.mark.parametrize("key", ["", " ", " padded", "padded ", "k\n", "k\x00", "clé", "k" * 256])
def test_a_blank_padded_unprintable_or_long_key_is_refused(key: str) -> None:
    assert not is_idempotency_key(key)
