"""Record usage: one transaction per 99 events of a customer, and hardly a read while it is busy."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from billing.domain.errors import (
    BillingError,
    EventConflictError,
    ProductArchivedError,
)
from billing.domain.pricing import Product
from billing.domain.rating import PricedClaim, lines_of, price_claim, rate
from billing.domain.records import RecordId
from billing.domain.tabs import COUNTED_MONTHS_OF_BATCH_MAX, SHARDS_MAX, OpenTab, TabRef
from billing.domain.times import Clock
from billing.domain.usage import UsageClaim, UsageEvent
from billing.services.catalogue import Catalogue
from billing.services.open_tabs import OpenTabs
from billing.services.retrying import Retry, side_by_side
from billing.services.tab_numbers import TabNumbers
from billing.storage.stores import Stores
from billing.storage.usage import EVENTS_PER_TRANSACTION_MAX, Refusal

BATCH_EVENTS_MAX = 1000

OUT_OF_TIME = "Usage could not be recorded in time; send it again as it is"


class Outcome(StrEnum):
    """What became of one claim."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A claim whose event is recorded: just now, or before, where the claim is a duplicate."""

    event: UsageEvent
    is_duplicate: bool = False

    @property
    def outcome(self) -> Outcome:
        """Whether this very claim made the event."""
        return Outcome.DUPLICATE if self.is_duplicate else Outcome.ACCEPTED


@dataclass(frozen=True, slots=True)
class Refused:
    """A claim that was kept out, and why."""

    error: BillingError

    @property
    def outcome(self) -> Outcome:
        """Whether an event with other content has the claim's id, or anything else was wrong."""
        is_conflict = isinstance(self.error, EventConflictError)
        return Outcome.CONFLICT if is_conflict else Outcome.REJECTED


type UsageResult = Recorded | Refused


@dataclass(frozen=True, slots=True)
class _Standing:
    """The event that stands under an id; a new one was made of the first claim of that id."""

    event: UsageEvent
    is_new: bool


