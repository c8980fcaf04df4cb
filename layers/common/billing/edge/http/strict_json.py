"""From the bytes of a body to Python, strictly: whatever arrives, either JSON or a plain refusal.

The result holds only dict, list, str, int, Decimal, bool, None and `OutOfRangeNumber`. A number
beyond the bounds is no syntax error, so it becomes that marker, which no schema accepts: in a batch
it spoils its own event and no other.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from billing.domain.errors import FieldError
from billing.edge.http.errors import (
    BodyTooLargeError,
    MalformedBodyError,
    UnsupportedMediaTypeError,
)

BODY_BYTES_MAX = 1024 * 1024
DEPTH_MAX = 32

# Far above any amount or quantity; beyond it, arithmetic would only cost time.
DIGITS_MAX = 40
EXPONENT_MAX = 40
_INTEGER_END: int = 10**DIGITS_MAX
_NUMBER_LENGTH_MAX = 100
OUT_OF_RANGE_MESSAGE = (
    f"is out of range: a number has at most {DIGITS_MAX} digits, "
    f"and an exponent from -{EXPONENT_MAX} to {EXPONENT_MAX}"
)

# A caller's own names and paths are shown back to them, as far as this.
SHOWN_LENGTH_MAX = 128

# A decoder in front of this function writes it where bytes were not UTF-8; whatever stood there
# is lost, and storing the rest would be a guess.
_REPLACEMENT_CHARACTER = "\ufffd"

type Json = dict[str, "Json"] | list["Json"] | str | int | Decimal | bool | OutOfRangeNumber | None

# A path is its parent and the last step, so that walking a large body makes no long tuples.
type _Path = tuple["_Path", str | int] | None


@dataclass(frozen=True, slots=True)
class OutOfRangeNumber:
    """A JSON number with more digits or a larger exponent than this API reads."""


# What has nothing inside it.
_PLAIN = frozenset({str, int, Decimal, bool, type(None), OutOfRangeNumber})


@dataclass(frozen=True, slots=True)
class _Fault:
    """Stands in the parsed tree where the text was wrong, until the walk finds where that is."""

    message: str
    key: str | None = None


def check_media_type(content_type: str | None) -> None:
    """Refuse a body that is not declared as JSON in UTF-8, or not declared at all."""
    media_type, *parameters = (content_type or "").lower().split(";")
    kind, _, subtype = media_type.strip().partition("/")
    is_json = kind == "application" and (subtype == "json" or subtype.endswith("+json"))
    if not is_json:
        raise UnsupportedMediaTypeError("Content-Type must be application/json")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in {"utf-8", "utf8"}:
            raise UnsupportedMediaTypeError("The charset of a JSON body must be utf-8")


def decode_body(body: str, *, is_base64: bool) -> str:
    """Undo how API Gateway carries a body; raises BodyTooLargeError or MalformedBodyError."""
    # Four base64 characters carry three bytes: a body this long is too large in any case.
    if len(body) > (BODY_BYTES_MAX * 4 // 3 + 4 if is_base64 else BODY_BYTES_MAX):
        raise _too_large()
    try:
        raw = base64.b64decode(body, validate=True) if is_base64 else body.encode()
        text = raw.decode()
    except ValueError as error:
        raise MalformedBodyError("The body is not text in UTF-8") from error
    if len(raw) > BODY_BYTES_MAX:
        raise _too_large()
    if _REPLACEMENT_CHARACTER in text:
        raise MalformedBodyError("The body is not text in UTF-8, or has the character U+FFFD")
    return text


def parse(text: str) -> Json:
    """Parse strict JSON; raises MalformedBodyError, naming the place where it can."""
    try:
        tree = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise MalformedBodyError(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from error
    except RecursionError as error:
        raise _too_deep() from error
    # Half of a surrogate pair comes by an escape, or from a text that is not ASCII; where there can
    # be none, names need no look.
    may_be_no_text = not text.isascii() or "\\u" in text
    if may_be_no_text or not _is_sound(tree):
        fault = _find_fault(tree)
        if fault is not None:
            raise fault
    result: Json = tree
    return result


def decimal_of(text: str) -> Decimal | OutOfRangeNumber:
    """Read the text of a JSON number exactly, within the bounds that every number here has."""
    if len(text) > _NUMBER_LENGTH_MAX:
        return OutOfRangeNumber()
    try:
        value = Decimal(text)
    except InvalidOperation:
        # Decimal itself has bounds, at an exponent of about 10^18.
        return OutOfRangeNumber()
    return value if is_in_range(value) else OutOfRangeNumber()


def is_in_range(value: int | Decimal) -> bool:
    """Tell whether a number has no more digits, and no larger exponent, than this API reads."""
    if isinstance(value, int):
        return abs(value) < _INTEGER_END
    _, digits, exponent = value.as_tuple()
    small = isinstance(exponent, int) and abs(exponent) <= EXPONENT_MAX
    return small and len(digits) <= DIGITS_MAX


def dotted(path: Sequence[str | int]) -> str:
    """Write a path such as `events.3.units`, safe to show whatever the keys were."""
    return ".".join(shown(str(step)) for step in path)


def shown(text: str) -> str:
    """Make a caller's text safe to show: not too long, and without half surrogates."""
    return text[:SHOWN_LENGTH_MAX].encode(errors="replace").decode()


