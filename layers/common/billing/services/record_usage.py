"""Record usage: one transaction per 99 events of a customer, and no read while it is busy."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from billing.domain.errors import (
    BillingError,
    CustomerNotFoundError,
    EventConflictError,
)
from billing.domain.pricing import Product
from billing.domain.rating import check_claim, lines_of, rate
from billing.domain.records import RecordId
from billing.domain.tabs import SHARDS_MAX, TabRef
from billing.domain.times import Clock, month_of
from billing.domain.usage import UsageClaim, UsageEvent
from billing.services.catalogue import Catalogue
from billing.services.retrying import Retry, side_by_side
from billing.services.tab_numbers import OpenTab, TabNumbers
from billing.storage.stores import Stores
from billing.storage.tabs import LINES_PER_ACCRUAL_MAX
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
class UsageResult:
    """The outcome of one claim, with the event as recorded, or the error that kept it out."""

    outcome: Outcome
    event: UsageEvent | None = None
    error: BillingError | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the first claim of an event id, and the event that stands under it now."""

    result: UsageResult
    recorded: UsageEvent | None = None

    def to(self, claim: UsageClaim, *, is_first: bool) -> UsageResult:
        """Answer a claim; a repetition within the same batch is judged like any other."""
        if is_first or self.recorded is None:
            return self.result
        return _judge(claim, self.recorded)


@dataclass(frozen=True, slots=True)
class Recorder:
    """What recording works with: stores of this invocation, memories of this container."""

    stores: Stores
    catalogue: Catalogue
    tab_numbers: TabNumbers
    clock: Clock
    random_below: Callable[[int], int] = random.randrange


def record_usage(
    claims: Sequence[UsageClaim],
    *,
    stores: Stores,
    catalogue: Catalogue,
    tab_numbers: TabNumbers,
    clock: Clock,
    random_below: Callable[[int], int] = random.randrange,
) -> list[UsageResult]:
    """Record what callers say was used; the results stand in the order of the claims.

    Every claim ends on its own: one that is refused keeps no other out. A claim that could not be
    recorded in time is rejected with `UnavailableError`, and may be repeated as it is.
    """
    recorder = Recorder(stores, catalogue, tab_numbers, clock, random_below)
    by_customer: dict[str, list[int]] = {}
    for position, claim in enumerate(claims):
        by_customer.setdefault(claim.customer_id, []).append(position)

    def of_one_customer(positions: Sequence[int]) -> list[UsageResult]:
        return _record_customer([claims[position] for position in positions], recorder)

    # Their events never share an item, and a batch of a thousand customers ends in one invocation.
    results: dict[int, UsageResult] = {}
    groups = list(by_customer.values())
    for positions, answers in zip(groups, side_by_side(of_one_customer, groups), strict=True):
        results.update(zip(positions, answers, strict=True))
    return [results[position] for position in range(len(claims))]


def _record_customer(claims: Sequence[UsageClaim], recorder: Recorder) -> list[UsageResult]:
    """Record the claims of one customer, tab by tab, in order."""
    customer_id = claims[0].customer_id
    try:
        _open_tab(customer_id, recorder)
    except BillingError as error:
        return [_refused(error) for _ in claims]
    product_ids = {claim.product_id for claim in claims}
    found = {product_id: _find_product(product_id, recorder) for product_id in product_ids}
    refusals = {
        position: _refusal_of(claim, found[claim.product_id], recorder)
        for position, claim in enumerate(claims)
    }
    first_by_id: dict[str, int] = {}
    for position, claim in enumerate(claims):
        if refusals[position] is None:
            first_by_id.setdefault(claim.event_id, position)
    answers: dict[str, Answer] = {}
    for chunk in _chunks(claims[position] for position in first_by_id.values()):
        answers.update(_record_chunk(customer_id, chunk, recorder))

    def answer(position: int, claim: UsageClaim) -> UsageResult:
        is_first = first_by_id[claim.event_id] == position
        return answers[claim.event_id].to(claim, is_first=is_first)

    return [refusals[position] or answer(position, claim) for position, claim in enumerate(claims)]


def _chunks(claims: Iterable[UsageClaim]) -> Iterator[list[UsageClaim]]:
    """Cut claims into transactions, by the lines of the tab that they add to."""
    chunk: list[UsageClaim] = []
    lines: set[tuple[str, str]] = set()
    for claim in sorted(claims, key=_line_of):
        lines.add(_line_of(claim))
        if len(chunk) == EVENTS_PER_TRANSACTION_MAX or len(lines) > LINES_PER_ACCRUAL_MAX:
            yield chunk
            chunk, lines = [], {_line_of(claim)}
        chunk.append(claim)
    if chunk:
        yield chunk


def _line_of(claim: UsageClaim) -> tuple[str, str]:
    """Tell claims of different lines apart, before it is known which line the present one is."""
    return claim.product_id, month_of(claim.occurred_at) if claim.occurred_at else ""


