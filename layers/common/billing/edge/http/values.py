"""Values of JSON, read strictly, each with a plain sentence for whoever gets one wrong.

"10", true, 1.0 and 1e2 are no integers. A quantity is a decimal number, of which 2, 2.00 and 2e0
are the same. The schemas of the API are made of these, and so is what comes by queues and files.
"""

import re
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.domain.errors import FieldError
from billing.domain.ids import is_event_id, is_id
from billing.domain.money import MAX_CENTS, PRICE_DECIMALS_MAX, decimal_places, trimmed
from billing.domain.records import RecordId
from billing.edge.http.errors import InvalidRequestError
from billing.edge.http.strict_json import (
    OUT_OF_RANGE_MESSAGE,
    OutOfRangeNumber,
    decimal_of,
    dotted,
    is_in_range,
)
from billing.edge.http.text import fault_of_text

NAME_LENGTH_MAX = 200
EMAIL_LENGTH_MAX = 254

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DATE = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}")
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
MONTH_PATTERN = "^2[0-9]{3}-(0[1-9]|1[0-2])$"
COUNTING_PATTERN = "^[1-9][0-9]{0,8}$"
EVENT_ID_MESSAGE = ID_MESSAGE.replace("64", "128")
INTEGER_MESSAGE = "must be an integer number"
MISSING_MESSAGE = "is required"
OBJECT_MESSAGE = "must be an object"
UNKNOWN_MESSAGE = "is not a known field"


type Reader = Callable[[object], Any]


class InvalidValueError(ValueError):
    """A value that cannot be read; its text says why, to whoever wrote it."""


def read_id(value: object) -> str:
    if not isinstance(value, str) or not is_id(value):
        raise InvalidValueError(ID_MESSAGE)
    return value


def read_event_id(value: object) -> str:
    if not isinstance(value, str) or not is_event_id(value):
        raise InvalidValueError(EVENT_ID_MESSAGE)
    return value


def read_record_id(value: object) -> RecordId:
    try:
        return RecordId.parse(value if isinstance(value, str) else "")
    except ValueError:
        raise InvalidValueError("must be the id of a billing record") from None


def read_user_id(value: object) -> str:
    """Read a customer's id from a log line, where an integer stands for its digits."""
    if isinstance(value, int | OutOfRangeNumber) and not isinstance(value, bool):
        number = _number(value, ID_MESSAGE)
        value = str(int(number)) if number >= 0 else value
    return read_id(value)


def _number(value: object, otherwise: str) -> Decimal:
    """Read a JSON number exactly; `otherwise` is told where it is none.

    However it is written, 2 as 2.00 too, it has one form from here on, and fits into the stores.
    """
    if isinstance(value, OutOfRangeNumber):
        raise InvalidValueError(OUT_OF_RANGE_MESSAGE)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise InvalidValueError(otherwise)
    if not is_in_range(value):
        raise InvalidValueError(OUT_OF_RANGE_MESSAGE)
    return trimmed(Decimal(value))


def read_quantity(value: object) -> Decimal:
    """Read a quantity from a log line: as units, but a number in any case."""
    return _number(value, "must be a number")


