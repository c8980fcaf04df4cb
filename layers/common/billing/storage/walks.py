"""Walks through the dirty index, page by page, that go on where an earlier one stopped.

The index has sixteen partitions of each kind of entry. A walk begins at a position and reads every
partition once, round to that position again: whoever goes on where the walk before ended comes to
every entry, however many there are and however little is read at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, Key, whole

IN_PARTITION = "#dirtyPk = :partition"
DUE_IN_PARTITION = f"{IN_PARTITION} AND #dirtySk < :by"

# A partition is read in pages of this many keys.
PAGE_SIZE = 500


@dataclass(frozen=True, slots=True)
class Position:
    """Where a walk goes on: behind a key of a partition, or with None at its beginning."""

    partition: int = 0
    after: Key | None = None


BEGINNING = Position()


@dataclass(frozen=True, slots=True)
class WalkPage[Subject]:
    """What was read at once, each with the position behind it, and the position behind it all."""

    found: Sequence[tuple[Subject, Position]]
    behind: Position


@dataclass(frozen=True, slots=True)
class Walk[Subject]:
    """A way to walk: which partitions there are, what an entry stands for, and how far to go.

    With `by` only the entries whose sort key is below it are read.
    """

    dynamo: Dynamo
    table: str
    partition: Callable[[int], str]
    subject: Callable[[Item], Subject]
    by: str | None = None

    def pages(self, start: Position) -> Iterator[WalkPage[Subject]]:
        """Read each partition once, from a position round to it, from an index that may lag."""
        first = start.partition % keys.PARTITIONS
        yield from self._of_partition(first, after=start.after)
        for step in range(1, keys.PARTITIONS):
            yield from self._of_partition((first + step) % keys.PARTITIONS)
        if start.after is not None:
            yield from self._of_partition(first, up_to=start.after["dirtySk"])

    def _of_partition(
        self, number: int, *, after: Key | None = None, up_to: str | None = None
    ) -> Iterator[WalkPage[Subject]]:
        next_partition = Position((number + 1) % keys.PARTITIONS)
        # DynamoDB takes no key to go on after that its condition leaves out, as one may be where
        # the clock of the run before was ahead of ours.
        if after is not None and self.by is not None and after["dirtySk"] >= self.by:
            yield WalkPage([], next_partition)
            return
        while True:
            items, last_key = self._read(number, after)
            wanted = [item for item in items if up_to is None or item["dirtySk"] <= up_to]
            found = [(self.subject(item), Position(number, _key_of(item))) for item in wanted]
            after = last_key if len(wanted) == len(items) else None
            yield WalkPage(found, next_partition if after is None else Position(number, after))
            if after is None:
                return

    def _read(self, number: int, after: Key | None) -> tuple[list[Item], Key | None]:
        values = {":partition": self.partition(number)}
        page = self.dynamo.query(
            self.table,
            index=keys.DIRTY_INDEX,
            condition=IN_PARTITION if self.by is None else DUE_IN_PARTITION,
            values=values if self.by is None else {**values, ":by": self.by},
            limit=PAGE_SIZE,
            start_after=after,
        )
        return page.items, page.last_key


def _key_of(entry: Item) -> Key:
    return {name: entry[name] for name in ("pk", "sk", "dirtyPk", "dirtySk")}


def position_item(position: Position) -> Item:
    """Write a position as the value of an attribute."""
    after = {} if position.after is None else {"after": position.after}
    return {"partition": position.partition, **after}


def position_of(value: Mapping[str, Any]) -> Position:
    """Read a position from what `position_item` wrote."""
    return Position(whole(value["partition"]), value.get("after"))
