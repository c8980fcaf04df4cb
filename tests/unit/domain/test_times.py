"""Instants are written so that the order of text is the order of time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.times import begins_month, from_text, month_of, month_start_from, to_text
from tests.support.clock import START
from tests.unit.domain.drawn import instants

zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(instants, zones)
def test_an_instant_of_any_zone_is_written_in_utc(instant: datetime, zone: timezone) -> None:
    assert to_text(instant.astimezone(zone)) == to_text(instant)


@given(instants)
def test_an_instant_comes_back_from_its_text(instant: datetime) -> None:
    assert from_text(to_text(instant)) == instant


@given(instants, instants)
def test_text_order_is_time_order(one: datetime, other: datetime) -> None:
    assert (to_text(one) < to_text(other)) == (one < other)


@given(instants, zones)
def test_an_instant_is_written_as_a_pattern_would(instant: datetime, zone: timezone) -> None:
    """The plain way to write it, which is several times slower."""
    in_utc = instant.astimezone(UTC)

    assert to_text(instant.astimezone(zone)) == in_utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert month_of(instant.astimezone(zone)) == in_utc.strftime("%Y-%m")


@given(instants)
def test_a_text_is_read_as_a_pattern_would(instant: datetime) -> None:
    text = to_text(instant)

    read = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    assert (from_text(text), from_text(text).tzinfo) == (read, UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-15T09:00:00Z",
        "2026-01-15T09:00:00.000000",
        "2026-01-15T09:00:00.000000+00:00",
        "2026-01-15T10:00:00.000000+01:00",
        "2026-01-15 09:00:00.000000Z",
        "20260115T090000.000000Z",
        "2026-W03-4T09:00:00.000000Z",
        "2026-01-15",
        "",
    ],
    ids=[
        "without-microseconds",
        "without-zone",
        "offset-of-utc",
        "other-offset",
        "space",
        "basic-format",
        "week-date",
        "date",
        "nothing",
    ],
)
def test_only_what_was_written_here_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"instant|isoformat"):
        from_text(text)


def test_every_text_has_the_same_length() -> None:
    assert to_text(START) == "2026-01-15T09:00:00.000000Z"
    assert to_text(START.replace(microsecond=7)) == "2026-01-15T09:00:00.000007Z"


def test_an_instant_without_a_zone_is_none() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_text(datetime(2026, 1, 1))  # noqa: DTZ001 - the missing zone is the point


def test_the_month_is_that_of_utc() -> None:
    late_evening_in_new_york = datetime(2026, 1, 31, 22, 0, tzinfo=timezone(-timedelta(hours=5)))

    assert month_of(late_evening_in_new_york) == "2026-02"
    assert month_of(datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=UTC)) == "2026-01"


@given(instants)
def test_a_month_begins_at_its_first_instant_in_utc(instant: datetime) -> None:
    start = month_start_from(instant)

    assert begins_month(start)
    assert instant <= start < instant + timedelta(days=32)
    assert begins_month(instant) == (start == instant)
    assert month_of(start - timedelta(microseconds=1)) != month_of(start)


def test_a_month_of_a_december_is_followed_by_january() -> None:
    tokyo = timezone(timedelta(hours=9))
    december = datetime(2025, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)

    assert month_start_from(december) == datetime(2026, 1, 1, tzinfo=UTC)
    assert begins_month(datetime(2026, 1, 1, 9, tzinfo=tokyo))
    assert not begins_month(datetime(2026, 1, 1, tzinfo=tokyo))