def read_units(value: object) -> Decimal:
    """Read a quantity, whole or not; how fine it may be is for its product to say."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = decimal_of(value)
    return _number(value, 'must be a number, or a decimal string such as "1.5"')


def read_price(value: object) -> Decimal:
    message = (
        'must be an integer number or a decimal string such as "0.25", with at most '
        f"{PRICE_DECIMALS_MAX} decimal places"
    )
    if isinstance(value, Decimal):
        # Who writes 0.25 may have it from a float, which is no exact price.
        raise InvalidValueError(message)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = decimal_of(value)
    return _number(value, message)


def read_major_units(value: object) -> int:
    """Read an amount in major units, such as 12.5, as cents; never by way of a float."""
    message = f"must be a number with at most {_MAJOR_DECIMALS} decimal places"
    amount = _number(value, message)
    if decimal_places(amount) > _MAJOR_DECIMALS:
        raise InvalidValueError(message)
    cents = amount * 100
    if not 1 <= cents <= MAX_CENTS:
        raise InvalidValueError(f"must be from 0.01 to {MAX_CENTS // 100}")
    return int(cents)


def read_instant(value: object) -> datetime:
    """Read RFC 3339 with an offset; digits beyond the microsecond are dropped."""
    parts = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    instant = None if parts is None else _instant_of(parts)
    if instant is None:
        raise InvalidValueError(
            "must be a time with an offset as in RFC 3339, such as 2026-01-31T09:00:00Z"
        )
    return instant


def read_date(value: object) -> date:
    """Read a date as in RFC 3339, from the year 2000 on."""
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise InvalidValueError("must be a date from the year 2000 on, such as 2026-01-31")


def _instant_of(parts: re.Match[str]) -> datetime | None:
    """Return the instant in UTC; None where there is no such day, hour, minute or second.

    A leap second, which no clock here has, is the beginning of the second after it: of a month.
    """
    is_leap = parts["second"] == _LEAP_SECOND
    second = "59" if is_leap else parts["second"] + (parts["fraction"] or "")
    try:
        text = f"{parts['minute']}:{second}{parts['offset']}".upper()
        instant = datetime.fromisoformat(text).astimezone(UTC)
        if not is_leap:
            return instant
        after = instant + timedelta(seconds=1)
    except (ValueError, OverflowError):
        # Also a time that is before the year 1 in UTC, or after the year 9999.
        return None
    begins_month = (after.day, after.hour, after.minute, after.second) == (1, 0, 0, 0)
    return after if begins_month else None


def read_name(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidValueError("must be a string")
    fault = fault_of_text(value, length_max=NAME_LENGTH_MAX)
    if fault is not None:
        raise InvalidValueError(fault)
    return value


def read_email(value: object) -> str:
    if not isinstance(value, str) or len(value) > EMAIL_LENGTH_MAX or not _EMAIL.fullmatch(value):
        raise InvalidValueError("must be an e-mail address")
    return value


def integer(low: int, high: int | None = None) -> Reader:
    """Make what reads an integer within bounds, both included; `high` may be left out."""

    def read(value: object) -> int:
        if isinstance(value, OutOfRangeNumber):
            raise InvalidValueError(OUT_OF_RANGE_MESSAGE)
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidValueError(INTEGER_MESSAGE)
        if value < low:
            raise InvalidValueError(f"must not be less than {low}")
        if high is not None and value > high:
            raise InvalidValueError(f"must not be greater than {high}")
        return value

    return read


def read_members(
    value: object, readers: Mapping[str, Reader], *, optional: Set[str] = frozenset()
) -> dict[str, Any]:
    """Read the members of an object; one that is optional is None where it is null or left out.

    Raises InvalidRequestError with one FieldError per fault; its field is empty where it is no
    object.
    """
    if not isinstance(value, dict):
        raise invalid([FieldError("", OBJECT_MESSAGE)])
    read: dict[str, Any] = {}
    faults: list[FieldError] = []
    for name, reader in readers.items():
        member = value.get(name)
        if member is None and name in optional:
            read[name] = None
        elif name not in value:
            faults.append(FieldError(name, MISSING_MESSAGE))
        else:
            try:
                read[name] = reader(member)
            except InvalidValueError as fault:
                faults.append(FieldError(name, str(fault)))
    if not value.keys() <= readers.keys():
        unknown = [dotted([name]) for name in value if name not in readers]
        faults += [FieldError(name, UNKNOWN_MESSAGE) for name in unknown]
    if faults:
        raise invalid(faults)
    return read


def invalid(errors: Sequence[FieldError], *, count: int | None = None) -> InvalidRequestError:
    """Make the error of fields at fault, of which there may be more than are told."""
    count = count or len(errors)
    detail = f"{errors[0].field or 'The JSON value'}: {errors[0].message}"
    if count > 1:
        left_off = count - len(errors)
        untold = f", {left_off} of them left off" if left_off else ""
        detail = f"{detail} (and {count - 1} more{untold})"
    return InvalidRequestError(detail, errors=errors)
