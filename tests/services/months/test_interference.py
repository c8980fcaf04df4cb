"""Whoever else is at work, and wherever a process dies, a month comes to its price."""

from decimal import Decimal

import pytest

from billing.domain.months import MonthTotal
from billing.domain.tabs import LineKey
from billing.services.rounds import LEASE_SECONDS
from tests.services.months.using import OTHER_TAB, TAB, settle, used, used_on
from tests.support.books import Books
from tests.support.faults import (
    KILLED_AFTER,
    KILLED_BEFORE,
    Faults,
    ProcessKilledError,
    at,
    die_at,
    meanwhile,
    on,
)
from tests.support.prices import GRADUATED
from tests.support.soundness import months_of

LINE = LineKey("graduated", 1, "2026-01")


@pytest.mark.on_dynamodb_local
def test_two_shards_that_are_settled_at_once_bill_the_month_between_them(
    books: Books, faults: Faults
) -> None:
    """Wherever the second comes in between two calls of the first."""
    # Once first, so that what a container remembers of products is no call that the others lack.
    for _ in range(2):
        used_on(books, TAB, 4)
        used_on(books, OTHER_TAB, 4)
        settle(books, OTHER_TAB)
        calls = faults.count(lambda: settle(books))
    in_all = 16

    for number in range(1, calls + 1):
        used_on(books, TAB, 4)
        used_on(books, OTHER_TAB, 3)
        in_all += 7
        with faults.planned(at(number, meanwhile(lambda: settle(books, OTHER_TAB)))):
            settle(books)
        books.assert_sound()
        assert books.balance_cents() == -GRADUATED.amount(Decimal(in_all))


def test_a_month_that_somebody_else_began_is_read_again(books: Books, faults: Faults) -> None:
    used_on(books, TAB, 15)
    used_on(books, OTHER_TAB, 15)

    somebody_else = meanwhile(lambda: settle(books, OTHER_TAB))
    with faults.planned(on("TransactWriteItems", somebody_else)):
        settle(books)

    first, second = sorted(books.records(), key=lambda record: record.created_at)
    assert sorted(record.amount_cents for record in (first, second)) == [20, 160]
    assert months_of(books.stores, "acme") == {LINE: MonthTotal(Decimal(30), Decimal(180))}
    books.assert_sound()


@pytest.mark.parametrize("kill", [KILLED_BEFORE, KILLED_AFTER], ids=str)
def test_a_crash_at_any_call_of_a_settle_bills_the_month_once(
    books: Books, faults: Faults, kill: object
) -> None:
    for _ in range(2):
        used(books, 1)
        used(books, 1, "free")
        calls = faults.count(lambda: settle(books))
    in_all = 2

    for number in range(1, calls + 1):
        used(books, 7)
        used(books, 2, "free")
        in_all += 7
        with faults.planned(die_at(number, kill)), pytest.raises(ProcessKilledError):  # type: ignore[arg-type]
            settle(books)
        books.clock.advance(LEASE_SECONDS)
        books.bill()
        books.assert_sound()
        assert months_of(books.stores, "acme")[LINE].units == in_all


def test_a_month_that_ends_between_sealing_and_settling_is_the_same_month(
    books: Books, faults: Faults
) -> None:
    used(books, 15)
    with (
        faults.planned(on("TransactWriteItems", KILLED_BEFORE)),
        pytest.raises(ProcessKilledError),
    ):
        settle(books)
    books.clock.advance(40 * 86_400)
    used(books, 15)

    books.bill()

    assert months_of(books.stores, "acme") == {
        LINE: MonthTotal(Decimal(15), Decimal(160)),
        LineKey("graduated", 1, "2026-02"): MonthTotal(Decimal(15), Decimal(160)),
    }
    books.assert_sound()
