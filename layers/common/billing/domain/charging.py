"""Charging: what a record does to its customer's wallet, or what happens when it cannot.

All of it is worked out here, from what was read; storage then writes it in one transaction, under
the condition that nothing changed since.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from billing.domain.accounts import Account
from billing.domain.customers import Customer, Status, SuspendedBy
from billing.domain.ledger import Entry, EntryKind, Wallet, post
from billing.domain.records import (
    Attempt,
    AttemptOutcome,
    BillingRecord,
    RecordId,
    RecordStatus,
)

# A workflow that has not tried within this long after it should have is started anew.
DUNNING_GRACE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Posting:
    """The state after a record was raised, charged or given up: what is to be written."""

    record: BillingRecord
    account: Account
    entry: Entry | None = None

    @property
    def rests_on_account(self) -> bool:
        """Whether the whole account must be as it was read, also what this does not change.

        Who is left to owe was found to have too little money, or to be in no state to be charged:
        both were read, not at one moment. What is given back to who owes, money or a record, rests
        on somebody looking at what it may pay now. A payment changes all that it rests on.
        """
        gives_money = self.entry is not None and self.entry.amount_cents > 0
        gives_back = gives_money or self.record.status is RecordStatus.VOID
        owes_others = gives_back and self.account.wallet.outstanding_records > 0
        return self.record.is_outstanding or owes_others

    @property
    def settles_record(self) -> bool:
        """Whether the entry is what the record came to, posted once for ever."""
        return self.entry is not None and self.entry.seq == self.record.entry_seq


def raise_record(
    record: BillingRecord, account: Account, schedule_seconds: Sequence[int], *, now: datetime
) -> Posting:
    """Raise a new record: paid at once where nothing older is unpaid and the wallet covers it.

    Otherwise it leads a dunning, or waits: for older records, for the dunning that runs, or while
    the customer is suspended. One that gives money back waits for nobody.
    """
    if record.amount_cents == 0:
        return Posting(replace(record, status=RecordStatus.PAID, paid_at=now), account)
    owing = account.with_wallet(account.wallet.owing_more(record.amount_cents))
    if record.amount_cents < 0:
        return give_back(record, owing, now=now)
    if not account.customer.is_charged_at_once:
        return Posting(record, owing)
    if account.wallet.outstanding_records > 0:
        # Older records come first, and no dunning sees to them: the run is called for them.
        return Posting(record, owing)
    return charge_or_lead(record, owing, schedule_seconds, now=now)


def charge_or_lead(
    record: BillingRecord, account: Account, schedule_seconds: Sequence[int], *, now: datetime
) -> Posting:
    """Charge an outstanding record; where the wallet does not cover it, it leads a dunning."""
    paid = charge(record, account, now=now)
    return paid or lead_dunning(record, account, schedule_seconds, now=now)


def charge(
    record: BillingRecord, account: Account, *, now: datetime, number: int | None = None
) -> Posting | None:
    """Charge an outstanding record; None where the wallet does not cover it.

    Paying the record that leads a dunning ends that; paying the last one outstanding lifts a
    suspension by dunning. `number` is the dunning attempt that this is, if it is one.
    """
    if not account.wallet.covers(record.amount_cents):
        return None
    paid = _pay(record, account, now=now, number=number)
    customer = asked_for_less(record, account.customer, paid.account.wallet, now=now)
    return replace(paid, account=paid.account.with_customer(customer))


def give_back(record: BillingRecord, account: Account, *, now: datetime) -> Posting:
    """Post a record that came to less than nothing, whatever else is unpaid.

    Like any money that comes in, it brings who owes before the next run.
    """
    paid = _pay(record, account, now=now)
    if paid.account.wallet.outstanding_records == 0:
        return paid
    customer = account.customer.needing_attention_now(now=now)
    return replace(paid, account=paid.account.with_customer(customer))


def _pay(
    record: BillingRecord, account: Account, *, now: datetime, number: int | None = None
) -> Posting:
    """Post the entry of a record to the wallet; what that means for the customer is for others."""
    wallet = account.wallet
    entry, after = post(
        wallet,
        kind=EntryKind.CHARGE if record.is_manual else EntryKind.USAGE,
        amount_cents=-record.amount_cents,
        reference=str(record.id),
        now=now,
    )
    paid = replace(
        record.moved_to(RecordStatus.PAID),
        paid_at=entry.posted_at,
        entry_seq=entry.seq,
        next_attempt_at=None,
    )
    # A charge that succeeds at once needs no attempt beside `paid_at`.
    if record.attempts or number is not None:
        paid = paid.with_attempt(Attempt(number, now, AttemptOutcome.PAID, wallet.balance_cents))
    return Posting(paid, account.with_wallet(after.owing_less(record.amount_cents)), entry)


def asked_for_less(
    record: BillingRecord, customer: Customer, wallet: Wallet, *, now: datetime
) -> Customer:
    """Tell what becomes of a customer when a record asks for nothing any more, paid or void.

    `wallet` is the one after that. The dunning that the record led ends; with nothing outstanding a
    suspension by dunning does too.
    """
    # Only the end of a dunning calls the run here, for what waited meanwhile. Else what is paid was
    # the oldest, and called for because there was money for it; or an older one is not covered, and
    # this payment leaves less for it. A call that there is stays until a visit has ended.
    if customer.dunning_record_id == record.id:
        customer = customer.no_longer_dunned(attention_at=now)
    return customer.owing_nothing() if wallet.outstanding_records == 0 else customer


def is_at_rest(account: Account, oldest: BillingRecord | None, behind: Iterable[RecordId]) -> bool:
    """Whether nobody needs to look at a customer without dunning until money or terms change.

    `oldest` is the first unpaid record of a list that may lag, and `behind` the rest of that list,
    read only where it matters. What the list says of order holds where it is complete: that is
    for the wallet's count to decide.
    """
    wallet = account.wallet
    if wallet.outstanding_records == 0:
        return True
    if account.customer.status is Status.ACTIVE:
        return False
    if not wallet.covers_anything:
        return True
    if oldest is None or wallet.covers(oldest.amount_cents):
        return False
    return 1 + sum(1 for _ in behind) >= wallet.outstanding_records


def lead_dunning(
    record: BillingRecord, account: Account, schedule_seconds: Sequence[int], *, now: datetime
) -> Posting:
    """Make a record lead the customer's dunning; the attempt just made is number 0."""
    next_attempt_at = now + timedelta(seconds=schedule_seconds[0])
    attempt = Attempt(0, now, AttemptOutcome.INSUFFICIENT_FUNDS, account.wallet.balance_cents)
    leading = replace(
        record.retried().with_attempt(attempt),
        retry_schedule_seconds=tuple(schedule_seconds),
        next_attempt_at=next_attempt_at,
    )
    customer = account.customer.dunned(record.id, attention_at=next_attempt_at + DUNNING_GRACE)
    return Posting(leading, account.with_customer(customer))


