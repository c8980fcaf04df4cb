"""Changes of items: what this code knows is written, and what it does not know stays.

While a deployment goes on, and after one that was rolled back, two versions of this code change the
same items. A whole item that is put takes away the attributes that only the other one knows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Protocol

from billing.storage.items import Item, Key
from billing.storage.writes import Update

# Every attribute of an item that this code knows, None where the item is without it.
type Owned = Mapping[str, Any]


class Revised(Protocol):
    """A state that counts its changes: a dataclass, of which `revision` is a field."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def revision(self) -> int:
        """How often it was changed."""


def item_of(key: Key, owned: Owned) -> Item:
    """Make a whole item, for one that is new."""
    return {**key, **{name: value for name, value in owned.items() if value is not None}}


def revise[State: Revised](
    table: str,
    key: Key,
    owned: Callable[[State], Owned],
    before: State,
    after: State,
    *,
    condition: str,
) -> Update:
    """Return the update that takes a state to the one after it, under the revision that was read:
    the condition calls that `:seen`.
    """
    return change(
        table,
        key,
        before=owned(before),
        after=owned(replace(after, revision=before.revision + 1)),
        condition=condition,
        values={":seen": before.revision},
    )


def change(
    table: str,
    key: Key,
    *,
    before: Owned,
    after: Owned,
    condition: str,
    values: Mapping[str, Any],
) -> Update:
    """Return the update that takes an item from one state to the next, under a condition.

    It costs what putting the item does. A map or a list is written only where it changed, and one
    that grew is appended to, because the other version may keep more inside it.
    """
    changed = {
        name: value
        for name, value in after.items()
        if value is not None and not (isinstance(value, dict | list) and value == before[name])
    }
    steps, given = [], dict(values)
    for name, value in changed.items():
        grown = _grown(before[name], value)
        given[f":{name}"] = value if grown is None else grown
        assigned = f":{name}" if grown is None else f"list_append(#{name}, :{name})"
        steps.append(f"#{name} = {assigned}")
    removed = [f"#{name}" for name, value in after.items() if value is None]
    expression = " ".join(_clauses(SET=steps, REMOVE=removed))
    return Update(table, key, expression, condition, given)


def _clauses(**parts: list[str]) -> Iterator[str]:
    for verb, steps in parts.items():
        if steps:
            yield f"{verb} {', '.join(steps)}"


def _grown(before: object, after: object) -> list[Any] | None:
    """Tell what was appended to a list that had something in it; None where it is another list."""
    if not isinstance(before, list) or not isinstance(after, list) or not before:
        return None
    return after[len(before) :] if after[: len(before)] == before else None
