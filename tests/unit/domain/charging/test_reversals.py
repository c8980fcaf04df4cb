"""Records taken back: void before they are paid, refunded after that."""

from dataclasses import replace

import pytest

from billing.domain.accounts import Account
from billing.domain.charging import Posting, charge, give_up, raise_record
from billing.domain.customers import Status, SuspendedBy
from billing.domain.errors import (
    LimitReachedError,
    RecordNotPaidError,
    RecordPaidError,
    RefundTooLargeError,
)
from billing.domain.ledger import EntryKind
from billing.domain.money import MAX_CENTS
from billing.domain.records import REFUNDS_MAX, Decision, RecordStatus
from billing.domain.reversals import refund, void
from tests.unit.domain.charging.making import NOW, SCHEDULE, account, raised, record

BY_ME = Decision(NOW, "key-1", "Outage")


def paid(amount_cents: int = 40, balance_cents: int = 100) -> Posting:
    """Pay a record."""
    return raised(amount_cents, account(balance_cents))


def second(at: Account, amount_cents: int) -> Posting:
    """Raise another record."""
    return raise_record(record(amount_cents, number=2), at, SCHEDULE, now=NOW)


def test_voiding_the_only_record_ends_its_dunning_and_asks_for_nothing() -> None:
    leading = raised(40, account())

    voided = void(leading.record, leading.account, BY_ME)

    assert (voided.record.status, voided.record.voided) == (RecordStatus.VOID, BY_ME)
    assert voided.record.next_attempt_at is None
    assert voided.entry is None
    assert voided.account.wallet.outstanding_cents == 0
    assert voided.account.customer.dunning_record_id is None


def test_voiding_what_failed_lifts_the_suspension_where_nothing_else_is_owed() -> None:
    leading = raised(40, account())
    failed = give_up(leading.record, leading.account, now=NOW)
    assert failed.account.customer.suspended_by is SuspendedBy.DUNNING

    assert void(failed.record, failed.account, BY_ME).account.customer.status is Status.ACTIVE


def test_voiding_the_leader_calls_for_what_is_owed_behind_it() -> None:
    leading = raised(40, account())
    waiting = second(leading.account, 3)

    voided = void(leading.record, waiting.account, BY_ME)

    customer = voided.account.customer
    assert (customer.dunning_record_id, customer.attention_at) == (None, NOW)


def test_voiding_what_waits_leaves_the_dunning_alone() -> None:
    leading = raised(40, account())
    waiting = second(leading.account, 3)

    voided = void(waiting.record, waiting.account, BY_ME)

    assert voided.account.customer == leading.account.customer
    assert voided.account.wallet.outstanding_cents == 40


def test_what_is_paid_is_not_voided() -> None:
    posting = paid()
    with pytest.raises(RecordPaidError, match="refund it"):
        void(posting.record, posting.account, BY_ME)


def test_a_refund_is_an_entry_that_names_the_record() -> None:
    posting = paid(40, balance_cents=100)

    refunded = refund(posting.record, posting.account, 15, BY_ME)

    assert refunded.entry is not None
    assert (refunded.entry.kind, refunded.entry.amount_cents) == (EntryKind.REFUND, 15)
    assert refunded.entry.reference == str(posting.record.id)
    assert refunded.account.wallet.balance_cents == 75
    assert (refunded.record.status, refunded.record.refunded_cents) == (RecordStatus.PAID, 15)
    assert not refunded.settles_record


def test_without_an_amount_all_that_is_left_goes_back() -> None:
    posting = paid(40)
    some = refund(posting.record, posting.account, 15, BY_ME)
    rest = refund(some.record, some.account, None, BY_ME)

    assert [each.amount_cents for each in rest.record.refunds] == [15, 25]
    with pytest.raises(RefundTooLargeError, match=" 0 cents can still be refunded"):
        refund(rest.record, rest.account, None, BY_ME)


@pytest.mark.parametrize("amount_cents", [0, -1, 41])
def test_no_refund_is_larger_than_what_is_left(amount_cents: int) -> None:
    posting = paid(40)
    with pytest.raises(RefundTooLargeError):
        refund(posting.record, posting.account, amount_cents, BY_ME)


def test_what_took_no_money_gives_none_back() -> None:
    owed, nothing = raised(40, account()), raised(0, account())
    for posting in (owed, nothing):
        with pytest.raises(RecordNotPaidError):
            refund(posting.record, posting.account, None, BY_ME)


def test_a_record_keeps_each_of_its_refunds_and_takes_only_so_many() -> None:
    posting = paid(100, balance_cents=100)
    for _ in range(REFUNDS_MAX):
        posting = refund(posting.record, posting.account, 1, BY_ME)
    with pytest.raises(LimitReachedError):
        refund(posting.record, posting.account, 1, BY_ME)


def test_a_full_wallet_takes_no_refund() -> None:
    posting = paid(40)
    full = posting.account.with_wallet(replace(posting.account.wallet, balance_cents=MAX_CENTS))
    with pytest.raises(LimitReachedError):
        refund(posting.record, full, None, BY_ME)


def test_a_refund_to_who_owes_calls_the_run_and_rests_on_that() -> None:
    posting = paid(40, balance_cents=40)
    owing = second(posting.account, 50)
    failed = give_up(owing.record, owing.account, now=NOW)
    assert failed.account.customer.attention_at is None

    refunded = refund(posting.record, failed.account, None, BY_ME)

    assert refunded.account.customer.attention_at == NOW
    assert refunded.rests_on_account
    paid_now = charge(failed.record, refunded.account, now=NOW)
    assert paid_now is None


def test_a_refund_to_who_owes_nothing_rests_on_what_it_changes() -> None:
    posting = paid(40)
    assert not refund(posting.record, posting.account, None, BY_ME).rests_on_account
