"""Read usage: single events, and a customer's events newest first, each with what billed it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from billing.domain.customers import Customer, Status
from billing.domain.errors import CustomerNotFoundError, EventNotFoundError
from billing.domain.records import BillingRecord
from billing.domain.tabs import SHARDS_MAX, Tab, TabRef
from billing.domain.times import to_text
from billing.domain.usage import UsageEvent
from billing.services.paging import Page, cursor_at, position_of
from billing.storage.lists import merged
from billing.storage.stores import Stores
from billing.storage.usage import position_of as usage_position

# Clocks of Lambda containers agree to well under a second; this margin costs a few more rows.
CLOCK_SKEW_MAX = timedelta(seconds=30)

# One call reads no more than this, however many events of other records stand between.
INDEX_PAGES_PER_CALL_MAX = 20


@dataclass(frozen=True, slots=True)
class BilledEvent:
    """An event, and the record that bills it, None until its tab is settled."""

    event: UsageEvent
    record: BillingRecord | None

    @property
    def billed_at(self) -> datetime | None:
        """When the customer paid for the event."""
        return None if self.record is None else self.record.paid_at


def get_usage_event(customer_id: str, event_id: str, *, stores: Stores) -> BilledEvent:
    """Read one event; raises CustomerNotFoundError or EventNotFoundError."""
    event = stores.usage.get(customer_id, event_id)
    if event is None:
        if stores.customers.get(customer_id) is None:
            raise CustomerNotFoundError(customer_id)
        raise EventNotFoundError(event_id)
    return BilledEvent(event, stores.records.get(event.record_id))


def shards_of(customer: Customer, tabs: Iterable[Tab]) -> list[TabRef]:
    """Tell under which tab shards a customer's usage stands: of who was deleted no tab is left to
    tell, so that each may have some.
    """
    if customer.status is Status.DELETED:
        return [TabRef(customer.id, shard) for shard in range(SHARDS_MAX)]
    return [tab.ref for tab in tabs]


def list_usage(
    shards: Sequence[TabRef], *, limit: int, cursor: str | None, stores: Stores
) -> Page[BilledEvent]:
    """List the events of a customer's tab shards, newest first, merged into one order."""
    events, position = newest_usage(shards, limit=limit, before=position_of(cursor), stores=stores)
    return Page(with_records(events, stores=stores), cursor_at(position))


def newest_usage(
    shards: Sequence[TabRef], *, limit: int, before: str | None, stores: Stores
) -> tuple[list[UsageEvent], str | None]:
    """Read the newest events of tab shards in one order, and the position to go on before, None at
    the end.
    """
    # One more tells whether there are more.
    parts = [stores.usage.newest_first(ref, before=before, limit=limit + 1) for ref in shards]
    return merged(parts, usage_position, limit=limit)


def with_records(events: Sequence[UsageEvent], *, stores: Stores) -> list[BilledEvent]:
    """Put to each event the record that bills it, if its tab is settled."""
    records = stores.records.get_many(event.record_id for event in events)
    return [BilledEvent(event, records.get(event.record_id)) for event in events]


def list_record_events(
    record: BillingRecord, *, limit: int, cursor: str | None, stores: Stores
) -> Page[UsageEvent]:
    """List the events of a record, newest first; a manual record has none.

    They stand in a short range of the by-time index: between the opening and the sealing of the
    tab, with a margin for clocks that differ, and are told from their neighbours by the record id.
    A page may be short, and have a cursor all the same, where many neighbours had to be passed.
    """
    if record.opened_at is None or record.sealed_at is None:
        return Page([], None)
    first = to_text(record.opened_at - CLOCK_SKEW_MAX)
    before: str | None = position_of(cursor) or to_text(record.sealed_at + CLOCK_SKEW_MAX)
    events: list[UsageEvent] = []
    for _ in range(INDEX_PAGES_PER_CALL_MAX):
        if before is None or len(events) > limit:
            break
        # One more tells whether there are more.
        found, before = stores.usage.newest_first(record.id.tab, before=before, limit=limit + 1)
        in_range = [event for event in found if usage_position(event) >= first]
        events += [event for event in in_range if event.record_id == record.id]
        if len(in_range) < len(found):
            before = None
    if len(events) > limit:
        before = usage_position(events[limit - 1])
    return Page(events[:limit], cursor_at(before))
