"""Adjustments beside runs, deletions, crowds and each other."""

import pytest

from billing.domain.errors import CustomerNotFoundError, UnavailableError
from billing.domain.tabs import TabRef
from billing.services.manage_customers import delete_customer
from tests.services.adjust_usage.adjusting import amounts, event_now, used
from tests.support.books import Books
from tests.support.faults import (
    ANSWER_LOST,
    CONFLICT,
    KILLED_AFTER,
    KILLED_BEFORE,
    THROTTLED,
    Fault,
    Faults,
    ProcessKilledError,
    always,
    at,
    meanwhile,
    on,
)


def adjusted_while(books: Books, faults: Faults, other: Fault, units: int = 0) -> None:
    """Adjust the event, with something else happening just before that is written."""
    with faults.planned(on("TransactWriteItems", other)):
        books.adjust("wrong", units)


@pytest.mark.on_dynamodb_local
def test_a_tab_that_is_sealed_meanwhile_sends_the_difference_to_the_next(
    books: Books, faults: Faults
) -> None:
    used(books, 40)
    adjusted_while(books, faults, meanwhile(books.bill))
    books.bill()

    assert amounts(books) == [120, -120]
    assert books.balance_cents() == 0
    books.assert_sound()


def test_a_tab_that_a_crash_left_sealed_is_no_obstacle(books: Books) -> None:
    used(books, 40)
    books.stores.tabs.seal(TabRef("acme", 0), now=books.clock())

    books.void_usage("wrong")
    books.bill()

    assert amounts(books) == [120, -120]
    books.assert_sound()


@pytest.mark.on_dynamodb_local
def test_two_who_void_an_event_at_once_void_it_once(books: Books, faults: Faults) -> None:
    used(books, 40)
    adjusted_while(books, faults, meanwhile(lambda: books.void_usage("wrong", reason="Twin")))

    [void] = event_now(books).adjustments
    assert void.decision.reason == "Twin"
    books.bill()
    assert books.balance_cents() == 0
    books.assert_sound()


@pytest.mark.on_dynamodb_local
def test_who_corrects_what_was_corrected_meanwhile_has_the_last_word(
    books: Books, faults: Faults
) -> None:
    used(books, 40)
    books.adjust("wrong", 30)
    adjusted_while(books, faults, meanwhile(lambda: books.adjust("wrong", 20)), units=10)

    targets = [int(made.units_after) for made in event_now(books).adjustments]
    assert targets == [30, 20, 10]
    books.bill()
    assert books.balance_cents() == -30
    books.assert_sound()


def test_usage_of_who_is_deleted_meanwhile_stays_as_it_is(books: Books, faults: Faults) -> None:
    used(books, 40)
    books.bill()
    books.credit(120)
    leaves = meanwhile(lambda: delete_customer("acme", stores=books.stores, clock=books.clock))

    with pytest.raises(CustomerNotFoundError):
        adjusted_while(books, faults, leaves)

    assert event_now(books).adjustments == ()


def test_a_crowd_at_the_tab_sends_the_difference_to_another_one(
    books: Books, faults: Faults
) -> None:
    used(books, 40)
    adjusted_while(books, faults, CONFLICT)

    [void] = event_now(books).adjustments
    assert void.record_id.tab != TabRef("acme", 0)
    books.bill()
    assert books.balance_cents() == 0
    books.assert_sound()


def test_what_a_month_counts_may_be_taken_back_sooner_than_it_is_billed(
    books: Books, faults: Faults
) -> None:
    """On another tab the difference may be settled first: the month then has fewer than none."""
    used(books, 40, "graduated")
    books.stores.tabs.seal(TabRef("acme", 0), now=books.clock())
    adjusted_while(books, faults, CONFLICT, units=12)
    books.bill()

    assert books.balance_cents() == -154
    books.assert_sound()


@pytest.mark.parametrize("fault", [THROTTLED, ANSWER_LOST], ids=str)
def test_a_fault_that_passes_adjusts_once(books: Books, faults: Faults, fault: Fault) -> None:
    used(books, 40)
    adjusted_while(books, faults, fault)

    assert len(event_now(books).adjustments) == 1
    books.bill()
    assert books.balance_cents() == 0
    books.assert_sound()


@pytest.mark.parametrize("killed", [KILLED_BEFORE, KILLED_AFTER], ids=str)
@pytest.mark.parametrize("number", range(1, 5), ids="call-{}".format)
def test_whoever_dies_has_adjusted_or_not(
    books: Books, faults: Faults, killed: Fault, number: int
) -> None:
    used(books, 40)
    with faults.planned(at(number, killed)), pytest.raises(ProcessKilledError):
        books.void_usage("wrong")
    books.assert_sound()

    books.void_usage("wrong")

    assert len(event_now(books).adjustments) == 1
    books.bill()
    assert books.balance_cents() == 0
    books.assert_sound()


def test_where_there_is_no_room_the_caller_is_told_to_ask_again(
    books: Books, faults: Faults
) -> None:
    used(books, 40)
    with (
        faults.planned(always(THROTTLED, operation="TransactWriteItems")),
        pytest.raises(UnavailableError),
    ):
        books.void_usage("wrong")

    assert event_now(books).adjustments == ()
