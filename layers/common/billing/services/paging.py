"""Pages of a list, and opaque cursors: where a list goes on, as text that is handed back unread."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from billing.domain.errors import InvalidInputError

PAGE_ITEMS_MAX = 100

# Above what any list needs; what it decodes to stays below DynamoDB's 1,024 bytes for a sort key,
# so that a forged cursor is a position like any other and never a fault.
CURSOR_LENGTH_MAX = 1024


@dataclass(frozen=True, slots=True)
class Page[Item]:
    """Some items in order, and the cursor to go on with, None at the end."""

    items: Sequence[Item]
    cursor: str | None


def position_of(cursor: str | None, *, name: str = "cursor") -> str | None:
    """Read the position out of a cursor; raises InvalidInputError for a foreign one.

    `name` is what callers know the cursor by, where a list is one of several.
    """
    if cursor is None:
        return None
    try:
        return part_of(decode_cursor(cursor), "position")
    except InvalidInputError as error:
        raise not_a_cursor(name) from error


def cursor_at(position: str | None) -> str | None:
    """Make the cursor for a position."""
    return None if position is None else encode_cursor({"position": position})


def encode_cursor(position: Mapping[str, str]) -> str:
    """Write a position as URL-safe text."""
    text = json.dumps(position, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> dict[str, str]:
    """Read what `encode_cursor` wrote; raises InvalidInputError for anything else."""
    if len(cursor) > CURSOR_LENGTH_MAX:
        raise not_a_cursor()
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        position = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise not_a_cursor() from error
    if not isinstance(position, dict) or not all(map(_is_part, position.values())):
        raise not_a_cursor()
    return position


def part_of(position: Mapping[str, str], name: str) -> str:
    """Read one part of a position; raises InvalidInputError where the cursor has none."""
    if name not in position:
        raise not_a_cursor()
    return position[name]


def _is_part(part: object) -> bool:
    return isinstance(part, str) and part != "" and part.isascii() and part.isprintable()


def not_a_cursor(name: str = "cursor") -> InvalidInputError:
    """Make the error for text that is no cursor of the list."""
    return InvalidInputError.of_field(name, "is not a cursor that this list gave")
