"""The types of JSON fields, as schemas name them: how each is read, and how it is described."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from billing.domain.ids import EVENT_ID_PATTERN, ID_PATTERN
from billing.domain.money import MAX_CENTS
from billing.edge.http.values import (
    EMAIL_LENGTH_MAX,
    NAME_LENGTH_MAX,
    InvalidValueError,
    read_date,
    read_email,
    read_event_id,
    read_id,
    read_instant,
    read_major_units,
    read_name,
    read_price,
    read_units,
)
from billing.services.paging import PAGE_ITEMS_MAX

PAGE_ITEMS_DEFAULT = 50


def _read_limit(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}", value, re.ASCII):
        limit = int(value)
        if 1 <= limit <= PAGE_ITEMS_MAX:
            return limit
    raise InvalidValueError(f"must be an integer from 1 to {PAGE_ITEMS_MAX}")


def _read_flag(value: object) -> bool:
    if value in {"true", "false"}:
        return value == "true"
    raise InvalidValueError("must be true or false")


def _json(**schema: object) -> WithJsonSchema:
    return WithJsonSchema(schema)


_DECIMAL_TEXT = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
_UNSIGNED_TEXT = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}

type Id = Annotated[str, PlainValidator(read_id), _json(type="string", pattern=ID_PATTERN)]
type EventId = Annotated[
    str, PlainValidator(read_event_id), _json(type="string", pattern=EVENT_ID_PATTERN)
]
type Units = Annotated[
    Decimal,
    PlainValidator(read_units),
    _json(
        anyOf=[{"type": "number", "minimum": 0}, _UNSIGNED_TEXT],
        description='Greater than 0, as a number or a decimal string: 2, 2.00 and "2" are the '
        "same quantity. A part of a unit only where the product's unitDecimals allow it.",
    ),
]
type UnitPrice = Annotated[
    Decimal,
    PlainValidator(read_price),
    _json(
        anyOf=[{"type": "integer", "minimum": 0}, _UNSIGNED_TEXT],
        description="Cents, exact: an integer or a decimal string.",
    ),
]
type MajorUnits = Annotated[
    int,
    PlainValidator(read_major_units),
    _json(
        type="number",
        minimum=0.01,
        maximum=MAX_CENTS // 100,
        description="In major units, with at most 2 decimal places: 12.5",
    ),
]
type Instant = Annotated[
    datetime, PlainValidator(read_instant), _json(type="string", format="date-time")
]
type Date = Annotated[date, PlainValidator(read_date), _json(type="string", format="date")]
type Name = Annotated[
    str,
    PlainValidator(read_name),
    _json(type="string", minLength=1, maxLength=NAME_LENGTH_MAX),
]
type Email = Annotated[
    str,
    PlainValidator(read_email),
    _json(type="string", format="email", maxLength=EMAIL_LENGTH_MAX),
]
type Limit = Annotated[
    int,
    PlainValidator(_read_limit),
    _json(type="integer", minimum=1, maximum=PAGE_ITEMS_MAX, default=PAGE_ITEMS_DEFAULT),
]
type Flag = Annotated[bool, PlainValidator(_read_flag), _json(type="boolean", default=False)]
type Cents = Annotated[int, Field(ge=-MAX_CENTS, le=MAX_CENTS)]
type ShownInstant = Annotated[str, _json(type="string", format="date-time")]
type ShownDate = Annotated[str, _json(type="string", format="date")]
type ShownDecimal = Annotated[str, _json(**_DECIMAL_TEXT)]
type ShownUnits = Annotated[
    int | str,
    _json(
        anyOf=[{"type": "integer"}, _DECIMAL_TEXT],
        description="An integer, or a decimal string where the quantity is not whole.",
    ),
]
