"""Months as items: what is billed to a customer of all that counts by a calendar month.

The lines of a month stand in a few items, by their product, so that a customer of thousands of
products still has items that fit, and one of a few products pays for one or two.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from billing.domain.months import MonthTotal
from billing.domain.tabs import LineKey
from billing.storage import keys
from billing.storage.changes import Owned, change, item_of
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, Key, whole
from billing.storage.writes import Put, Write

# Two shards of a tab may be settled at once: whoever billed some of the month first has changed
# what the other one's units come to.
NOT_BILLED_YET = "attribute_not_exists(#pk)"
UNCHANGED_SINCE_READ = "#revision = :seen"


@dataclass(frozen=True, slots=True)
class StoredMonths:
    """The months of a customer as they were read: whole items, by their keys."""

    customer_id: str
    items: Mapping[tuple[str, str], Item]

    def total(self, line: LineKey) -> MonthTotal:
        """Tell how far the month of a line is billed."""
        key = keys.month(self.customer_id, line.month, line.product_id)
        item = self.items.get((key["pk"], key["sk"]))
        found = None if item is None else item["lines"].get(_name_of(line))
        return MonthTotal() if found is None else MonthTotal(*found)


@dataclass(frozen=True, slots=True)
class Months:
    """Reads and writes months."""

    dynamo: Dynamo
    table: str

    def read(self, customer_id: str, lines: Iterable[LineKey]) -> StoredMonths:
        """Read the months of some lines, strongly consistent."""
        wanted = {
            (key["pk"], key["sk"]): key
            for key in (keys.month(customer_id, line.month, line.product_id) for line in lines)
        }
        found = self.dynamo.get_many(self.table, list(wanted.values()))
        return StoredMonths(customer_id, {(item["pk"], item["sk"]): item for item in found})

    def of_month(self, customer_id: str, month: str) -> dict[LineKey, MonthTotal]:
        """Read all that is billed of a month by lines that it counts, strongly consistent."""
        found = self.dynamo.get_many(self.table, keys.month_parts(customer_id, month))
        return {
            LineKey.parse(f"{name}/{month}"): MonthTotal(*total)
            for item in found
            for name, total in item["lines"].items()
        }

    def changing(self, before: StoredMonths, after: Mapping[LineKey, MonthTotal]) -> list[Write]:
        """Return the writes that bill some lines of what was read."""
        changed: dict[tuple[str, str], dict[str, list[Decimal]]] = {}
        for line, total in after.items():
            key = keys.month(before.customer_id, line.month, line.product_id)
            lines = changed.setdefault((key["pk"], key["sk"]), {})
            lines[_name_of(line)] = [total.units, total.debited_cents]
        return [
            self._change({"pk": pk, "sk": sk}, before.items.get((pk, sk)), lines)
            for (pk, sk), lines in sorted(changed.items())
        ]

    def _change(self, key: Key, before: Item | None, lines: Mapping[str, list[Decimal]]) -> Write:
        if before is None:
            return Put(self.table, item_of(key, _owned(lines, revision=1)), NOT_BILLED_YET)
        seen = whole(before["revision"])
        return change(
            self.table,
            key,
            before=_owned(before["lines"], revision=seen),
            after=_owned({**before["lines"], **lines}, revision=seen + 1),
            condition=UNCHANGED_SINCE_READ,
            values={":seen": seen},
        )


def _owned(lines: Mapping[str, list[Decimal]], *, revision: int) -> Owned:
    return {"lines": dict(lines), "revision": revision}


def _name_of(line: LineKey) -> str:
    """Name a line within its month."""
    return f"{line.product_id}@{line.price_version}"
