"""Values as DynamoDB holds them: numbers of 38 digits, sizes in bytes, an order within a type."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from functools import lru_cache
from typing import Any

from tests.support.write_units import item_size

type TypedItem = Mapping[str, Any]
type TypedValue = Mapping[str, Any]

ITEM_BYTES_MAX = 400 * 1024

# DynamoDB refuses what needs more digits, or stands beyond these exponents, and never rounds.
_NUMBERS = Context(prec=38, Emin=-130, Emax=125, traps=[Inexact, InvalidOperation, Overflow])
_TYPES = frozenset({"S", "N", "BOOL", "NULL", "M", "L"})
_ORDERED_TYPES = frozenset({"S", "N"})


class NumberError(Exception):
    """A number has more digits than DynamoDB holds."""


@dataclass(frozen=True, slots=True)
class Row:
    """An item that stands in a table.

    `digest` tells different contents apart, within a process; `bytes_max` is what the item has at
    most, its text being never shorter, so that exact sizes are rarely counted.
    """

    item: TypedItem
    digest: int = field(compare=False)
    bytes_max: int = field(compare=False)

    @property
    def is_too_large(self) -> bool:
        """Whether the item is larger than DynamoDB takes."""
        return self.bytes_max > ITEM_BYTES_MAX and item_size(self.item) > ITEM_BYTES_MAX


def row_of(item: TypedItem) -> Row:
    """Make a row of an item whose numbers are in their one form."""
    text = json.dumps(item, sort_keys=True)
    return Row(item, hash(text), len(text))


def in_one_form(item: TypedItem) -> dict[str, Any]:
    """Write every number of an item in the one form that a number has; raises NumberError."""
    return {name: _value_in_one_form(value) for name, value in item.items()}


def _value_in_one_form(value: TypedValue) -> TypedValue:
    [(kind, content)] = value.items()
    if kind == "N":
        return {"N": number_text(content)}
    if kind == "M":
        return {"M": in_one_form(content)}
    if kind == "L":
        return {"L": [_value_in_one_form(each) for each in content]}
    if kind not in _TYPES:
        raise NotImplementedError(f"this system stores no value of type {kind}")
    return value


@lru_cache(maxsize=10_000)
def number_text(text: str) -> str:
    """Write a number without exponent and without zeros that say nothing; raises NumberError."""
    number = _checked(Decimal(text))
    return format(number.normalize(_NUMBERS), "f") if number else "0"


def plus(left: TypedValue, right: TypedValue) -> TypedValue:
    """Add two numbers exactly; raises NumberError where the sum has too many digits."""
    try:
        total = _NUMBERS.add(Decimal(left["N"]), Decimal(right["N"]))
    except (Inexact, Overflow) as error:
        raise NumberError(f"{left} + {right}") from error
    return {"N": number_text(str(total))}


def _checked(number: Decimal) -> Decimal:
    try:
        return _NUMBERS.plus(number)
    except (Inexact, InvalidOperation, Overflow) as error:
        raise NumberError(str(number)) from error


def equal(left: TypedValue, right: TypedValue) -> bool:
    """Tell whether two values are of one type and the same."""
    if left.keys() != right.keys():
        return False
    if "N" in left:
        return Decimal(left["N"]) == Decimal(right["N"])
    return left == right


def less(left: TypedValue, right: TypedValue) -> bool | None:
    """Tell which of two values comes first; None where they have no order between them."""
    [kind] = left.keys()
    if kind not in right:
        return None
    if kind not in _ORDERED_TYPES:
        raise NotImplementedError(f"this system orders no values of type {kind}")
    if kind == "N":
        return Decimal(left["N"]) < Decimal(right["N"])
    return _bytes(left) < _bytes(right)


def _bytes(value: TypedValue) -> bytes:
    text: str = value["S"]
    return text.encode()


def size_function(value: TypedValue) -> TypedValue | None:
    """Give what the function `size` does: bytes of a string, elements of a list or a map."""
    [(kind, content)] = value.items()
    if kind == "S":
        return {"N": str(len(content.encode()))}
    if kind in {"M", "L"}:
        return {"N": str(len(content))}
    return None
