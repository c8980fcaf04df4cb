"""Credit: once per key, with the first answer for ever."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from billing.domain.errors import (
    CustomerNotFoundError,
    IdempotencyKeyReusedError,
    LimitReachedError,
    UnavailableError,
)
from billing.domain.ledger import EntryKind
from billing.domain.money import MAX_CENTS
from billing.services.credit_wallet import CreditReceipt
from billing.storage import keys
from tests.support.books import Books, event_in
from tests.support.faults import Faults, always, cancelled, meanwhile, on


@pytest.fixture
def books(books: Books) -> Books:
    """Give books with a customer and a product of one cent a unit."""
    books.customer("acme")
    books.product("api-calls", "1")
    return books


def test_a_credit_is_an_entry_and_a_balance(books: Books) -> None:
    receipt = books.credit(500, key="k1")

    assert receipt == CreditReceipt("acme~1", 500, replayed=False)
    entry = books.stores.ledger.entry("acme", 1)
    assert entry is not None
    assert (entry.kind, entry.amount_cents, entry.reference) == (EntryKind.CREDIT, 500, "k1")
    assert books.balance_cents() == 500
    books.assert_sound()


@pytest.mark.on_dynamodb_local
def test_a_replay_gives_the_first_answer_even_after_later_credits(books: Books) -> None:
    books.credit(500, key="k1")
    books.credit(70, key="k2")
    books.use(300)
    books.bill()
    before = books.counts()

    assert books.credit(500, key="k1") == CreditReceipt("acme~1", 500, replayed=True)
    assert books.counts() == before
    assert books.balance_cents() == 270
    books.assert_sound()


def test_a_replay_is_answered_by_a_wallet_that_is_full_today(books: Books) -> None:
    books.credit(500, key="k1")
    books.credit(MAX_CENTS - 500, key="k2")

    assert books.credit(500, key="k1") == CreditReceipt("acme~1", 500, replayed=True)
    with pytest.raises(IdempotencyKeyReusedError):
        books.credit(501, key="k1")
    with pytest.raises(LimitReachedError):
        books.credit(1, key="k3")
    books.assert_sound()


def test_a_key_used_for_another_amount_is_refused(books: Books) -> None:
    books.credit(500, key="k1")
    before = books.counts()

    with pytest.raises(IdempotencyKeyReusedError):
        books.credit(501, key="k1")

    assert books.counts() == before
    assert books.balance_cents() == 500


def test_a_key_belongs_to_its_customer(books: Books) -> None:
    books.customer("globex")

    assert books.credit(500, key="k1").balance_cents == 500
    assert books.credit(30, key="k1", customer_id="globex").balance_cents == 30
    books.assert_sound("acme")
    books.assert_sound("globex")


def test_keys_are_compared_letter_by_letter(books: Books) -> None:
    for key in ("key", "KEY", "k e y", "key~", "k" * 255):
        assert not books.credit(1, key=key).replayed

    assert books.balance_cents() == 5


def test_a_credit_to_nobody_is_refused(books: Books) -> None:
    before = books.counts()

    with pytest.raises(CustomerNotFoundError):
        books.credit(500, customer_id="nobody")

    assert books.counts() == before


def test_a_wallet_holds_so_much_and_no_more(books: Books) -> None:
    with pytest.raises(LimitReachedError):
        books.credit(MAX_CENTS + 1, key="k1")
    books.credit(MAX_CENTS - 1, key="k2")
    with pytest.raises(LimitReachedError):
        books.credit(2, key="k3")
    books.credit(1, key="k4")

    assert books.balance_cents() == MAX_CENTS
    books.assert_sound()


def test_amounts_beyond_what_a_float_holds_are_exact(books: Books) -> None:
    books.credit(2**49 + 1, key="k1")
    books.credit(2**48 + 1, key="k2")

    assert books.balance_cents() == 2**49 + 2**48 + 2
    books.assert_sound()


@pytest.mark.on_dynamodb_local
def test_a_credit_meets_another_and_both_count(books: Books, faults: Faults) -> None:
    somebody_else = meanwhile(lambda: books.credit(7, key="other"))

    with faults.planned(on("TransactWriteItems", somebody_else)):
        receipt = books.credit(500, key="mine")

    assert receipt == CreditReceipt("acme~2", 507, replayed=False)
    books.assert_sound()


def test_a_credit_meets_its_own_twin_and_counts_once(books: Books, faults: Faults) -> None:
    twin: list[CreditReceipt] = []
    with faults.planned(
        on("TransactWriteItems", meanwhile(lambda: twin.append(books.credit(500, key="k1"))))
    ):
        mine = books.credit(500, key="k1")

    assert [twin[0].replayed, mine.replayed] == [False, True]
    assert (twin[0].entry_id, twin[0].balance_cents) == (mine.entry_id, mine.balance_cents)
    assert books.balance_cents() == 500
    books.assert_sound()


@pytest.mark.parametrize("wallet_reason", ["TransactionConflict", "ThrottlingError"])
def test_an_entry_taken_while_the_wallet_is_held_is_no_fault_of_the_books(
    books: Books, faults: Faults, wallet_reason: str
) -> None:
    """One cancellation may tell of a condition and a conflict: the next number is taken, and the
    wallet that would say so is in the hands of a third transaction.
    """

    fault = cancelled(
        {1: "ConditionalCheckFailed", 2: wallet_reason},
        because=lambda: books.credit(7, key="other"),
    )
    with faults.planned(on("TransactWriteItems", fault)):
        receipt = books.credit(500, key="mine")

    assert receipt.balance_cents == 507
    books.assert_sound()


def test_many_credits_at_once_are_many_entries(books: Books) -> None:
    # All callers pause on one clock here, so that each must wait for the pauses of all.
    books.patience_seconds = 10_000
    with ThreadPoolExecutor(max_workers=8) as pool:
        receipts = list(pool.map(lambda n: books.credit(n + 1, key=f"k{n}"), range(16)))

    assert len({receipt.entry_id for receipt in receipts}) == 16
    assert not any(receipt.replayed for receipt in receipts)
    assert books.balance_cents() == sum(range(1, 17))
    books.assert_sound()


def test_one_credit_sent_many_times_at_once_is_one_entry(books: Books) -> None:
    with ThreadPoolExecutor(max_workers=8) as pool:
        receipts = list(pool.map(lambda _: books.credit(500, key="k1"), range(16)))

    assert [receipt.replayed for receipt in receipts].count(False) == 1
    assert {(r.entry_id, r.balance_cents) for r in receipts} == {("acme~1", 500)}
    assert books.balance_cents() == 500
    books.assert_sound()


def test_a_wallet_that_never_stands_still_is_unavailable_and_nothing_is_posted(
    books: Books, faults: Faults
) -> None:
    """Somebody else always comes first, for longer than the caller can wait."""
    books.patience_seconds = 2.0

    def come_first() -> None:
        books.credit(1, key=books.new_id())

    with (
        faults.planned(always(meanwhile(come_first), operation="TransactWriteItems")),
        pytest.raises(UnavailableError),
    ):
        books.credit(500, key="mine")

    assert books.stores.ledger.credit_marker("acme", "mine") is None
    assert books.credit(500, key="mine").replayed is False
    books.assert_sound()


@pytest.mark.parametrize("key", ["acme~0~1", "usage:acme~0~1", "record:acme~0~1", "event-1"])
def test_nobody_keeps_usage_from_being_billed_by_using_a_key_first(books: Books, key: str) -> None:
    """Elsewhere one cent, credited with the key of a charge to come, stopped billing for ever."""
    event = event_in(books.use(300))
    assert str(event.record_id) == "acme~0~1"
    assert event.event_id == "event-1"

    books.credit(1, key=key)
    report = books.bill()

    assert report.records_paid == 1
    assert books.balance_cents() == 1 - 300
    books.assert_sound()


def test_a_charge_does_not_take_the_key_of_a_credit_to_come(books: Books) -> None:
    books.use(300)
    books.bill()

    assert not books.credit(500, key="record:acme~0~1").replayed
    assert not books.credit(500, key="acme~0~1").replayed
    assert books.balance_cents() == 700


def test_no_key_reaches_an_entry(books: Books) -> None:
    """Entries and keys share a partition, and no spelling leads from one to the other."""
    sort_keys = [keys.entry("acme", n)["sk"] for n in (1, 2)]
    for number, key in enumerate(sort_keys):
        books.credit(number + 1, key=key)

    assert books.balance_cents() == 3
    books.assert_sound()
