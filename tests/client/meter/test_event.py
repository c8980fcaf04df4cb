"""What may be recorded, and how it stands on the wire: digit by digit as it was given."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from usage_billing.meter.event import write_event, write_instant, write_units
from usage_billing.meter.keys import Keys, key_text, newest_key

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("units", "written"),
    [
        (1, "1"),
        (10**12, "1000000000000"),
        (Decimal("2.50"), "2.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-6"), "0.000001"),
        (Decimal("0.1") + Decimal("0.2"), "0.3"),
        ("0.000001", "0.000001"),
        ("007", "007"),
        (12345678901234567890, "12345678901234567890"),
    ],
)
def test_units_are_written_exactly(units: int | Decimal | str, written: str) -> None:
    assert write_units(units) == written


@pytest.mark.parametrize("units", [0.1, 1.0, True, None, b"1"])
def test_what_is_no_exact_number_is_refused(units: Any) -> None:  # noqa: ANN401
    with pytest.raises(TypeError, match="units are an int, a Decimal or a str"):
        write_units(units)


@pytest.mark.parametrize(
    "units",
    [
        0,
        -1,
        10**40,
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("-0"),
        Decimal("1E+1000000"),
        Decimal("1E-1000000"),
        "",
        "0",
        "0.00",
        "-1",
        "1e3",
        " 1",
        "1\n",
        "1.",
        "٣",
        "1_000",
    ],
)
def test_what_nobody_can_use_is_refused(units: int | Decimal | str) -> None:
    with pytest.raises(ValueError, match="units are"):
        write_units(units)


@pytest.mark.parametrize(
    ("event_id", "customer", "product"),
    [
        ("", "acme", "api-calls"),
        ('a"b', "acme", "api-calls"),
        ("a" * 129, "acme", "api-calls"),
        ("a", "-acme", "api-calls"),
        ("a", "acme\n", "api-calls"),
        ("a", "a" * 65, "api-calls"),
        ("a", "acme", "api calls"),
        ("a", 7, "api-calls"),
    ],
)
def test_what_is_no_id_is_refused(event_id: str, customer: str, product: str) -> None:
    with pytest.raises(ValueError, match="beginning with a letter or a digit"):
        write_event(event_id, customer, product, 1, NOON)


def test_a_time_of_any_zone_is_written_in_utc() -> None:
    there = datetime(2026, 1, 31, 14, 0, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    assert write_instant(there) == "2026-01-31T12:00:00.000005Z"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        write_instant(datetime(2026, 1, 31, 12))  # noqa: DTZ001  That is what is refused.


def test_keys_rise_also_while_the_clock_goes_back() -> None:
    keys = Keys()
    steps = [0, 0, 1, -3600_000, 5, *[0] * 5000, 2]
    made = [keys.make(NOON + timedelta(milliseconds=step)) for step in steps]

    assert made == sorted(set(made))
    assert {key_text(key)[14] for key in made} == {"7"}
    assert {key_text(key)[19] for key in made} <= set("89ab")


def test_no_key_of_this_millisecond_is_above_the_newest() -> None:
    assert Keys(lambda size: b"\xff" * size).make(NOON) <= newest_key(NOON)
    assert newest_key(NOON) < Keys(bytes).make(NOON + timedelta(milliseconds=1))


@pytest.mark.parametrize("instant", ["2026-01-31", 1_800_000_000, date(2026, 1, 31)])
def test_what_is_no_time_is_refused(instant: Any) -> None:  # noqa: ANN401
    with pytest.raises(TypeError, match="a time is a datetime"):
        write_instant(instant)


def test_a_time_that_has_no_year_in_utc_is_refused() -> None:
    with pytest.raises(ValueError, match="a year from 1 to 9999"):
        write_instant(datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))))
