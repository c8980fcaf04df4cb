"""Reports as items: what the entries of all customers of a day come to, in sixteen shards.

A shard is read and changed under its revision, in the transaction that adds to a customer's day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from billing.domain.days import NOTHING, DayReport, Totals
from billing.storage import day_keys
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, whole
from billing.storage.totals import changing_parts, parts_of, totals_in
from billing.storage.writes import Write

OF_DAY = "#pk = :pk"
OF_SHARD = "#pk = :pk AND begins_with(#sk, :shard)"

# Entries of another customer were added since the shard was read.
UNCHANGED_SINCE_READ = "#revision = :seen"

REPORT_PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class ReportShard:
    """One shard of a day's report as it was read; revision 0 where there is none yet."""

    date: date
    shard: int
    totals: Totals = NOTHING
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Reports:
    """Reads and writes what the entries of all customers come to."""

    dynamo: Dynamo
    table: str

    def shard(self, day: date, customer_id: str, *, turn: int = 0) -> ReportShard:
        """Read the shard that takes a customer's entries, strongly consistent; another one each
        turn, for who lost a race.
        """
        shard = day_keys.report_shard(customer_id, turn)
        parts = list(
            self.dynamo.query_all(
                self.table,
                condition=OF_SHARD,
                values={":pk": day_keys.report(day), ":shard": day_keys.report_shard_prefix(shard)},
                page_size=REPORT_PAGE_SIZE,
            )
        )
        if not parts:
            return ReportShard(day, shard)
        return ReportShard(day, shard, totals_in(parts), whole(parts[0]["revision"]))

    def adding(self, before: ReportShard, totals: Totals) -> list[Write]:
        """Return the writes that add totals to a shard."""
        revision = before.revision
        return changing_parts(
            self.table,
            lambda part: day_keys.report_part(before.date, before.shard, part),
            parts_of(before.totals, {"revision": revision}) if revision else [],
            parts_of(before.totals.plus(totals), {"revision": revision + 1}),
            condition=UNCHANGED_SINCE_READ,
            values={":seen": revision},
        )

    def between(self, first: date, last: date) -> Iterator[DayReport]:
        """Read the reports of the dates from one to another, both included, oldest first.

        Each shard is strongly consistent. A date without entries is left out.
        """
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            shards = self._shards(day)
            if shards:
                yield DayReport(day, _sum(shards))

    def _shards(self, day: date) -> list[Totals]:
        found = self.dynamo.query_all(
            self.table,
            condition=OF_DAY,
            values={":pk": day_keys.report(day)},
            page_size=REPORT_PAGE_SIZE,
        )
        return [totals_in(list(parts)) for _, parts in groupby(found, _shard_of)]


def _shard_of(item: Item) -> str:
    return day_keys.report_shard_of({"pk": item["pk"], "sk": item["sk"]})


def _sum(shards: Sequence[Totals]) -> Totals:
    totals = NOTHING
    for shard in shards:
        totals = totals.plus(shard)
    return totals
