"""What an event tells once it was adjusted, and what it refuses."""

from dataclasses import replace
from datetime import timedelta

import pytest

from billing.domain.errors import (
    CustomerNotFoundError,
    EventConflictError,
    EventNotFoundError,
    InvalidInputError,
    LimitReachedError,
)
from billing.domain.usage import ADJUSTMENTS_MAX, LogSource, UsageEvent
from billing.services.manage_customers import delete_customer
from billing.services.read_balance import read_balance
from billing.services.read_logs import list_customer_logs
from billing.services.record_usage import Outcome, Refused
from tests.services.adjust_usage.adjusting import event_now, used
from tests.support.books import Books, event_in


def counts(event: UsageEvent) -> tuple[int, int]:
    """Tell the units that an event was recorded with, and what counts now."""
    return int(event.units), int(event.present_units)


def test_an_event_tells_who_adjusted_it_when_and_why(books: Books) -> None:
    recorded = used(books, 40)
    books.clock.advance(5)
    corrected = books.adjust("wrong", 4, reason="A typing error").event
    books.clock.advance(5)
    books.void_usage("wrong")

    event = event_now(books)
    assert counts(event) == (40, 0)
    assert event.adjustments[0] == corrected.adjustments[0]
    assert replace(event, adjustments=()) == recorded
    typing_error, void = event.adjustments
    assert (int(typing_error.units_before), int(typing_error.units_after)) == (40, 4)
    assert (int(void.units_before), int(void.units_after)) == (4, 0)
    decision = typing_error.decision
    assert (decision.by, decision.reason) == ("key-1", "A typing error")
    assert decision.at == recorded.recorded_at + timedelta(seconds=5)
    assert void.decision.reason is None
    assert typing_error.record_id == recorded.record_id


def test_the_same_target_again_changes_nothing(books: Books) -> None:
    used(books, 40)
    first = books.void_usage("wrong", reason="First").event
    before = books.counts()

    assert books.void_usage("wrong", reason="Second").event == first
    assert books.counts() == before
    used(books, 7, event_id="right")
    assert books.adjust("right", 7).event.adjustments == ()


def test_an_event_is_adjusted_twenty_times_and_no_more(books: Books) -> None:
    used(books, 1)
    for units in range(2, ADJUSTMENTS_MAX + 2):
        books.adjust("wrong", units)

    with pytest.raises(LimitReachedError, match="20 times"):
        books.void_usage("wrong")
    assert books.adjust("wrong", ADJUSTMENTS_MAX + 1).event.present_units == 21
    books.bill()
    assert books.balance_cents() == -3 * 21
    books.assert_sound()


@pytest.mark.on_dynamodb_local
def test_the_event_again_is_a_duplicate_that_tells_what_counts_now(books: Books) -> None:
    claim = books.claim(40, product_id="flat", event_id="wrong")
    books.record([claim])
    books.adjust("wrong", 4)

    [again, other, corrected] = books.record(
        [claim, replace(claim, product_id="volume"), replace(claim, units=claim.units / 10)]
    )

    assert again.outcome is Outcome.DUPLICATE
    assert event_in(again).present_units == 4
    for refused in (other, corrected):
        assert isinstance(refused, Refused)
        assert isinstance(refused.error, EventConflictError)
    books.assert_sound()


def test_usage_lists_the_event_and_its_difference(books: Books) -> None:
    used(books, 40)
    books.clock.advance(1)
    books.void_usage("wrong")

    usage = read_balance("acme", limit=10, cursor=None, stores=books.stores).usage.items
    assert [(it.event.event_id, it.event.adjusts, int(it.event.units)) for it in usage] == [
        ("wrong~1", "wrong", -40),
        ("wrong", None, 40),
    ]


def test_an_event_of_a_log_file_stays_the_only_one_of_its_line(books: Books) -> None:
    source = LogSource("file-1", 1, 1)
    claim = replace(books.claim(40, product_id="flat", event_id="wrong"), source=source)
    books.record([claim])
    books.void_usage("wrong")

    of_file, _ = books.stores.usage.of_log_file("file-1", after=None, limit=10)
    assert [(event.event_id, counts(event)) for event in of_file] == [("wrong", (40, 0))]
    logs = list_customer_logs("acme", limit=10, cursor=None, stores=books.stores)
    assert [it.event.event_id for it in logs.items] == ["wrong"]
    [again] = books.record([claim])
    assert event_in(again).source == source


@pytest.mark.parametrize(
    ("units", "message"),
    [
        pytest.param("-1", "greater than 0", id="negative"),
        pytest.param("1.5", "whole number", id="a-part-of-a-unit"),
        pytest.param(str(10**13), "not be greater", id="too-many"),
        pytest.param(str(10**11), "would cost", id="too-dear"),
    ],
)
def test_an_event_is_corrected_to_what_could_have_been_recorded(
    books: Books, units: str, message: str
) -> None:
    used(books, 40)
    with pytest.raises(InvalidInputError, match=message):
        books.adjust("wrong", units)
    assert event_now(books).adjustments == ()


def test_what_was_never_recorded_is_not_adjusted(books: Books) -> None:
    with pytest.raises(EventNotFoundError):
        books.void_usage("missing")
    with pytest.raises(CustomerNotFoundError):
        books.void_usage("missing", customer_id="nobody")


def test_usage_of_who_was_deleted_stays_as_it_is(books: Books) -> None:
    used(books, 40)
    books.bill()
    books.credit(120)
    delete_customer("acme", stores=books.stores, clock=books.clock)

    with pytest.raises(CustomerNotFoundError):
        books.void_usage("wrong")
    assert event_now(books).adjustments == ()
