"""Days as items of their customer, changed only together with the checkpoint in the wallet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from billing.domain.days import Day
from billing.storage import day_keys
from billing.storage.changes import Owned, item_of
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, canonical, whole
from billing.storage.totals import STILL_THERE, changing_parts, parts_of, totals_in
from billing.storage.writes import Delete, Write

DAYS_BETWEEN = "#pk = :pk AND #sk BETWEEN :first AND :last"

# A day of a few products is an item of less than 1 KB.
DAYS_PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Days:
    """Reads and writes the days of customers."""

    dynamo: Dynamo
    table: str

    def get(self, customer_id: str, day: date) -> Day | None:
        """Read a day, strongly consistent; None where it has no entries that are added up."""
        return next(self.between(customer_id, day, day), None)

    def between(self, customer_id: str, first: date, last: date) -> Iterator[Day]:
        """Read the days of a customer from one date to another, both included, oldest first.

        Each is strongly consistent. A date without entries is left out.
        """
        found = self.dynamo.query_all(
            self.table,
            condition=DAYS_BETWEEN,
            values=day_keys.days_between(customer_id, first, last),
            page_size=DAYS_PAGE_SIZE,
        )
        for _, parts in groupby(found, lambda item: item["date"]):
            yield day_of(list(parts))

    def is_written_as(self, day: Day) -> bool:
        """Tell whether a day is kept in the very items that it would be written as."""
        kept = [canonical(item) for item in self._items(day.customer_id, day.date)]
        return kept == [canonical(item) for item in day_items(day)]

    def putting_right(self, day: Day) -> list[Write]:
        """Return the writes that put a day in the place of whatever is kept of it."""
        kept = self._items(day.customer_id, day.date)
        parts = day_parts(day)
        writes = changing_parts(
            self.table,
            lambda part: day_keys.day(day.customer_id, day.date, part),
            [_as_parts(item, owned) for item, owned in zip(kept, parts, strict=False)],
            parts,
            condition=STILL_THERE,
        )
        return [*writes, *self._removing(kept[len(parts) :])]

    def removing(self, day: Day) -> list[Write]:
        """Return the writes that take away whatever is kept of a day."""
        return self._removing(self._items(day.customer_id, day.date))

    def _removing(self, items: Sequence[Item]) -> list[Write]:
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in items]
        return [Delete(self.table, key, STILL_THERE) for key in keys]

    def _items(self, customer_id: str, day: date) -> list[Item]:
        return list(
            self.dynamo.query_all(
                self.table,
                condition=DAYS_BETWEEN,
                values=day_keys.days_between(customer_id, day, day),
                page_size=DAYS_PAGE_SIZE,
            )
        )

    def last_up_to(self, customer_id: str, last: date) -> Day | None:
        """Read the newest day up to a date; None where there is none."""
        newest = self.dynamo.query(
            self.table,
            condition=DAYS_BETWEEN,
            values=day_keys.days_between(customer_id, date.min, last),
            limit=1,
            newest_first=True,
        )
        # That may be a further part of the day, and its balances stand in the first.
        return self.get(customer_id, _date_of(newest.items[0])) if newest.items else None

    def adding(self, before: Day | None, after: Day) -> list[Write]:
        """Return the writes that take a day to one with more entries.

        They rest on the wallet, whose checkpoint moves with them under its revision.
        """
        return changing_parts(
            self.table,
            lambda part: day_keys.day(after.customer_id, after.date, part),
            [] if before is None else day_parts(before),
            day_parts(after),
            condition=STILL_THERE,
        )


def day_parts(day: Day) -> list[Owned]:
    """Write a day as the attributes of its items."""
    head = {
        "customerId": day.customer_id,
        "openingCents": day.opening_cents,
        "closingCents": day.closing_cents,
        "firstSeq": day.first_seq,
        "lastSeq": day.last_seq,
        "headHash": day.head_hash,
    }
    return [{**part, "date": day.date.isoformat()} for part in parts_of(day.totals, head)]


def day_items(day: Day) -> list[Item]:
    """Write a day as its whole items."""
    return [
        item_of(day_keys.day(day.customer_id, day.date, number), owned)
        for number, owned in enumerate(day_parts(day))
    ]


def _as_parts(item: Item, owned: Owned) -> Owned:
    """Take of an item what this code knows of it."""
    return {name: item.get(name) for name in owned}


def _date_of(item: Item) -> date:
    return date.fromisoformat(item["date"])


def day_of(parts: Sequence[Item]) -> Day:
    """Read a day from all of its items, in order."""
    head = parts[0]
    return Day(
        customer_id=head["customerId"],
        date=_date_of(head),
        opening_cents=whole(head["openingCents"]),
        closing_cents=whole(head["closingCents"]),
        first_seq=whole(head["firstSeq"]),
        last_seq=whole(head["lastSeq"]),
        head_hash=head["headHash"],
        totals=totals_in(parts),
    )