@dataclass(frozen=True, slots=True)
class UsageRecorder:
    """Records usage, with the stores of this invocation and the memories of this container."""

    stores: Stores
    catalogue: Catalogue
    tab_numbers: TabNumbers
    clock: Clock
    random_below: Callable[[int], int] = random.randrange

    @property
    def _tabs(self) -> OpenTabs:
        return OpenTabs(self.stores, self.tab_numbers, self.clock, self.random_below)

    def record(self, claims: Sequence[UsageClaim]) -> list[UsageResult]:
        """Record what callers say was used; the results stand in the order of the claims.

        Every claim ends on its own: one that is refused keeps no other out. A claim that could not
        be recorded in time is refused with `UnavailableError`, and may be repeated as it is.
        """
        by_customer: dict[str, list[int]] = {}
        for position, claim in enumerate(claims):
            by_customer.setdefault(claim.customer_id, []).append(position)

        def of_one_customer(positions: Sequence[int]) -> list[UsageResult]:
            return self._record_customer([claims[position] for position in positions])

        # Their events never share an item, so that a batch of a thousand customers ends in time.
        results: dict[int, UsageResult] = {}
        groups = list(by_customer.values())
        for positions, found in zip(groups, side_by_side(of_one_customer, groups), strict=True):
            results.update(zip(positions, found, strict=True))
        return [results[position] for position in range(len(claims))]

    def _record_customer(self, claims: Sequence[UsageClaim]) -> list[UsageResult]:
        """Record the claims of one customer, tab by tab, in order."""
        customer_id = claims[0].customer_id
        try:
            self._tabs.open(TabRef(customer_id, 0), min(len(claims), EVENTS_PER_TRANSACTION_MAX))
        except BillingError as error:
            return [Refused(error) for _ in claims]
        judged = self._price(claims)
        first_by_id: dict[str, PricedClaim] = {}
        for each in judged:
            if isinstance(each, PricedClaim):
                first_by_id.setdefault(each.event_id, each)
        standing: dict[str, _Standing | Refused] = {}
        for chunk in _chunks(first_by_id.values()):
            standing.update(self._record_chunk(customer_id, chunk))

        def result(each: PricedClaim | UsageResult) -> UsageResult:
            if not isinstance(each, PricedClaim):
                return each
            is_first = first_by_id[each.event_id] is each
            return _judge(each.claim, standing[each.event_id], is_first=is_first)

        return [result(each) for each in judged]

    def _price(self, claims: Sequence[UsageClaim]) -> list[PricedClaim | UsageResult]:
        """Judge each claim and find its price, all by one reading of the clock."""
        now = self.clock()
        product_ids = {claim.product_id for claim in claims}
        found = {product_id: self._find_product(product_id, now=now) for product_id in product_ids}

        def price(claim: UsageClaim) -> PricedClaim | UsageResult:
            product = found[claim.product_id]
            if isinstance(product, BillingError):
                return Refused(product)
            try:
                return price_claim(claim, product, now=now)
            except ProductArchivedError as error:
                return self._recorded_before(claim) or Refused(error)
            except BillingError as error:
                return Refused(error)

        return [price(claim) for claim in claims]

    def _recorded_before(self, claim: UsageClaim) -> UsageResult | None:
        """Answer a repetition as the first time, though its product was archived since."""
        event = self.stores.usage.get(claim.customer_id, claim.event_id)
        return None if event is None else _judge(claim, _Standing(event, is_new=False))

    def _find_product(self, product_id: str, *, now: datetime) -> Product | BillingError:
        try:
            return self.catalogue.product(product_id, stores=self.stores, now=now)
        except BillingError as error:
            return error

    def _record_chunk(
        self, customer_id: str, claims: Sequence[PricedClaim]
    ) -> dict[str, _Standing | Refused]:
        """Record up to 99 claims of one customer, each of its own event id, in one transaction.

        What keeps the transaction from happening is dealt with and the rest tried again, until time
        runs out.
        """
        waiting = {claim.event_id: claim for claim in claims}
        standing: dict[str, _Standing | Refused] = {}
        # Whoever meets others at a tab goes to another one, and so do they.
        retry = Retry(self.stores, busy=OUT_OF_TIME, places=SHARDS_MAX)
        try:
            while waiting:
                tab = self._tabs.open(TabRef(customer_id, 0), len(waiting))
                attempted = self._attempt(list(waiting.values()), tab)
                if not isinstance(attempted, Refusal):
                    standing |= {made.event_id: _Standing(made, is_new=True) for made in attempted}
                    break
                for event_id, existing in attempted.existing.items():
                    standing[event_id] = _Standing(existing, is_new=False)
                    del waiting[event_id]
                self._tabs.look_again(tab, attempted)
                if waiting:
                    retry.wait(throttled=attempted.throttled)
        except BillingError as error:
            standing |= {event_id: Refused(error) for event_id in waiting}
        return standing

    def _attempt(self, claims: Sequence[PricedClaim], tab: OpenTab) -> list[UsageEvent] | Refusal:
        """Try once to record all of some claims; returns their events, or what stood in the way."""
        now = self.clock()
        record_id = RecordId.of_tab(tab.ref, tab.number)
        events = [rate(claim, record_id, now=now) for claim in claims]
        refusal = self.stores.usage.record(events, tab.ref, tab.number, lines_of(events), now=now)
        if refusal is not None:
            return refusal
        self.tab_numbers.remember(tab.with_usage(now=now), now=now)
        return events


def _judge(
    claim: UsageClaim, standing: _Standing | Refused, *, is_first: bool = False
) -> UsageResult:
    """Tell what became of a claim; a repetition within a batch is judged like any other."""
    if isinstance(standing, Refused):
        return standing
    if is_first and standing.is_new:
        return Recorded(standing.event)
    if standing.event.repeats(claim):
        return Recorded(standing.event, is_duplicate=True)
    return Refused(EventConflictError(claim.event_id))


def _chunks(claims: Iterable[PricedClaim]) -> Iterator[list[PricedClaim]]:
    """Cut claims into transactions, each of so many events, and of few months that are counted."""
    chunk: list[PricedClaim] = []
    months: set[str] = set()
    for claim in sorted(claims, key=lambda claim: claim.counted_month or ""):
        month = claim.counted_month
        is_one_more = month is not None and month not in months
        if len(chunk) == EVENTS_PER_TRANSACTION_MAX or (
            is_one_more and len(months) == COUNTED_MONTHS_OF_BATCH_MAX
        ):
            yield chunk
            chunk, months = [], set()
        chunk.append(claim)
        if month is not None:
            months.add(month)
    if chunk:
        yield chunk
