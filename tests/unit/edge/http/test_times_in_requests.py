"""A time in a request is read to the microsecond, in whatever zone and however finely told."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from billing.edge.http.fields import Instant

READER: TypeAdapter[datetime] = TypeAdapter(Instant)


@pytest.mark.parametrize(
    ("fraction", "microseconds"),
    [
        ("", 0),
        (".5", 500_000),
        (".123456", 123_456),
        (".1234569", 123_456),
        (".123456789", 123_456),
        (".1234567890", 123_456),
        (".999999999999", 999_999),
        ("." + "9" * 1000, 999_999),
    ],
    ids=["none", "one", "six", "seven", "nine", "ten", "twelve", "a thousand"],
)
def test_any_number_of_digits_of_a_second_is_cut_to_microseconds(
    fraction: str, microseconds: int
) -> None:
    read = READER.validate_python(f"2026-01-31T09:00:00{fraction}Z")

    assert read == datetime(2026, 1, 31, 9, 0, 0, microseconds, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2016-12-31T23:59:60Z", "2016-12-31t23:59:60.5z", "2016-12-31T15:59:60-08:00",
     "2017-01-01T05:29:60.999999999999+05:30"],
    ids=["in UTC", "half of it", "west of it", "east of it"],
)  # fmt: skip
def test_a_leap_second_is_the_beginning_of_the_second_after_it(text: str) -> None:
    assert READER.validate_python(text) == datetime(2017, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2026-01-31T09:00:60Z", "2026-01-30T23:59:60Z", "2016-12-31T23:59:60+01:00",
     "2016-12-31T23:59:61Z", "2016-12-31T23:60:60Z", "9999-12-31T23:59:60Z",
     "2026-01-31T09:00:00.Z", "2026-01-31T09:00:00.1", "2026-01-31T24:00:00Z"],
    ids=["in the morning", "within a month", "in another zone", "a second leap second",
         "minute sixty", "beyond all years", "a point without digits", "no offset", "hour 24"],
)  # fmt: skip
def test_a_second_that_never_was_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="must be a time with an offset as in RFC 3339"):
        READER.validate_python(text)
