"""Tables of the model: rows by key, what indexes show of them, and the way back to a beginning."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.prove.values import Row, TypedItem

type RowKey = tuple[str, str]

# Rows that an index, or a read that is not consistent, shows as they were before; None stands for
# one that was not there yet.
type Pins = Mapping[RowKey, Row | None]

HASH, RANGE = "pk", "sk"


@dataclass(frozen=True, slots=True)
class Index:
    """A way to read a table: by its own key, or by two attributes that only some rows have."""

    name: str | None
    hash_name: str
    range_name: str
    shows_all: bool

    def shown(self, row: Row | None) -> TypedItem | None:
        """Give what the index shows of a row, None where the row is not in it."""
        if row is None or self.hash_name not in row.item or self.range_name not in row.item:
            return None
        if self.shows_all:
            return row.item
        names = (HASH, RANGE, self.hash_name, self.range_name)
        return {name: row.item[name] for name in names}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a row, as the log of a table keeps it."""

    key: RowKey
    before: Row | None
    after: Row | None

    @property
    def digest_of_before(self) -> int:
        """Tell apart what rows were before a change."""
        return hash((self.key, 0 if self.before is None else self.before.digest))


@dataclass(slots=True)
class Table:
    """One table; `digest` tells different contents apart, however they came about.

    `digest_of_past` tells apart what rows were before, which an index that lags may still show.
    """

    name: str
    indexes: Mapping[str | None, Index]
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    log: list[Change] = field(default_factory=list)
    digest: int = 0
    digest_of_past: int = 0

    def row(self, key: RowKey) -> Row | None:
        """Find a row."""
        part = self.rows.get(key[0])
        return None if part is None else part.get(key[1])

    def put(self, key: RowKey, after: Row | None) -> None:
        """Put a row, or with None remove one, and keep it in the log."""
        before = self.row(key)
        self._set(key, before, after)
        change = Change(key, before, after)
        self.digest_of_past += change.digest_of_before
        self.log.append(change)

    def _set(self, key: RowKey, before: Row | None, after: Row | None) -> None:
        part = self.rows.setdefault(key[0], {})
        if before is not None:
            self.digest ^= hash((key, before.digest))
        if after is None:
            part.pop(key[1], None)
            return
        self.digest ^= hash((key, after.digest))
        part[key[1]] = after

    def undo_to(self, length: int) -> None:
        """Go back to when the log had this many changes."""
        while len(self.log) > length:
            change = self.log.pop()
            self.digest_of_past -= change.digest_of_before
            self._set(change.key, change.after, change.before)

    def entries(self, index: Index, partition: str, pins: Pins) -> list[tuple[str, RowKey, Row]]:
        """List the rows of one partition of an index in the order of their sort keys."""
        found = [
            (row.item[index.range_name]["S"], key, row)
            for key, row in self._seen(index, partition, pins)
            if index.range_name in row.item
            and row.item.get(index.hash_name, {}).get("S") == partition
        ]
        found.sort(key=lambda entry: (entry[0].encode(), entry[1]))
        return found

    def _seen(self, index: Index, partition: str, pins: Pins) -> Iterator[tuple[RowKey, Row]]:
        """Go through the rows that may be in a partition, those pinned as they were."""
        parts = {partition: self.rows.get(partition, {})} if index.name is None else self.rows
        for pk, part in parts.items():
            for sk, row in part.items():
                if (pk, sk) not in pins:
                    yield (pk, sk), row
        for key, pinned in pins.items():
            if pinned is not None:
                yield key, pinned

    def versions(self, key: RowKey, since: int) -> list[Row | None]:
        """List what a row was before each of its changes since the log had a length, newest first,
        and without those that stand twice.
        """
        versions: list[Row | None] = []
        for change in reversed(self.log[since:]):
            if change.key == key and change.before not in versions:
                versions.append(change.before)
        return versions
