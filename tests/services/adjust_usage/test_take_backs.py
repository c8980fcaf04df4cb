"""A record is taken back as a whole, or event by event: its money comes back once."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from billing.domain.customers import Mode, Terms
from billing.domain.errors import RecordAdjustedError, RecordVoidError
from billing.domain.records import BillingRecord, RecordStatus
from billing.domain.tabs import TabRef
from billing.services.manage_customers import change_customer
from billing.services.settle_tab import settle_tab
from tests.services.adjust_usage.adjusting import event_now, used
from tests.support.books import Books
from tests.support.faults import CONFLICT, Faults, meanwhile, on


@pytest.fixture
def books(books: Books) -> Books:
    """Give books whose customer pays beforehand, and has nothing."""

    def prepaid(terms: Terms) -> Terms:
        return replace(terms, mode=Mode.PREPAID)

    change_customer("acme", prepaid, dunning=books.dunning)
    return books


@pytest.fixture
def short(books: Books) -> Books:
    """Give books with usage of 120 cents that was billed, and is not covered."""
    used(books, 40)
    books.bill()
    return books


def first_of(books: Books) -> BillingRecord:
    return books.records()[0]


def bill_to_the_end(books: Books) -> None:
    """Bill what is left once whoever cannot be charged is looked at again."""
    books.bill()
    books.run_workflows()
    books.clock.advance(86_400)
    books.bill()
    books.bill()


@pytest.mark.on_dynamodb_local
def test_a_record_whose_event_is_void_is_not_voided_besides(short: Books) -> None:
    short.void_usage("wrong")

    with pytest.raises(RecordAdjustedError, match=str(first_of(short).id)):
        short.void(first_of(short))

    bill_to_the_end(short)
    assert {record.status for record in short.records()} == {RecordStatus.PAID}
    assert short.balance_cents() == 0
    short.assert_sound()


@pytest.mark.on_dynamodb_local
def test_of_two_who_take_back_at_once_the_first_one_does(short: Books, faults: Faults) -> None:
    record = first_of(short)
    with (
        faults.planned(on("TransactWriteItems", meanwhile(lambda: short.void_usage("wrong")))),
        pytest.raises(RecordAdjustedError),
    ):
        short.void(record)

    assert event_now(short).present_units == 0
    assert short.record_now(record).status is RecordStatus.RETRYING


def test_an_event_whose_record_is_void_meanwhile_stays_as_it_is(
    short: Books, faults: Faults
) -> None:
    record = first_of(short)
    with (
        faults.planned(on("TransactWriteItems", meanwhile(lambda: short.void(record) and None))),
        pytest.raises(RecordVoidError),
    ):
        short.void_usage("wrong")

    bill_to_the_end(short)
    assert event_now(short).adjustments == ()
    assert short.balance_cents() == 0


def test_an_event_that_was_adjusted_before_its_record_was_raised_keeps_it(
    books: Books, faults: Faults
) -> None:
    """The difference went to another tab, which is billed whether the record is void or not."""
    used(books, 40)
    with faults.planned(on("TransactWriteItems", CONFLICT)):
        books.void_usage("wrong")
    settle_tab(TabRef("acme", 0), dunning=books.dunning)

    with pytest.raises(RecordAdjustedError):
        books.void(first_of(books))


def test_what_was_void_before_it_was_billed_goes_with_its_record(books: Books) -> None:
    used(books, 40)
    used(books, 10, event_id="right")
    books.void_usage("wrong")
    books.bill()

    books.void(first_of(books))

    bill_to_the_end(books)
    assert books.balance_cents() == 0
    with pytest.raises(RecordVoidError):
        books.adjust("wrong", 40)


def test_a_difference_that_went_with_a_void_record_is_not_taken_back_again(books: Books) -> None:
    books.credit(120)
    used(books, 40)
    books.bill()
    books.adjust("wrong", 100)
    books.bill()
    [paid, raised] = books.records()
    assert (paid.status, raised.status) == (RecordStatus.PAID, RecordStatus.RETRYING)
    books.void(raised)

    with pytest.raises(RecordVoidError, match=str(raised.id)):
        books.adjust("wrong", 40)


def test_a_record_that_adds_to_an_event_is_not_voided_once_that_is_taken_back(
    books: Books,
) -> None:
    books.credit(120)
    used(books, 40)
    books.bill()
    books.adjust("wrong", 100)
    books.bill()
    books.adjust("wrong", 40)

    with pytest.raises(RecordAdjustedError):
        books.void(books.records()[1])

    bill_to_the_end(books)
    assert books.balance_cents() == 0
    books.assert_sound()


@pytest.mark.parametrize(
    "adjusts",
    [lambda books: books.void_usage("wrong"), lambda books: books.adjust("wrong", 5)],
    ids=["void", "correct"],
)
def test_a_record_that_was_paid_needs_no_such_word(
    books: Books, adjusts: Callable[[Books], object]
) -> None:
    """It is never void, so that its events are adjusted for no unit more."""
    books.credit(120)
    used(books, 40)
    books.bill()

    adjusts(books)

    assert not books.stores.take_backs.is_in_parts(first_of(books).id)
