"""Lists of items by the time they were made, for any kind of item that stands in one.

The indexes show keys alone: what stands in a list, and in which order. What an item is by now is
read from the item itself, so that changing it writes no list.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge

from billing.domain.counts import Count
from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, Key, size_of

# An answer of Lambda has 6 MB. What is stored in ten bytes is shown in fifty at most, with every
# name, and as text inside of text; one item has 400 KB.
PAGE_BYTES_MAX = 512 * 1024

# So many items tell how many more fit, lest a page that its size ends is read whole.
ITEMS_READ_FIRST = 10


@dataclass(frozen=True, slots=True)
class TimeList:
    """One list: a partition of an index whose sort key begins with the time."""

    index: str
    partition_attribute: str
    sort_attribute: str
    name: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """A place in a list, and the key of the item that stands there."""

    part: TimeList
    position: str
    key: Key

    def is_place_of(self, item: Item) -> bool:
        """Tell whether an item still stands here."""
        return (
            item.get(self.part.partition_attribute) == self.part.name
            and item.get(self.part.sort_attribute) == self.position
        )


def listing(name: str) -> TimeList:
    """Name a list of all items of a kind, or one of the partitions of such a list."""
    return TimeList(keys.LISTING_INDEX, *keys.LISTING_ATTRIBUTES, name)


def of_customer(customer_id: str) -> TimeList:
    """Name the list of a customer's billing records."""
    name = keys.customer_pk(customer_id)
    return TimeList(keys.BY_CUSTOMER_INDEX, *keys.BY_CUSTOMER_ATTRIBUTES, name)


def customers_by_status(status: str) -> list[TimeList]:
    """Name the list of the customers of a status, in its parts."""
    index, attributes = keys.OUTSTANDING_INDEX, keys.OUTSTANDING_ATTRIBUTES
    names = [keys.by_status(status, number) for number in range(keys.PARTITIONS)]
    return [TimeList(index, *attributes, name) for name in names]


def records_by_status(status: str) -> list[TimeList]:
    """Name the list of the billing records of a status, in its parts."""
    index, attributes = keys.DIRTY_INDEX, keys.DIRTY_ATTRIBUTES
    names = [keys.by_status(status, number) for number in range(keys.PARTITIONS)]
    return [TimeList(index, *attributes, name) for name in names]


def counted(dynamo: Dynamo, table: str, parts: Iterable[TimeList], *, up_to: int) -> Count:
    """Count what stands in a list, part by part, no further than a bound.

    The indexes may lag by a moment, and no item is asked whether it still stands there.
    """
    count = 0
    for part in parts:
        count += dynamo.count(
            table,
            index=part.index,
            condition=f"#{part.partition_attribute} = :list",
            values={":list": part.name},
            # One more tells whether there are more.
            up_to=up_to + 1 - count,
        )
        if count > up_to:
            return Count(up_to, more=True)
    return Count(count, more=False)


def newest_first(
    dynamo: Dynamo, table: str, parts: Iterable[TimeList], *, limit: int, before: str | None
) -> tuple[list[Item], str | None]:
    """Read one page of a list, merged from its parts, and the position to go on before, None at
    the end.

    A page ends by count or by size, and may be short before the end. The indexes may lag by a
    moment. Going on by position, not by a key that a caller hands back, leaves nothing for a forged
    cursor to address.
    """
    found = [_entries(dynamo, table, part, limit=limit, before=before) for part in parts]
    entries, position = merged(found, lambda entry: entry.position, limit=limit)
    items, cut_at = _items(dynamo, table, entries)
    return items, cut_at or position


def merged[Thing](
    parts: Iterable[tuple[Sequence[Thing], str | None]],
    position_of: Callable[[Thing], str],
    *,
    limit: int,
) -> tuple[list[Thing], str | None]:
    """Merge parts of a list, newest first, each read down to a position, or with None to its end.

    What is older than where one part was cut may not overtake what stands there behind the cut.
    """
    found = list(parts)
    read_to = max((position for _, position in found if position is not None), default="")
    things = list(merge(*(part for part, _ in found), key=position_of, reverse=True))
    shown = [thing for thing in things if position_of(thing) >= read_to][:limit]
    more = read_to != "" or len(things) > len(shown)
    return shown, position_of(shown[-1]) if more else None


def first_of_page(items: Sequence[Item]) -> Sequence[Item]:
    """Keep the first items that one answer can hold, and one in any case."""
    size = 0
    for count, item in enumerate(items):
        size += size_of(item)
        if count and size > PAGE_BYTES_MAX:
            return items[:count]
    return items


def _entries(
    dynamo: Dynamo, table: str, part: TimeList, *, limit: int, before: str | None
) -> tuple[list[_Entry], str | None]:
    in_list = f"#{part.partition_attribute} = :list"
    values = {":list": part.name}
    page = dynamo.query(
        table,
        index=part.index,
        condition=in_list if before is None else f"{in_list} AND #{part.sort_attribute} < :before",
        values=values if before is None else {**values, ":before": before},
        # One more tells whether there are more; DynamoDB itself cannot, at the end of a full page.
        limit=limit + 1,
        newest_first=True,
    )
    entries = [
        _Entry(part, item[part.sort_attribute], {"pk": item["pk"], "sk": item["sk"]})
        for item in page.items
    ]
    return entries, entries[-1].position if page.last_key is not None else None


def _items(dynamo: Dynamo, table: str, entries: Sequence[_Entry]) -> tuple[list[Item], str | None]:
    """Read the items of entries, in their order, as far as one answer can hold them.

    Returns the last position that was dealt with too, where that is not all of them. An item that
    left its place meanwhile is passed over.
    """
    items: list[Item] = []
    size, position = 0, None
    waiting, count = list(entries), ITEMS_READ_FIRST
    while waiting:
        together, waiting = waiting[:count], waiting[count:]
        for entry, item in _read(dynamo, table, together):
            if item is not None:
                size += size_of(item)
                if items and size > PAGE_BYTES_MAX:
                    return items, position
                items.append(item)
            position = entry.position
        count = 1 + max(0, PAGE_BYTES_MAX - size) * len(items) // max(1, size)
    return items, None


def _read(
    dynamo: Dynamo, table: str, entries: Sequence[_Entry]
) -> Iterator[tuple[_Entry, Item | None]]:
    """Read the item of each entry, None where it has left its place."""
    found = dynamo.get_many(table, [entry.key for entry in entries], consistent=False)
    by_key = {(item["pk"], item["sk"]): item for item in found}
    for entry in entries:
        item = by_key.get((entry.key["pk"], entry.key["sk"]))
        yield entry, item if item is not None and entry.is_place_of(item) else None
