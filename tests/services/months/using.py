"""Usage of products that count by the month, on a shard of choice and at a time of choice."""

from dataclasses import replace
from datetime import datetime

from billing.domain.tabs import TabRef
from billing.domain.usage import UsageEvent
from billing.services.settle_tab import settle_tab
from tests.support.books import Books, event_in

TAB = TabRef("acme", 0)
OTHER_TAB = TabRef("acme", 5)


def used(
    books: Books, units: int, product_id: str = "graduated", *, at: datetime | None = None
) -> UsageEvent:
    """Use something, at a time, and give the event."""
    claim = books.claim(units, product_id=product_id)
    return event_in(books.record([replace(claim, occurred_at=at)])[0])


def used_on(books: Books, ref: TabRef, units: int, product_id: str = "graduated") -> UsageEvent:
    """Use something on a shard of the tab."""
    books.stores.tabs.make_shard(ref)
    tab = books.stores.tabs.look(ref, consistent=True)
    assert tab is not None
    books.tab_numbers.remember(tab, now=books.clock())
    event = used(books, units, product_id)
    assert event.record_id.tab == ref
    return event


def settle(books: Books, ref: TabRef = TAB) -> None:
    """Settle a shard of the tab, as a run does."""
    settle_tab(ref, dunning=books.dunning)