def _object(pairs: list[tuple[str, object]]) -> object:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return _Fault("stands twice in the same object", key)
        seen.add(key)
    raise AssertionError("fewer members than pairs, yet no key stands twice")


def _integer(text: str) -> int | OutOfRangeNumber:
    return int(text) if len(text.lstrip("-")) <= DIGITS_MAX else OutOfRangeNumber()


# Made once, and not for each line of a log file.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=decimal_of,
    parse_constant=lambda name: _Fault(f"{name} is not JSON"),
)


def _is_sound(tree: object) -> bool:
    """Go down level by level, as far as a tree may reach; tells whether it ends there, and holds
    no fault."""
    level: list[Any] = [tree]
    for _ in range(DEPTH_MAX + 1):
        containers = [each for each in level if type(each) not in _PLAIN]
        if not containers:
            return True
        if any(isinstance(each, _Fault) for each in containers):
            return False
        level = [
            member
            for each in containers
            for member in (each.values() if isinstance(each, dict) else each)
        ]
    return False


def _find_fault(tree: object) -> MalformedBodyError | None:
    """Walk the tree without recursion, and tell what no JSON of this API may hold, and where."""
    waiting: list[tuple[_Path, int, object]] = [(None, 0, tree)]
    while waiting:
        path, depth, value = waiting.pop()
        if isinstance(value, _Fault):
            return _fault_at(path, value)
        if isinstance(value, str) and not _is_text(value):
            return _fault_at(path, _Fault("has half of a surrogate pair, which is no character"))
        if isinstance(value, dict | list):
            if depth == DEPTH_MAX:
                return _too_deep()
            for key, member in _members(value):
                if isinstance(key, str) and not _is_text(key):
                    return _fault_at((path, key), _Fault("has a name that is no text"))
                waiting.append(((path, key), depth + 1, member))
    return None


def _members(container: dict[str, object] | list[object]) -> Iterator[tuple[str | int, object]]:
    if isinstance(container, dict):
        yield from container.items()
    else:
        yield from enumerate(container)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _fault_at(path: _Path, fault: _Fault) -> MalformedBodyError:
    steps: list[str | int] = [] if fault.key is None else [fault.key]
    while path is not None:
        path, step = path
        steps.insert(0, step)
    field = dotted(steps)
    return MalformedBodyError(
        f"{field or 'The body'}: {fault.message}", errors=[FieldError(field, fault.message)]
    )


def _too_deep() -> MalformedBodyError:
    return MalformedBodyError(f"The body nests more than {DEPTH_MAX} levels deep")


def _too_large() -> BodyTooLargeError:
    return BodyTooLargeError(f"The body is larger than {BODY_BYTES_MAX} bytes")
