"""The types of JSON fields: strict, and each with a plain sentence for whoever gets one wrong.

"10", true, 1.0 and 1e2 are no integers. A quantity is a decimal number, of which 2, 2.00 and 2e0
are the same.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from billing.domain.ids import EVENT_ID_PATTERN, ID_PATTERN, is_event_id, is_id
from billing.domain.money import MAX_CENTS, PRICE_DECIMALS_MAX, decimal_places, trimmed
from billing.domain.records import RecordId
from billing.edge.http.strict_json import (
    OUT_OF_RANGE_MESSAGE,
    OutOfRangeNumber,
    decimal_of,
    is_in_range,
)
from billing.edge.http.text import fault_of_text
from billing.services.paging import PAGE_ITEMS_MAX

NAME_LENGTH_MAX = 200
EMAIL_LENGTH_MAX = 254
PAGE_ITEMS_DEFAULT = 50

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_EMAIL = re.compile(r"[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+")
_INSTANT = re.compile(
    r"(?P<minute>\d{4}-\d\d-\d\dT\d\d:\d\d):(?P<second>\d\d)"
    r"((?P<fraction>\.\d{1,6})\d*)?(?P<offset>Z|[+-]\d\d:\d\d)",
    re.ASCII | re.IGNORECASE,
)
_LEAP_SECOND = "60"

_MAJOR_DECIMALS = 2

ID_MESSAGE = (
    "must be an id: 1 to 64 letters, digits, dots, underscores, colons and hyphens, "
    "beginning with a letter or a digit"
)
EVENT_ID_MESSAGE = ID_MESSAGE.replace("64", "128")


def _fault(message: str) -> PydanticCustomError:
    return PydanticCustomError("refused", "{message}", {"message": message})


def _read_id(value: object) -> str:
    if not isinstance(value, str) or not is_id(value):
        raise _fault(ID_MESSAGE)
    return value


def _read_event_id(value: object) -> str:
    if not isinstance(value, str) or not is_event_id(value):
        raise _fault(EVENT_ID_MESSAGE)
    return value


def _read_record_id(value: object) -> str:
    try:
        return str(RecordId.parse(value if isinstance(value, str) else ""))
    except ValueError:
        raise _fault("must be the id of a billing record") from None


def _read_user_id(value: object) -> str:
    """Read a customer's id from a log line, where an integer stands for its digits."""
    if isinstance(value, int | OutOfRangeNumber) and not isinstance(value, bool):
        number = _number(value, ID_MESSAGE)
        value = str(int(number)) if number >= 0 else value
    return _read_id(value)


def _number(value: object, otherwise: str) -> Decimal:
    """Read a JSON number exactly, however it is written; `otherwise` is told where it is none."""
    if isinstance(value, OutOfRangeNumber):
        raise _fault(OUT_OF_RANGE_MESSAGE)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _fault(otherwise)
    if not is_in_range(value):
        raise _fault(OUT_OF_RANGE_MESSAGE)
    return Decimal(value)


def _read_quantity(value: object) -> Decimal:
    """Read a quantity from a log line: as units, but a number in any case."""
    # Exporters write 2 as 2.00, and the same quantity must have one form from here on.
    return trimmed(_number(value, "must be a number"))


