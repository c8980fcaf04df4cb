"""Charging: whatever happens, in whatever order, the rules about money and status hold."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from billing.domain.accounts import Account
from billing.domain.charging import (
    DUNNING_GRACE,
    Posting,
    charge,
    give_up,
    lead_dunning,
    note_attempt_by_hand,
    note_failed_attempt,
    note_workflow_start,
    raise_record,
)
from billing.domain.customers import Customer, Mode, Status, SuspendedBy
from billing.domain.errors import IntegrityError
from billing.domain.ledger import ChainState, Entry, EntryKind, Wallet, post, verify_chain
from billing.domain.records import (
    ATTEMPTS_KEPT_MAX,
    MOVES,
    Attempt,
    AttemptOutcome,
    BillingRecord,
    RecordId,
    RecordStatus,
)
from billing.domain.tabs import TabRef
from tests.support.clock import START

SCHEDULE = (1, 2, 4)

# So that giving up is never many steps away.
SHORT_SCHEDULE = (1,)
NOW = START + timedelta(minutes=1)


def account(balance_cents: int = 0, *, floor_cents: int = 0, **customer: Any) -> Account:  # noqa: ANN401  Fields of a customer.
    """Make an account with a balance, which nobody posted."""
    made = Customer("acme", Mode.PREPAID, Status.ACTIVE, START)
    wallet = Wallet("acme", balance_cents=balance_cents, floor_cents=floor_cents)
    return Account(replace(made, **customer), wallet)


def record(amount_cents: int = 40, *, number: int = 1, manual: bool = False) -> BillingRecord:
    """Make a record that nobody has tried."""
    tab = RecordId.of_tab(TabRef("acme", 0), number)
    record_id = RecordId.manual("acme", str(number)) if manual else tab
    return BillingRecord(record_id, RecordStatus.PENDING, amount_cents, START)


def raised(amount_cents: int, at: Account) -> Posting:
    """Raise a record now."""
    return raise_record(record(amount_cents), at, SCHEDULE, now=NOW)


def test_a_record_that_is_covered_is_paid_at_once_and_leaves_no_trace_but_its_entry() -> None:
    posting = raised(40, account(100))

    assert (posting.record.status, posting.record.paid_at) == (RecordStatus.PAID, NOW)
    assert posting.record.attempts == ()
    assert posting.entry is not None
    assert (posting.record.entry_seq, posting.entry.amount_cents) == (1, -40)
    wallet = posting.account.wallet
    assert (wallet.balance_cents, wallet.outstanding_cents, wallet.outstanding_records) == (
        60,
        0,
        0,
    )


@pytest.mark.parametrize(("manual", "kind"), [(True, EntryKind.CHARGE), (False, EntryKind.USAGE)])
def test_an_entry_says_whether_somebody_asked_for_it(manual: bool, kind: EntryKind) -> None:  # noqa: FBT001
    posting = raise_record(record(manual=manual), account(100), SCHEDULE, now=NOW)

    assert posting.entry is not None
    assert (posting.entry.kind, posting.entry.reference) == (kind, str(posting.record.id))


def test_a_record_of_nothing_is_paid_without_an_entry_whatever_the_customer_s_status() -> None:
    for at in (account(-5), account(status=Status.SUSPENDED)):
        posting = raised(0, at)
        assert (posting.record.status, posting.entry) == (RecordStatus.PAID, None)
        assert posting.account == at


def test_a_record_that_is_not_covered_leads_a_dunning() -> None:
    posting = raised(40, account(39))

    leading, customer = posting.record, posting.account.customer
    assert (leading.status, posting.entry) == (RecordStatus.RETRYING, None)
    assert leading.attempts == (Attempt(0, NOW, AttemptOutcome.INSUFFICIENT_FUNDS, 39),)
    assert leading.retry_schedule_seconds == SCHEDULE
    assert leading.next_attempt_at == NOW + timedelta(seconds=1)
    assert customer.dunning_record_id == leading.id
    assert customer.attention_at == NOW + timedelta(seconds=1) + DUNNING_GRACE
    assert (customer.status, customer.suspended_by) == (Status.ACTIVE, None)
    assert posting.account.wallet.balance_cents == 39
    assert posting.account.wallet.outstanding_cents == 40


@pytest.mark.parametrize(
    "waits_for",
    [
        {"status": Status.SUSPENDED, "suspended_by": SuspendedBy.OPERATOR},
        {"status": Status.SUSPENDED, "suspended_by": SuspendedBy.DUNNING},
        {"dunning_record_id": RecordId.of_tab(TabRef("acme", 0), 7)},
    ],
)
def test_a_record_waits_while_its_customer_is_suspended_or_dunned_even_where_money_is(
    waits_for: dict[str, Any],
) -> None:
    posting = raised(40, account(100, **waits_for))

    assert (posting.record.status, posting.record.attempts) == (RecordStatus.PENDING, ())
    assert (posting.entry, posting.account.wallet.balance_cents) == (None, 100)
    assert posting.account.wallet.outstanding_records == 1
    assert posting.account.customer == account(100, **waits_for).customer


def test_paying_the_leader_ends_the_dunning_and_calls_for_the_next() -> None:
    leading = raised(40, account())
    second = raise_record(record(5, number=2), leading.account, SCHEDULE, now=NOW)
    funded = replace(second.account, wallet=replace(second.account.wallet, balance_cents=40))
    paid = charge(leading.record, funded, now=NOW, number=2)

    assert paid is not None
    assert paid.record.attempts[-1] == Attempt(2, NOW, AttemptOutcome.PAID, 40)
    assert paid.record.next_attempt_at is None
    customer = paid.account.customer
    assert (customer.dunning_record_id, customer.attention_at) == (None, NOW)


@pytest.mark.parametrize(("started", "starts"), [(True, 0), (False, 1)])
def test_a_workflow_that_ended_is_started_under_the_next_name_and_looked_at_again(
    started: bool,  # noqa: FBT001
    starts: int,
) -> None:
    leading = raised(40, account())
    late = NOW + timedelta(hours=1)
    noted = note_workflow_start(leading.record, leading.account, started=started, now=late)

    assert noted.record == replace(leading.record, workflow_starts=starts)
    assert noted.account.customer.attention_at == late + DUNNING_GRACE
    assert noted.account.wallet == leading.account.wallet


def test_a_workflow_that_is_started_before_its_attempt_is_due_is_looked_at_after_that() -> None:
    leading = raised(40, account())
    noted = note_workflow_start(leading.record, leading.account, started=True, now=NOW)

    assert noted.account.customer.attention_at == NOW + timedelta(seconds=1) + DUNNING_GRACE


def test_paying_another_record_leaves_the_dunning_as_it_is() -> None:
    leading = raised(40, account())
    waiting = raise_record(record(5, number=2), leading.account, SCHEDULE, now=NOW)
    funded = replace(waiting.account, wallet=replace(waiting.account.wallet, balance_cents=5))
    paid = charge(waiting.record, funded, now=NOW)

    assert paid is not None
    assert paid.account.customer == leading.account.customer


@pytest.mark.parametrize(
    ("by", "status"),
    [(SuspendedBy.DUNNING, Status.ACTIVE), (SuspendedBy.OPERATOR, Status.SUSPENDED)],
)
def test_the_last_payment_lifts_what_dunning_did_and_nothing_else(
    by: SuspendedBy, status: Status
) -> None:
    owing = raised(40, account(status=Status.SUSPENDED, suspended_by=by, suspended_at=START))
    funded = replace(owing.account, wallet=replace(owing.account.wallet, balance_cents=40))
    paid = charge(owing.record, funded, now=NOW)

    assert paid is not None
    assert paid.account.customer.status is status


def test_a_failed_attempt_says_when_the_next_is_due_and_the_last_one_that_none_is() -> None:
    leading = raised(40, account())
    noted = note_failed_attempt(leading.record, leading.account, number=1, now=NOW)
    assert noted.record.next_attempt_at == NOW + timedelta(seconds=SCHEDULE[1])
    last = note_failed_attempt(noted.record, noted.account, number=3, now=NOW)
    assert last.record.next_attempt_at is None
    # The suspension is due at once, and made up for by the run where it does not come.
    assert last.account.customer.attention_at == NOW + DUNNING_GRACE
    assert [attempt.number for attempt in last.record.attempts] == [0, 1, 3]
    assert last.entry is None


def test_giving_up_suspends_and_a_later_give_up_is_no_move() -> None:
    leading = raised(40, account())
    given_up = give_up(leading.record, leading.account, now=NOW)

    assert (given_up.record.status, given_up.record.failed_at) == (RecordStatus.FAILED, NOW)
    customer = given_up.account.customer
    assert (customer.status, customer.suspended_by, customer.suspended_at) == (
        Status.SUSPENDED,
        SuspendedBy.DUNNING,
        NOW,
    )
    assert (customer.dunning_record_id, customer.attention_at) == (None, None)
    assert given_up.account.wallet == leading.account.wallet
    with pytest.raises(IntegrityError):
        give_up(given_up.record, given_up.account, now=NOW)


def test_giving_up_leaves_an_operators_suspension_in_its_place() -> None:
    leading = raised(40, account())
    held = replace(
        leading.account,
        customer=leading.account.customer.suspended(SuspendedBy.OPERATOR, now=START),
    )
    customer = give_up(leading.record, held, now=NOW).account.customer

    assert (customer.suspended_by, customer.suspended_at) == (SuspendedBy.OPERATOR, START)


def test_attempts_by_hand_are_kept_up_to_a_number_and_those_of_dunning_always() -> None:
    leading = raised(40, account())
    tried = leading.record
    for _ in range(ATTEMPTS_KEPT_MAX + 10):
        tried = note_attempt_by_hand(tried, leading.account, now=NOW)
    assert len(tried.attempts) == ATTEMPTS_KEPT_MAX
    noted = note_failed_attempt(tried, leading.account, number=1, now=NOW).record
    assert len(noted.attempts) == ATTEMPTS_KEPT_MAX + 1
    assert noted.dunning_attempt(1) is not None


@pytest.mark.parametrize("ended", [RecordStatus.PAID, RecordStatus.VOID])
def test_what_is_paid_or_void_is_never_charged(ended: RecordStatus) -> None:
    with pytest.raises(IntegrityError):
        charge(replace(record(), status=ended), account(100), now=NOW)


@given(st.integers(-1000, 1000), st.integers(-1000, 0), st.integers(1, 1000))
def test_a_charge_leaves_the_floor_or_does_nothing(balance: int, floor: int, cents: int) -> None:
    at = account(balance, floor_cents=floor)
    owing = replace(at, wallet=replace(at.wallet, outstanding_cents=cents, outstanding_records=1))
    posting = charge(record(cents), owing, now=NOW)

    assert (posting is None) == (balance - cents < floor)
    if posting is not None:
        assert posting.account.wallet.balance_cents == balance - cents >= floor


class Dunned(RuleBasedStateMachine):
    """One customer, through any order of charges, money, retries and an operator's word."""

    def __init__(self) -> None:
        """Begin with an empty wallet."""
        super().__init__()
        self.account = account()
        self.records: dict[RecordId, BillingRecord] = {}
        self.entries: list[Entry] = []
        self.statuses: dict[RecordId, RecordStatus] = {}
        self.now = NOW

    def write(self, posting: Posting) -> None:
        """Do what storage does with a posting."""
        self.account = posting.account
        self.records[posting.record.id] = posting.record
        if posting.entry is not None:
            self.entries.append(posting.entry)
        self.now += timedelta(seconds=1)

    def outstanding(self) -> list[BillingRecord]:
        """List what is to be paid, oldest first."""
        return [it for it in self.records.values() if it.is_outstanding]

    @property
    def leader(self) -> BillingRecord | None:
        """The record that leads the dunning."""
        leader = self.account.customer.dunning_record_id
        return None if leader is None else self.records[leader]

    @rule(cents=st.integers(0, 100), manual=st.booleans())
    def raise_one(self, cents: int, manual: bool) -> None:  # noqa: FBT001
        """Raise a record."""
        made = record(cents, number=len(self.records) + 1, manual=manual)
        self.write(raise_record(made, self.account, SHORT_SCHEDULE, now=self.now))

    @rule(cents=st.integers(1, 50))
    def add_money(self, cents: int) -> None:
        """Post a credit."""
        entry, wallet = post(
            self.account.wallet,
            kind=EntryKind.CREDIT,
            amount_cents=cents,
            reference="key",
            now=self.now,
        )
        self.entries.append(entry)
        self.account = replace(self.account, wallet=wallet)

    @precondition(lambda self: self.outstanding())
    @rule(data=st.data())
    def charge_one(self, data: st.DataObject) -> None:
        """Charge any outstanding record."""
        chosen = data.draw(st.sampled_from(self.outstanding()))
        posting = charge(chosen, self.account, now=self.now)
        if posting is not None:
            self.write(posting)

    @precondition(lambda self: self.account.customer.is_charged_at_once)
    @rule()
    def lead(self) -> None:
        """Let the oldest waiting record lead, as after a dunning ended."""
        waiting = [it for it in self.outstanding() if it.status is RecordStatus.PENDING]
        if waiting and not self.account.wallet.covers(waiting[0].amount_cents):
            self.write(lead_dunning(waiting[0], self.account, SHORT_SCHEDULE, now=self.now))

    @precondition(lambda self: self.leader is not None)
    @rule()
    def retry(self) -> None:
        """Make the next attempt of the dunning, or give up after the last."""
        leading = self.leader
        assert leading is not None
        made = [it.number for it in leading.attempts if it.number is not None]
        if max(made) == len(SHORT_SCHEDULE):
            self.write(give_up(leading, self.account, now=self.now))
            return
        number = max(made) + 1
        posting = charge(leading, self.account, now=self.now, number=number)
        if posting is None:
            posting = note_failed_attempt(leading, self.account, number=number, now=self.now)
        self.write(posting)

    @precondition(lambda self: len(self.records) % 3 == 0)
    @rule(suspend=st.booleans())
    def operate(self, suspend: bool) -> None:  # noqa: FBT001
        """Suspend or activate by hand."""
        customer = self.account.customer
        changed = (
            customer.suspended(SuspendedBy.OPERATOR, now=self.now)
            if suspend
            else customer.activated()
        )
        self.account = replace(self.account, customer=changed)

    @invariant()
    def the_ledger_adds_up_and_no_charge_went_below_the_floor(self) -> None:
        """Compare the wallet with its entries."""
        wallet = self.account.wallet
        state, fault = verify_chain(self.entries, ChainState())
        assert fault is None
        assert (state.sum_cents, state.seq) == (wallet.balance_cents, wallet.seq)
        assert all(entry.balance_cents >= wallet.floor_cents for entry in self.entries)

    @invariant()
    def what_is_outstanding_is_the_sum_of_the_records(self) -> None:
        """Compare the wallet with the records."""
        unpaid, wallet = self.outstanding(), self.account.wallet
        assert wallet.outstanding_records == len(unpaid)
        assert wallet.outstanding_cents == sum(it.amount_cents for it in unpaid)

    @invariant()
    def every_paid_record_has_one_entry_and_no_other_has_any(self) -> None:
        """Compare the records with the debits."""
        debits = {e.seq: e for e in self.entries if e.kind is not EntryKind.CREDIT}
        paid = [it for it in self.records.values() if it.entry_seq is not None]
        assert sorted(debits) == sorted(it.entry_seq for it in paid if it.entry_seq is not None)
        for it in paid:
            assert it.entry_seq is not None
            debit = debits[it.entry_seq]
            assert (debit.reference, debit.amount_cents) == (str(it.id), -it.amount_cents)
            assert it.status is RecordStatus.PAID

    @invariant()
    def a_status_changes_only_along_its_moves(self) -> None:
        """Compare each status with the one before."""
        for it in self.records.values():
            before = self.statuses.get(it.id, it.status)
            assert it.status is before or it.status in MOVES[before]
        self.statuses = {it.id: it.status for it in self.records.values()}

    @invariant()
    def one_dunning_runs_at_a_time_and_its_leader_is_known(self) -> None:
        """Compare the customer with the records."""
        retrying = [it.id for it in self.records.values() if it.status is RecordStatus.RETRYING]
        leader = self.account.customer.dunning_record_id
        assert retrying == ([] if leader is None else [leader])
        if leader is not None:
            assert self.account.customer.attention_at is not None

    @invariant()
    def who_is_suspended_by_dunning_owes_and_has_failed(self) -> None:
        """Nobody stays suspended by dunning who has paid everything."""
        customer = self.account.customer
        assert (customer.status is Status.SUSPENDED) == (customer.suspended_by is not None)
        if customer.suspended_by is SuspendedBy.DUNNING:
            assert self.outstanding()
            assert any(it.failed_at is not None for it in self.records.values())


TestDunned = Dunned.TestCase