def _find_product(product_id: str, recorder: Recorder) -> Product | BillingError:
    try:
        return recorder.catalogue.product(product_id, stores=recorder.stores, now=recorder.clock())
    except BillingError as error:
        return error


def _refusal_of(
    claim: UsageClaim, product: Product | BillingError, recorder: Recorder
) -> UsageResult | None:
    if isinstance(product, BillingError):
        return _refused(product)
    try:
        check_claim(claim, product, now=recorder.clock())
    except BillingError as error:
        return _refused(error)
    return None


def _judge(claim: UsageClaim, existing: UsageEvent) -> UsageResult:
    if existing.repeats(claim):
        return UsageResult(Outcome.DUPLICATE, event=existing)
    return UsageResult(Outcome.CONFLICT, error=EventConflictError(claim.event_id))


def _accepted(event: UsageEvent) -> Answer:
    return Answer(UsageResult(Outcome.ACCEPTED, event=event), event)


def _refused(error: BillingError) -> UsageResult:
    return UsageResult(Outcome.REJECTED, error=error)


def _record_chunk(
    customer_id: str, claims: Sequence[UsageClaim], recorder: Recorder
) -> dict[str, Answer]:
    """Record up to 99 claims of one customer, each of its own event id, in one transaction.

    What keeps the transaction from happening is dealt with and the rest tried again, until time
    runs out.
    """
    waiting = {claim.event_id: claim for claim in claims}
    answers: dict[str, Answer] = {}
    # The first correction, an outdated number as a rule, is tried at once.
    retry = Retry(recorder.stores, busy=OUT_OF_TIME, first_at_once=True)
    try:
        while waiting:
            tab = _open_tab(customer_id, recorder)
            events, refusal = _attempt(list(waiting.values()), tab, recorder)
            if refusal is None:
                answers |= {event.event_id: _accepted(event) for event in events}
                break
            for event_id, existing in refusal.existing.items():
                answers[event_id] = Answer(_judge(waiting.pop(event_id), existing), existing)
            _look_again(tab, refusal, recorder)
            if waiting:
                retry.wait()
    except BillingError as error:
        answers |= {event_id: Answer(_refused(error)) for event_id in waiting}
    return answers


def _attempt(
    claims: Sequence[UsageClaim], tab: OpenTab, recorder: Recorder
) -> tuple[list[UsageEvent], Refusal | None]:
    now = recorder.clock()
    record_id = RecordId.of_tab(tab.ref, tab.number)
    events = [
        rate(claim, _product_at(claim, recorder, now), record_id, now=now) for claim in claims
    ]
    refusal = recorder.stores.usage.record(events, tab.ref, tab.number, lines_of(events), now=now)
    if refusal is None:
        recorder.tab_numbers.remember(tab, now=now)
    return events, refusal


def _product_at(claim: UsageClaim, recorder: Recorder, now: datetime) -> Product:
    return recorder.catalogue.product(claim.product_id, stores=recorder.stores, now=now)


def _open_tab(customer_id: str, recorder: Recorder) -> OpenTab:
    """Return the tab to record on; raises CustomerNotFoundError where the customer has none."""
    now = recorder.clock()
    remembered = recorder.tab_numbers.recall(customer_id, now=now)
    if remembered is not None:
        return remembered
    ref = TabRef(customer_id, 0)
    tabs = recorder.stores.tabs
    # An eventually consistent read costs half; only a customer made this moment needs the other.
    number = tabs.number_of(ref, consistent=False) or tabs.number_of(ref, consistent=True)
    if number is None:
        raise CustomerNotFoundError(customer_id)
    tab = OpenTab(ref, number)
    recorder.tab_numbers.remember(tab, now=now)
    return tab


def _look_again(tab: OpenTab, refusal: Refusal, recorder: Recorder) -> None:
    """Correct what this container believes about the customer's tab, from a refusal."""
    customer_id = tab.ref.customer_id
    if refusal.tab_missing:
        recorder.tab_numbers.forget(customer_id)
        raise CustomerNotFoundError(customer_id)
    full = refusal.tab is not None and refusal.tab.is_full
    if refusal.contended or full:
        _move(tab, recorder)
    elif refusal.tab is not None:
        outdated = OpenTab(tab.ref, refusal.tab.number)
        recorder.tab_numbers.remember(outdated, now=recorder.clock())


def _move(tab: OpenTab, recorder: Recorder) -> None:
    """Move to another tab shard of the customer, making it on first use.

    So a hot customer spreads over more items by itself, and a quiet one keeps one tab.
    """
    customer_id = tab.ref.customer_id
    step = 1 + recorder.random_below(SHARDS_MAX - 1)
    ref = TabRef(customer_id, (tab.ref.shard + step) % SHARDS_MAX)
    tabs = recorder.stores.tabs
    number = tabs.number_of(ref, consistent=True)
    if number is None:
        if not tabs.make_shard(ref):
            raise CustomerNotFoundError(customer_id)
        number = tabs.number_of(ref, consistent=True) or 1
    recorder.tab_numbers.remember(OpenTab(ref, number), now=recorder.clock())