def charge_or_note(
    record: BillingRecord, account: Account, *, number: int, now: datetime
) -> Posting:
    """Make a dunning attempt at the record that leads: paid, or kept as one that failed.

    What is noted is what the charge met, so that enough money is never called too little.
    """
    paid = charge(record, account, now=now, number=number)
    return paid or note_failed_attempt(record, account, number=number, now=now)


def charge_or_give_up(record: BillingRecord, account: Account, *, now: datetime) -> Posting:
    """Charge the record that leads once more where money came, else end its dunning."""
    return charge(record, account, now=now) or give_up(record, account, now=now)


def note_failed_attempt(
    record: BillingRecord, account: Account, *, number: int, now: datetime
) -> Posting:
    """Keep a dunning attempt that met too little money, and say when the next one is due.

    After the last one nothing is due but the suspension.
    """
    attempt = Attempt(number, now, AttemptOutcome.INSUFFICIENT_FUNDS, account.wallet.balance_cents)
    delay = record.delay_after(number)
    next_attempt_at = None if delay is None else now + timedelta(seconds=delay)
    noted = replace(record.with_attempt(attempt), next_attempt_at=next_attempt_at)
    customer = account.customer.needing_attention((next_attempt_at or now) + DUNNING_GRACE)
    return Posting(noted, account.with_customer(customer))


def note_attempt_by_hand(
    record: BillingRecord, account: Account, *, now: datetime
) -> BillingRecord:
    """Keep an attempt that somebody asked for and that met too little money."""
    balance_cents = account.wallet.balance_cents
    return record.with_attempt(Attempt(None, now, AttemptOutcome.INSUFFICIENT_FUNDS, balance_cents))


def give_up(record: BillingRecord, account: Account, *, now: datetime) -> Posting:
    """End a dunning whose attempts are exhausted: the record failed, the customer suspended.

    The run looks again where the money may do for something else that is outstanding.
    """
    failed = replace(record.moved_to(RecordStatus.FAILED), failed_at=now, next_attempt_at=None)
    others_may_be_paid = account.wallet.outstanding_records > 1 and account.wallet.covers_anything
    customer = account.customer.no_longer_dunned(attention_at=now if others_may_be_paid else None)
    if customer.status is not Status.DELETED:
        customer = customer.suspended(SuspendedBy.DUNNING, now=now)
    return Posting(failed, account.with_customer(customer))


def note_workflow_start(
    record: BillingRecord, account: Account, *, started: bool, now: datetime
) -> Posting:
    """Keep that the workflow of a leading record was to be started anew, and when to look again.

    Where the execution of the present name has ended, the next start gets another name.
    """
    due_at = max(now, record.next_attempt_at or now) + DUNNING_GRACE
    customer = account.customer.needing_attention(due_at)
    return Posting(record if started else record.restarted(), account.with_customer(customer))
