"""Charging: whatever happens, in whatever order, the rules about money and status hold."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from billing.domain.charging import (
    Posting,
    charge,
    give_up,
    lead_dunning,
    note_failed_attempt,
    raise_record,
)
from billing.domain.customers import Status, SuspendedBy
from billing.domain.ledger import ChainState, Entry, EntryKind, post, verify_chain
from billing.domain.records import (
    MOVES,
    BillingRecord,
    Decision,
    RecordId,
    RecordStatus,
)
from billing.domain.reversals import refund, void
from tests.unit.domain.charging.making import NOW, SHORT_SCHEDULE, account, record


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

    def refundable(self) -> list[BillingRecord]:
        """List what was paid and not given back in whole."""
        paid = [it for it in self.records.values() if it.entry_seq is not None]
        return [it for it in paid if it.refunded_cents < it.amount_cents]

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

    @precondition(lambda self: self.outstanding())
    @rule(data=st.data())
    def void_one(self, data: st.DataObject) -> None:
        """Take back any outstanding record, the one that leads too."""
        chosen = data.draw(st.sampled_from(self.outstanding()))
        self.write(void(chosen, self.account, Decision(self.now, "key-1")))

    @precondition(lambda self: self.refundable())
    @rule(data=st.data())
    def refund_a_part(self, data: st.DataObject) -> None:
        """Give back any part of a paid record."""
        chosen = data.draw(st.sampled_from(self.refundable()))
        left = chosen.amount_cents - chosen.refunded_cents
        cents = data.draw(st.none() | st.integers(1, left))
        self.write(refund(chosen, self.account, cents, Decision(self.now, "key-1")))

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
        debits = {e.seq: e for e in self.entries if e.amount_cents < 0}
        paid = [it for it in self.records.values() if it.entry_seq is not None]
        assert sorted(debits) == sorted(it.entry_seq for it in paid if it.entry_seq is not None)
        for it in paid:
            assert it.entry_seq is not None
            debit = debits[it.entry_seq]
            assert (debit.reference, debit.amount_cents) == (str(it.id), -it.amount_cents)
            assert it.status is RecordStatus.PAID

    @invariant()
    def refunds_have_their_entries_and_never_exceed_what_was_paid(self) -> None:
        """Compare the records with the refunds."""
        given_back = {e.seq: e for e in self.entries if e.kind is EntryKind.REFUND}
        kept = [(it, each) for it in self.records.values() for each in it.refunds]
        assert sorted(given_back) == sorted(each.entry_seq for _, each in kept)
        for it, each in kept:
            entry = given_back[each.entry_seq]
            assert (entry.reference, entry.amount_cents) == (str(it.id), each.amount_cents)
            assert it.refunded_cents <= it.amount_cents

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
