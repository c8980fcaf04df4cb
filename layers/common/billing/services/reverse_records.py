"""Take billing records back: void what is not paid, refund what is."""

import hashlib
import json
from dataclasses import dataclass

from billing.domain.charging import Posting
from billing.domain.errors import (
    CustomerNotFoundError,
    IdempotencyKeyReusedError,
    RecordAdjustedError,
)
from billing.domain.ledger import Wallet, entry_id
from billing.domain.records import BillingRecord, Decision, RecordId, RecordStatus
from billing.domain.reversals import refund, void
from billing.services.accounts import read_account
from billing.services.dunning import Dunning
from billing.services.read_records import get_record
from billing.services.retrying import Retry
from billing.storage.ledger import RefundMarker
from billing.storage.postings import KeyUsed, Posted


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A part of a paid record to give back, all that is left of it where the amount is None.

    The key names the request for ever, within the record's customer; `by` is the id of the API key.
    """

    record_id: str
    amount_cents: int | None
    reason: str | None
    by: str
    idempotency_key: str

    @property
    def fingerprint(self) -> str:
        """What must be the same when the key is used again."""
        content = json.dumps([self.record_id, self.amount_cents, self.reason])
        return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RefundReceipt:
    """The first answer to a request, the same at every replay."""

    entry_id: str
    amount_cents: int
    balance_cents: int
    replayed: bool


def void_record(record_id: str, *, by: str, reason: str | None, dunning: Dunning) -> BillingRecord:
    """Take back a record that is not paid, and go on with what else is outstanding.

    One that is void stays as it is. Raises RecordNotFoundError, RecordPaidError, and
    RecordAdjustedError where its usage is taken back event by event.
    """
    retry = Retry(dunning.stores)
    while True:
        record = get_record(record_id, stores=dunning.stores)
        if record.status is RecordStatus.VOID:
            return record
        account = read_account(record.id.customer_id, dunning.stores)
        posting = void(record, account, Decision(dunning.clock(), by, reason))
        if not record.is_manual and dunning.stores.take_backs.is_in_parts(record.id):
            raise RecordAdjustedError(record_id)
        if dunning.stores.postings.void(record, account, posting):
            if posting.account.customer.is_called_for:
                dunning.attend(record.id.customer_id)
            return posting.record
        retry.wait()


def refund_record(request: RefundRequest, *, dunning: Dunning) -> RefundReceipt:
    """Give money of a paid record back to the wallet, and charge what is outstanding with it.

    The balance in the receipt is the one right after the refund. Raises RecordNotFoundError,
    RecordNotPaidError, RefundTooLargeError, LimitReachedError, IdempotencyKeyReusedError when the
    key was used for another refund, and CustomerNotFoundError for a customer who was deleted.
    """
    retry = Retry(dunning.stores)
    while True:
        tried = _try_to_refund(request, dunning)
        if tried is not None:
            break
        retry.wait()
    receipt, wallet = tried
    if wallet.outstanding_records > 0:
        dunning.attend(wallet.customer_id)
    return receipt


def _try_to_refund(request: RefundRequest, dunning: Dunning) -> tuple[RefundReceipt, Wallet] | None:
    """Try once, and tell the wallet too; None where somebody else changed something meanwhile."""
    stores = dunning.stores
    record = get_record(request.record_id, stores=stores)
    record_id = record.id
    account = read_account(record_id.customer_id, stores)
    # What is refunded by now, or closed, must still repeat the answer of the day it was not.
    marker = stores.ledger.refund_marker(record_id.customer_id, request.idempotency_key)
    if marker is not None:
        return _replay(request, record_id, marker), account.wallet
    if account.wallet.closed_at is not None:
        raise CustomerNotFoundError(record_id.customer_id)
    decision = Decision(dunning.clock(), request.by, request.reason)
    posting = refund(record, account, request.amount_cents, decision)
    marker = _marker(request, posting)
    refunded = stores.postings.refund(
        record, account, posting, idempotency_key=request.idempotency_key, marker=marker
    )
    match refunded:
        case Posted.DONE:
            return _receipt(record_id, marker, replayed=False), posting.account.wallet
        case KeyUsed(used):
            return _replay(request, record_id, used), account.wallet
        case Posted.OUTDATED:
            return None


def _marker(request: RefundRequest, posting: Posting) -> RefundMarker:
    made = posting.record.refunds[-1]
    balance_cents = posting.account.wallet.balance_cents
    return RefundMarker(request.fingerprint, made.entry_seq, made.amount_cents, balance_cents)


def _replay(request: RefundRequest, record_id: RecordId, marker: RefundMarker) -> RefundReceipt:
    if marker.fingerprint != request.fingerprint:
        raise IdempotencyKeyReusedError
    return _receipt(record_id, marker, replayed=True)


def _receipt(record_id: RecordId, marker: RefundMarker, *, replayed: bool) -> RefundReceipt:
    return RefundReceipt(
        entry_id(record_id.customer_id, marker.entry_seq),
        marker.amount_cents,
        marker.balance_cents,
        replayed,
    )
