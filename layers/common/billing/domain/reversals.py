"""Taking records back: void before they are paid, refunded after that."""

from billing.domain.accounts import Account
from billing.domain.charging import Posting, asked_for_less
from billing.domain.customers import SuspendedBy
from billing.domain.errors import (
    LimitReachedError,
    RecordNotPaidError,
    RecordPaidError,
    RefundTooLargeError,
)
from billing.domain.ledger import EntryKind, post
from billing.domain.money import within_bounds
from billing.domain.records import (
    REFUNDS_MAX,
    BillingRecord,
    Decision,
    RecordStatus,
    Refund,
)


def void(record: BillingRecord, account: Account, decision: Decision) -> Posting:
    """Take back a record that is not paid; nothing is posted, because nothing was taken.

    The money that did not do for it may do for the next one, which the run sees to. Raises
    RecordPaidError, and IntegrityError for a record that is void already.
    """
    if record.status is RecordStatus.PAID:
        raise RecordPaidError(str(record.id))
    wallet = account.wallet.owing_less(record.amount_cents)
    customer = asked_for_less(record, account.customer, wallet, now=decision.at)
    is_held = customer.suspended_by is SuspendedBy.OPERATOR
    if wallet.outstanding_records > 0 and customer.dunning_record_id is None and not is_held:
        customer = customer.needing_attention_now(now=decision.at)
    return Posting(record.taken_back(decision), Account(customer, wallet))


def refund(
    record: BillingRecord, account: Account, amount_cents: int | None, decision: Decision
) -> Posting:
    """Give back a part of a paid record, all that is left of it where the amount is None.

    The customer who owes something else is brought before the run, which pays with the money.
    Raises RecordNotPaidError, RefundTooLargeError, and LimitReachedError where the record keeps no
    more refunds or the wallet cannot hold the sum.
    """
    amount_cents = _refundable(record, amount_cents)
    wallet, customer = account.wallet, account.customer
    if len(record.refunds) >= REFUNDS_MAX:
        raise LimitReachedError(f"A billing record is refunded in at most {REFUNDS_MAX} parts")
    if not within_bounds(wallet.balance_cents + amount_cents):
        raise LimitReachedError("The wallet cannot hold this amount on top of its balance")
    entry, after = post(
        wallet,
        kind=EntryKind.REFUND,
        amount_cents=amount_cents,
        reference=str(record.id),
        now=decision.at,
    )
    if after.outstanding_records > 0:
        customer = customer.needing_attention_now(now=decision.at)
    refunded = record.with_refund(Refund(entry.seq, amount_cents, decision))
    return Posting(refunded, Account(customer, after), entry)


def _refundable(record: BillingRecord, amount_cents: int | None) -> int:
    # A record that came to less than a cent, or gave money back itself, took none.
    if record.entry_seq is None or record.amount_cents <= 0:
        raise RecordNotPaidError(str(record.id), record.status.value)
    left_cents = record.amount_cents - record.refunded_cents
    wanted_cents = left_cents if amount_cents is None else amount_cents
    if not 0 < wanted_cents <= left_cents:
        raise RefundTooLargeError(str(record.id), left_cents)
    return wanted_cents
