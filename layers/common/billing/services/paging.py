"""Pages of a list, as services give them."""

from collections.abc import Sequence
from dataclasses import dataclass

from billing.domain import cursors

PAGE_ITEMS_MAX = 100


@dataclass(frozen=True, slots=True)
class ListPage[Item]:
    """Some items in order, and the cursor to go on with, None at the end."""

    items: Sequence[Item]
    cursor: str | None


def position_of(cursor: str | None) -> str | None:
    """Read the position out of a cursor; raises InvalidInputError for a foreign one."""
    return None if cursor is None else cursors.field(cursors.decode(cursor), "position")


def cursor_at(position: str | None) -> str | None:
    """Make the cursor for a position."""
    return None if position is None else cursors.encode({"position": position})