def _read_units(value: object) -> Decimal:
    """Read a quantity, whole or not; how fine it may be is for its product to say."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = decimal_of(value)
    return trimmed(_number(value, 'must be a number, or a decimal string such as "1.5"'))


def _read_price(value: object) -> Decimal:
    message = (
        'must be an integer number or a decimal string such as "0.25", with at most '
        f"{PRICE_DECIMALS_MAX} decimal places"
    )
    if isinstance(value, Decimal):
        # Who writes 0.25 may have it from a float, which is no exact price.
        raise _fault(message)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = decimal_of(value)
    return _number(value, message)


def _read_major_units(value: object) -> int:
    """Read an amount in major units, such as 12.5, as cents; never by way of a float."""
    message = f"must be a number with at most {_MAJOR_DECIMALS} decimal places"
    amount = _number(value, message)
    if decimal_places(amount) > _MAJOR_DECIMALS:
        raise _fault(message)
    cents = amount * 100
    if not 1 <= cents <= MAX_CENTS:
        raise _fault(f"must be from 0.01 to {MAX_CENTS // 100}")
    return int(cents)


def _read_instant(value: object) -> datetime:
    """Read RFC 3339 with an offset; digits beyond the microsecond are dropped."""
    parts = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    instant = None if parts is None else _instant_of(parts)
    if instant is None:
        raise _fault("must be a time with an offset as in RFC 3339, such as 2026-01-31T09:00:00Z")
    return instant


def _instant_of(parts: re.Match[str]) -> datetime | None:
    """Return the instant in UTC; None where there is no such day, hour, minute or second.

    A leap second, which no clock here has, is the beginning of the second after it: of a month.
    """
    is_leap = parts["second"] == _LEAP_SECOND
    second = "59" if is_leap else parts["second"] + (parts["fraction"] or "")
    try:
        text = f"{parts['minute']}:{second}{parts['offset']}".upper()
        instant = datetime.fromisoformat(text).astimezone(UTC)
        after = instant + timedelta(seconds=1) if is_leap else instant
    except (ValueError, OverflowError):
        # Also a time that is before the year 1 in UTC, or after the year 9999.
        return None
    begins_month = (after.day, after.hour, after.minute, after.second) == (1, 0, 0, 0)
    return after if begins_month or not is_leap else None


def _read_name(value: object) -> str:
    if not isinstance(value, str):
        raise _fault("must be a string")
    fault = fault_of_text(value, length_max=NAME_LENGTH_MAX)
    if fault is not None:
        raise _fault(fault)
    return value


def _read_email(value: object) -> str:
    if not isinstance(value, str) or len(value) > EMAIL_LENGTH_MAX or not _EMAIL.fullmatch(value):
        raise _fault("must be an e-mail address")
    return value


def _read_limit(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}", value, re.ASCII):
        limit = int(value)
        if 1 <= limit <= PAGE_ITEMS_MAX:
            return limit
    raise _fault(f"must be an integer from 1 to {PAGE_ITEMS_MAX}")


def _json(**schema: object) -> WithJsonSchema:
    return WithJsonSchema(schema)


_DECIMAL_TEXT = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}

type Id = Annotated[str, PlainValidator(_read_id), _json(type="string", pattern=ID_PATTERN)]
type EventId = Annotated[
    str, PlainValidator(_read_event_id), _json(type="string", pattern=EVENT_ID_PATTERN)
]
type RecordIdText = Annotated[str, PlainValidator(_read_record_id), _json(type="string")]
type UserId = Annotated[
    str,
    PlainValidator(_read_user_id),
    _json(anyOf=[{"type": "string", "pattern": ID_PATTERN}, {"type": "integer", "minimum": 0}]),
]
type Quantity = Annotated[Decimal, PlainValidator(_read_quantity), _json(type="number")]
type Units = Annotated[
    Decimal,
    PlainValidator(_read_units),
    _json(
        anyOf=[{"type": "number"}, _DECIMAL_TEXT],
        description='Greater than 0, as a number or a decimal string: 2, 2.00 and "2" are the '
        "same quantity. A part of a unit only where the product's unitDecimals allow it.",
    ),
]
type Price = Annotated[
    Decimal,
    PlainValidator(_read_price),
    _json(
        anyOf=[{"type": "integer", "minimum": 0}, _DECIMAL_TEXT],
        description="Cents a unit, exact: an integer or a decimal string.",
    ),
]
type MajorUnits = Annotated[
    int,
    PlainValidator(_read_major_units),
    _json(type="number", description="In major units, with at most 2 decimal places: 12.5"),
]
type Instant = Annotated[
    datetime, PlainValidator(_read_instant), _json(type="string", format="date-time")
]
type Name = Annotated[
    str,
    PlainValidator(_read_name),
    _json(type="string", minLength=1, maxLength=NAME_LENGTH_MAX),
]
type Email = Annotated[
    str,
    PlainValidator(_read_email),
    _json(type="string", format="email", maxLength=EMAIL_LENGTH_MAX),
]
type Limit = Annotated[
    int,
    PlainValidator(_read_limit),
    _json(type="integer", minimum=1, maximum=PAGE_ITEMS_MAX, default=PAGE_ITEMS_DEFAULT),
]
type Cents = Annotated[int, Field(ge=-MAX_CENTS, le=MAX_CENTS)]
type ShownInstant = Annotated[str, _json(type="string", format="date-time")]
type ShownDecimal = Annotated[str, _json(**_DECIMAL_TEXT)]
type ShownUnits = Annotated[
    int | str,
    _json(
        anyOf=[{"type": "integer"}, _DECIMAL_TEXT],
        description="An integer, or a decimal string where the quantity is not whole.",
    ),
]
