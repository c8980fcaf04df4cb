"""Adjust usage: void an event, or correct its units, before it is billed and after."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from billing.domain.adjustments import adjust, check_adjustable, check_target
from billing.domain.rating import lines_of
from billing.domain.records import BillingRecord, Decision, RecordId
from billing.domain.tabs import SHARDS_MAX
from billing.domain.times import Clock
from billing.services.catalogue import Catalogue
from billing.services.open_tabs import OpenTabs
from billing.services.read_usage import BilledEvent, get_usage_event
from billing.services.retrying import Retry
from billing.services.tab_numbers import TabNumbers
from billing.storage.stores import Stores

OUT_OF_TIME = "The event could not be adjusted in time; ask again for the same"


@dataclass(frozen=True, slots=True)
class AdjustmentRequest:
    """How many units an event shall count for, 0 where it is void; `by` is the id of the API key.

    Its target says all: the same one again changes nothing.
    """

    customer_id: str
    event_id: str
    units: Decimal
    by: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class UsageAdjuster:
    """Adjusts usage, with the stores of this invocation; `interval` is between two billing runs."""

    stores: Stores
    catalogue: Catalogue
    clock: Clock
    interval: timedelta
    random_below: Callable[[int], int] = random.randrange

    def adjust(self, request: AdjustmentRequest) -> BilledEvent:
        """Let an event count for other units, or for none; returns it with what bills it.

        Raises CustomerNotFoundError, EventNotFoundError, InvalidInputError for units that the event
        could not have been recorded with, LimitReachedError after so many adjustments, and
        RecordVoidError where a record of its rows was taken back as a whole.
        """
        stores = self.stores
        # What a container remembers is where it records, and stays so.
        tabs = OpenTabs(stores, TabNumbers(self.interval), self.clock, self.random_below)
        retry = Retry(stores, busy=OUT_OF_TIME, places=SHARDS_MAX)
        while True:
            billed = get_usage_event(request.customer_id, request.event_id, stores=stores)
            event = billed.event
            if event.present_units == request.units:
                return billed
            last = self._last_record(billed)
            self._check(request.units, billed, last)
            # On the shard of the event, the difference is billed no sooner than what it adjusts.
            tab = tabs.open(event.record_id.tab, 1)
            now = self.clock()
            decision = Decision(now, request.by, request.reason)
            record_id = RecordId.of_tab(tab.ref, tab.number)
            adjusted = adjust(event, request.units, record_id, decision, last)
            refusal = stores.usage.adjust(
                event, adjusted, tab.ref, tab.number, lines_of([adjusted.difference]), now=now
            )
            if refusal is None:
                return BilledEvent(adjusted.event, billed.record)
            tabs.look_again(tab, refusal)
            retry.wait(throttled=refusal.throttled)

    def _last_record(self, billed: BilledEvent) -> BillingRecord | None:
        """Read the record that bills the youngest row of an event, None until it is settled."""
        last_id = billed.event.last_record_id
        if last_id == billed.event.record_id:
            return billed.record
        return self.stores.records.get(last_id)

    def _check(self, units: Decimal, billed: BilledEvent, last: BillingRecord | None) -> None:
        check_adjustable(billed.event, billed.record, last)
        product_id = billed.event.product_id
        product = self.catalogue.product(product_id, stores=self.stores, now=self.clock())
        check_target(units, billed.event, product)
