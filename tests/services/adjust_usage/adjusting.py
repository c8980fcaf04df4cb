"""Events by name, and what there is to read of their adjustments."""

from dataclasses import replace
from datetime import datetime

from billing.domain.records import BillingRecord
from billing.domain.usage import UsageEvent
from billing.services.read_usage import get_usage_event, list_record_events
from tests.support.books import Books, event_in


def used(
    books: Books,
    units: int,
    product_id: str = "flat",
    *,
    event_id: str = "wrong",
    at: datetime | None = None,
) -> UsageEvent:
    """Use something, under a name and at a time."""
    claim = books.claim(units, product_id=product_id, event_id=event_id)
    return event_in(books.record([replace(claim, occurred_at=at)])[0])


def event_now(books: Books, event_id: str = "wrong") -> UsageEvent:
    """Read an event again."""
    return get_usage_event("acme", event_id, stores=books.stores).event


def behind(books: Books, record: BillingRecord) -> dict[str, int]:
    """List the rows behind a record, each with its units."""
    page = list_record_events(record, limit=100, cursor=None, stores=books.stores)
    return {event.event_id: int(event.units) for event in page.items}


def amounts(books: Books) -> list[int]:
    """Tell what the records ask for, in order of their numbers."""
    return [record.amount_cents for record in books.records()]
