"""A usage event as JSON: read strictly when it is given, so that nothing turns out wrong later."""

import re
from datetime import UTC, datetime
from decimal import Decimal

# What the API takes as names; none of these characters means anything in JSON.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
_EVENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)

# The API reads no number with more; how large and how fine units may be is for the product to say.
_DIGITS_MAX = 40


def write_event(
    event_id: str, customer: str, product: str, units: int | Decimal | str, occurred_at: datetime
) -> str:
    """Write an event as the API takes it; raises ValueError or TypeError where it never would."""
    _check(_EVENT_ID, event_id, "an event's id", 128)
    _check(_ID, customer, "a customer's id", 64)
    _check(_ID, product, "a product's id", 64)
    return (
        f'{{"id":"{event_id}","customerId":"{customer}","productId":"{product}",'
        f'"units":"{write_units(units)}","occurredAt":"{write_instant(occurred_at)}"}}'
    )


def write_units(units: int | Decimal | str) -> str:
    """Write a quantity as a decimal string, digit by digit as it was given.

    Raises TypeError for a float, which is no exact quantity, and ValueError for what is not above 0
    or has more than 40 digits.
    """
    if isinstance(units, bool) or not isinstance(units, int | Decimal | str):
        raise TypeError(f"units are an int, a Decimal or a str, not {type(units).__name__}")
    text = units if isinstance(units, str) else _write_number(units)
    if not _DECIMAL.fullmatch(text) or len(text.replace(".", "")) > _DIGITS_MAX:
        raise ValueError(f"units are digits, at most {_DIGITS_MAX}, perhaps with a point")
    if not text.strip("0."):
        raise ValueError("units are greater than 0")
    return text


def _write_number(units: int | Decimal) -> str:
    number = Decimal(units) if isinstance(units, int) else units
    # Written out, 1E+1000000 would be a megabyte.
    if not number.is_finite() or abs(number.adjusted()) > _DIGITS_MAX:
        raise ValueError(f"units are a number of at most {_DIGITS_MAX} digits")
    return format(number, "f")


def write_instant(instant: datetime) -> str:
    """Write an instant in UTC to the microsecond; raises TypeError for what is no datetime, and
    ValueError where it has no zone.
    """
    if not isinstance(instant, datetime):
        raise TypeError(f"a time is a datetime, not {type(instant).__name__}")
    if instant.tzinfo is None:
        raise ValueError("a time without a zone could be any of twenty-four: give one")
    try:
        there = instant.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise ValueError("a time has a year from 1 to 9999, also in UTC") from None
    return f"{there.isoformat(timespec='microseconds')}Z"


def _check(pattern: re.Pattern[str], text: str, what: str, length_max: int) -> None:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise ValueError(
            f"{what} is 1 to {length_max} letters, digits, dots, underscores, colons and hyphens, "
            "beginning with a letter or a digit"
        )
