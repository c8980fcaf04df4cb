"""Items as DynamoDB has them: values with their types, and names under aliases."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Clamped, Context, Decimal, Inexact, Overflow, Rounded, Underflow
from functools import lru_cache
from typing import Any

type Item = dict[str, Any]
type Key = dict[str, str]

_ALIAS = re.compile(r"#([A-Za-z]+)\b")

# DynamoDB's numbers have 38 digits and are below 1E+126; what does not fit is never rounded.
_NUMBERS = Context(
    prec=38, Emin=-128, Emax=126, traps=[Clamped, Overflow, Inexact, Rounded, Underflow]
)


def aliases(*expressions: str) -> dict[str, str]:
    """Alias every `#word` of the expressions to the attribute `word`.

    Every attribute name is aliased, so that no reserved word of DynamoDB, of today or tomorrow,
    can break an expression.
    """
    return {alias: word for expression in expressions for alias, word in _aliases(expression)}


# There are few: those of the conditions, and an update for each number of lines that it adds to.
@lru_cache(maxsize=256)
def _aliases(expression: str) -> Sequence[tuple[str, str]]:
    return [(f"#{word}", word) for word in _ALIAS.findall(expression)]


def typed(item: Mapping[str, Any]) -> dict[str, Any]:
    """Put the type that DynamoDB needs to each value; raises TypeError for one that it lacks."""
    return {name: _typed(value) for name, value in item.items()}


def plain(typed_item: Mapping[str, Any]) -> Item:
    """Take the types of values away; numbers come as Decimal."""
    return {name: _plain(value) for name, value in typed_item.items()}


def _typed(value: object) -> dict[str, Any]:
    write = _WRITERS.get(type(value)) or _writer_of(value)
    return write(value)


def _writer_of(value: object) -> Callable[[Any], dict[str, Any]]:
    """Find what writes a value of a class that comes of one of ours, such as an enumeration."""
    for kind in type(value).__mro__:
        if kind in _WRITERS:
            return _WRITERS[kind]
    raise TypeError(f"DynamoDB has no type for {value!r}")


def _plain(typed_value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of any of the types below
    [(kind, value)] = typed_value.items()
    return _READERS[kind](value)


def _number(value: int | Decimal) -> dict[str, str]:
    number = _NUMBERS.create_decimal(value)
    if not number.is_finite():
        raise TypeError(f"DynamoDB has no number {value}")
    return {"N": str(number)}


# A truth value is an integer in Python too, so that the nearest class decides.
_WRITERS: dict[type, Callable[[Any], dict[str, Any]]] = {
    str: lambda text: {"S": text},
    bool: lambda truth: {"BOOL": truth},
    int: _number,
    Decimal: _number,
    type(None): lambda _none: {"NULL": True},
    dict: lambda members: {"M": typed(members)},
    list: lambda values: {"L": [_typed(value) for value in values]},
}

# Those that this code writes, and those that a later version may come to write beside it.
_READERS: dict[str, Callable[[Any], Any]] = {
    "S": lambda text: text,
    "BOOL": lambda truth: truth,
    "N": _NUMBERS.create_decimal,
    "NULL": lambda _true: None,
    "M": plain,
    "L": lambda values: [_plain(value) for value in values],
    "B": bytes,
    "SS": set,
    "NS": lambda numbers: set(map(_NUMBERS.create_decimal, numbers)),
    "BS": set,
}


def size_of(value: object) -> int:
    """Tell about how many bytes of an item's 400 KB a value takes, or a whole item."""
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, dict):
        return 3 + sum(1 + size_of(name) + size_of(member) for name, member in value.items())
    if isinstance(value, list):
        return 3 + sum(1 + size_of(member) for member in value)
    # Two digits of a number take a byte.
    return 2 + len(str(value)) // 2


def whole(number: Decimal) -> int:
    """Read a stored number that is an integer by construction."""
    as_int = int(number)
    if as_int != number:
        raise ValueError(f"{number} is not an integer")
    return as_int


def canonical(item: Item) -> bytes:
    """Write an item so that two of the same content are the same bytes, whatever their order."""
    return json.dumps(typed(item), sort_keys=True, default=repr).encode()
