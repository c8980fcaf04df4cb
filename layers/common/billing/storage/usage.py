"""Usage events as items: recorded for ever, together with the tab they are billed by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING

from billing.domain.adjustments import Adjusted
from billing.domain.records import RecordId
from billing.domain.tabs import Lines, OpenTab, TabRef
from billing.domain.times import from_text, to_text
from billing.domain.usage import Adjustment, LogSource, UsageEvent
from billing.storage import keys, log_keys
from billing.storage.decisions import decision_item, decision_of
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, whole
from billing.storage.tabs import Tabs, open_tab_of
from billing.storage.throttling import Place
from billing.storage.writes import (
    FailedCondition,
    Put,
    TransactionCancelledError,
    TransactionThrottledError,
    Update,
    Write,
)

if TYPE_CHECKING:
    from billing.storage.take_backs import TakeBacks

# An event id belongs to one event of the customer for ever; recording it again changes nothing.
NOT_RECORDED_YET = "attribute_not_exists(#pk)"

# An adjustment rests on those before it, which are only ever added to: their number tells whether
# they are as read. An event that was never adjusted has none of that.
NOT_ADJUSTED_YET = "attribute_exists(#pk) AND attribute_not_exists(#adjustments)"
ADJUSTED_AS_READ = "size(#adjustments) = :seen"

IN_LOG_FILE_AFTER = "#logFileId = :file AND #logLine > :line"
IN_LOG_FILE_BEFORE = "#logFileId = :file AND #logLine < :line"

_ADJUST = "SET #adjustments = :adjustments"

# Keys of lines begin with digits, with which these two compare as before and after all of them.
_FIRST_LINE = "0"
_LAST_LINE = "~"

IN_TAB_BY_TIME = "#tabKey = :tab"
IN_TAB_BEFORE = "#tabKey = :tab AND #recordedAtEvent < :before"

# A transaction takes 100 writes; one of them is the tab.
EVENTS_PER_TRANSACTION_MAX = 99


class TabFault(Enum):
    """What was wrong with a tab, where it is not how the tab stands."""

    NONE = auto()
    MISSING = auto()
    # Another transaction was in the way, or there was no room for more writes.
    CROWDED = auto()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was recorded: events that are there already, by id, or the tab, or both.

    `tab` is the tab as it stands, where that is what was wrong: another number is open, or it is
    full. Where DynamoDB throttled, whoever tries again must wait first, wherever they go.
    """

    existing: Mapping[str, UsageEvent]
    tab: OpenTab | TabFault
    throttled: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Records and reads usage events."""

    dynamo: Dynamo
    table: str
    tabs: Tabs
    open_take_backs: Callable[[], "TakeBacks"]

    def record(
        self, events: Sequence[UsageEvent], ref: TabRef, number: int, lines: Lines, *, now: datetime
    ) -> Refusal | None:
        """Put events and add their lines to tab `number` in one transaction, or say why not."""
        puts = [Put(self.table, _event_item(event), NOT_RECORDED_YET) for event in events]
        return self._write(puts, self.tabs.accrual(ref, number, lines, now=now))

    def adjust(
        self,
        event: UsageEvent,
        adjusted: Adjusted,
        ref: TabRef,
        number: int,
        lines: Lines,
        *,
        now: datetime,
    ) -> Refusal | None:
        """Keep an adjustment of an event as it was read, put the row of the difference and add that
        to tab `number`, in one transaction, or say why not.

        That somebody else adjusted the event meanwhile, or took its record back as a whole, stands
        in no refusal: who tries again reads both again.
        """
        change = Update(
            self.table,
            keys.usage_event(event.customer_id, event.event_id),
            _ADJUST,
            ADJUSTED_AS_READ if event.adjustments else NOT_ADJUSTED_YET,
            {
                ":adjustments": [_adjustment_item(made) for made in adjusted.event.adjustments],
                **({":seen": len(event.adjustments)} if event.adjustments else {}),
            },
        )
        put = Put(self.table, _event_item(adjusted.difference), NOT_RECORDED_YET)
        accrual = self.tabs.accrual(ref, number, lines, now=now)
        apart = adjusted.takes_apart
        claims = [] if apart is None else [self.open_take_backs().in_parts(apart)]
        return self._write([change, put], accrual, claims)

    def _write(
        self, of_events: Sequence[Put | Update], accrual: Update, claims: Sequence[Update] = ()
    ) -> Refusal | None:
        writes: list[Write] = [*of_events, *claims, accrual]
        try:
            self.dynamo.transact(writes, retry_conflicts=False, retry_throttling=False)
        except TransactionThrottledError as refused:
            # Another tab has another item, and another partition of the index by time; nothing else
            # of an event changes with it.
            of_tab = {Place(self.tabs.table), Place(self.table, keys.BY_TIME_INDEX)}
            helps = refused.throttling.may_be_at(of_tab)
            return Refusal({}, TabFault.CROWDED if helps else TabFault.NONE, throttled=True)
        except TransactionCancelledError as cancelled:
            throttled = any(map(cancelled.throttled, writes))
            return _refusal(cancelled, of_events, accrual, throttled=throttled)
        return None

    def get(self, customer_id: str, event_id: str) -> UsageEvent | None:
        """Read one event, strongly consistent."""
        item = self.dynamo.get(self.table, keys.usage_event(customer_id, event_id))
        return None if item is None else event_of(item)

    def newest_first(
        self, ref: TabRef, *, before: str | None, limit: int
    ) -> tuple[list[UsageEvent], str | None]:
        """Read up to `limit` events of one tab shard from an index that may lag by a moment.

        Returns the position that they were read down to too, None where that is the end.
        """
        values = {":tab": keys.tab_key(ref.customer_id, ref.shard)}
        page = self.dynamo.query(
            self.table,
            index=keys.BY_TIME_INDEX,
            condition=IN_TAB_BY_TIME if before is None else IN_TAB_BEFORE,
            values=values if before is None else {**values, ":before": before},
            limit=limit,
            newest_first=True,
        )
        events = [event_of(item) for item in page.items]
        return events, None if page.last_key is None else position_of(events[-1])

    def of_log_file(
        self, file_id: str, *, after: str | None, limit: int
    ) -> tuple[list[UsageEvent], str | None]:
        """Read up to `limit` events of a log file in order of lines, from an index that may lag.

        Returns the position to go on after too, None where no line follows.
        """
        return self._of_log_file(IN_LOG_FILE_AFTER, file_id, after or _FIRST_LINE, limit)

    def of_log_file_backwards(
        self, file_id: str, *, before: str | None, limit: int
    ) -> tuple[list[UsageEvent], str | None]:
        """Read up to `limit` events of a log file, its last line first, likewise."""
        return self._of_log_file(IN_LOG_FILE_BEFORE, file_id, before or _LAST_LINE, limit)

    def _of_log_file(
        self, condition: str, file_id: str, position: str, limit: int
    ) -> tuple[list[UsageEvent], str | None]:
        page = self.dynamo.query(
            self.table,
            index=keys.BY_LOG_INDEX,
            condition=condition,
            values={":file": file_id, ":line": position},
            # One more tells whether there are more.
            limit=limit + 1,
            newest_first=condition is IN_LOG_FILE_BEFORE,
        )
        shown = page.items[:limit]
        more = len(page.items) > limit or page.last_key is not None
        return [event_of(item) for item in shown], shown[-1]["logLine"] if more else None


def position_of(event: UsageEvent) -> str:
    """Tell where an event stands in the by-time order of its customer."""
    return keys.recorded_at_event(event.recorded_at, event.event_id)


def event_of(item: Item) -> UsageEvent:
    """Read an event from its item."""
    return UsageEvent(
        customer_id=item["pk"],
        event_id=keys.event_id_of(item["sk"]),
        product_id=item["productId"],
        units=item["units"],
        unit_price_cents=item["unitPriceCents"],
        price_version=whole(item["priceVersion"]),
        occurred_at=from_text(item["occurredAt"]),
        recorded_at=_recorded_at(item),
        record_id=RecordId.parse(item["recordId"]),
        source=_source(item),
        adjustments=tuple(map(_adjustment, item.get("adjustments", ()))),
    )


def _event_item(event: UsageEvent) -> Item:
    # Nothing is stored twice, so that the longest ids still fit into one write unit (1 KB).
    return {
        **keys.usage_event(event.customer_id, event.event_id),
        "tabKey": keys.tab_key(event.customer_id, event.record_id.tab.shard),
        "recordedAtEvent": position_of(event),
        "productId": event.product_id,
        "units": event.units,
        "unitPriceCents": event.unit_price_cents,
        "priceVersion": event.price_version,
        "occurredAt": to_text(event.occurred_at),
        "recordId": str(event.record_id),
        **_source_item(event.source),
    }


def _source_item(source: LogSource | None) -> Item:
    # Without these attributes an event is in no index of log files, and costs nothing there.
    if source is None:
        return {}
    return {**log_keys.log_line(source.file_id, source.line, source.upload)}


def _source(item: Item) -> LogSource | None:
    file_id = item.get("logFileId")
    if file_id is None:
        return None
    return LogSource(file_id, *log_keys.log_line_reference(item["logLine"]))


def _adjustment_item(made: Adjustment) -> Item:
    return {
        "before": made.units_before,
        "after": made.units_after,
        "recordId": str(made.record_id),
        **decision_item(made.decision),
    }


def _adjustment(item: Item) -> Adjustment:
    return Adjustment(
        item["before"], item["after"], RecordId.parse(item["recordId"]), decision_of(item)
    )


def _recorded_at(item: Item) -> datetime:
    text: str = item["recordedAtEvent"]
    return from_text(text.partition("#")[0])


def _refusal(
    cancelled: TransactionCancelledError,
    of_events: Sequence[Put | Update],
    accrual: Update,
    *,
    throttled: bool,
) -> Refusal:
    existing: dict[str, UsageEvent] = {}
    for write in of_events:
        failure = cancelled.failure_of(write)
        if failure is not None and failure.item is not None:
            event = event_of(failure.item)
            existing[event.event_id] = event
    # Nothing says whether it was an event itself that found no room, or its place in an index.
    crowded = throttled or cancelled.contention_on(accrual)
    return Refusal(existing, _fault_of(cancelled.failure_of(accrual), crowded=crowded), throttled)


def _fault_of(failure: FailedCondition | None, *, crowded: bool) -> OpenTab | TabFault:
    if failure is not None and failure.item is None:
        return TabFault.MISSING
    if crowded:
        return TabFault.CROWDED
    return TabFault.NONE if failure is None or failure.item is None else open_tab_of(failure.item)
