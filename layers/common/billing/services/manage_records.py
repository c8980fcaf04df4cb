"""Billing records by hand: raise a charge, charge a record now."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from billing.domain.charging import charge, note_attempt_by_hand, raise_record
from billing.domain.errors import IdempotencyKeyReusedError
from billing.domain.records import BillingRecord, RecordId, RecordStatus
from billing.services.accounts import read_account, read_living_account
from billing.services.dunning import Dunning
from billing.services.read_records import get_record
from billing.services.retrying import Retry
from billing.storage.ledger import ChargeMarker
from billing.storage.postings import KeyUsed, Raised
from billing.storage.stores import Stores


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """A charge that somebody asks for by hand; the key, if any, names the request for ever."""

    customer_id: str
    amount_cents: int
    description: str | None
    idempotency_key: str | None

    @property
    def fingerprint(self) -> str:
        """What must be the same when the key is used again."""
        content = json.dumps([self.customer_id, self.amount_cents, self.description])
        return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RaisedCharge:
    """The record of a charge; a replay returns the record as it stands now."""

    record: BillingRecord
    replayed: bool


class ProcessOutcome(StrEnum):
    """How charging a record by hand ended."""

    PAID = "paid"
    ALREADY_PAID = "already_paid"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Processed:
    """The outcome, the record, and the balance after it."""

    outcome: ProcessOutcome
    record: BillingRecord
    balance_cents: int


def raise_charge(request: ChargeRequest, *, name: str, dunning: Dunning) -> RaisedCharge:
    """Raise a record by hand and try it at once, like the record of a tab.

    `name` is one that no other charge of the customer has; the record's id ends with it. Raises
    CustomerNotFoundError, and IdempotencyKeyReusedError when the key was used for another charge.
    """
    record_id = RecordId.manual(request.customer_id, name)
    retry = Retry(dunning.stores)
    while True:
        raised = _try_to_raise(request, record_id, dunning)
        if raised is not None:
            if raised.record.status is RecordStatus.RETRYING and not raised.replayed:
                dunning.start(raised.record, now=dunning.clock())
            return raised
        retry.wait()


def _try_to_raise(
    request: ChargeRequest, record_id: RecordId, dunning: Dunning
) -> RaisedCharge | None:
    """Try once; None where somebody else changed the account meanwhile."""
    stores = dunning.stores
    account = read_living_account(request.customer_id, stores)
    # Read behind the account, so that a record that was raised before is never a younger one.
    now = dunning.clock()
    record = BillingRecord(
        id=record_id,
        status=RecordStatus.PENDING,
        amount_cents=request.amount_cents,
        created_at=now,
        description=request.description,
    )
    posting = raise_record(record, account, dunning.schedule_of(account.customer), now=now)
    raised = stores.postings.raise_charge(
        account,
        posting,
        idempotency_key=request.idempotency_key,
        fingerprint=request.fingerprint,
    )
    match raised:
        case Raised.DONE:
            return RaisedCharge(posting.record, replayed=False)
        case Raised.BEFORE:
            return RaisedCharge(get_record(str(record_id), stores=stores), replayed=False)
        case KeyUsed(marker):
            return _replay(request, marker, stores)
        case Raised.OUTDATED:
            return None


def _replay(request: ChargeRequest, marker: ChargeMarker, stores: Stores) -> RaisedCharge:
    if marker.fingerprint != request.fingerprint:
        raise IdempotencyKeyReusedError
    return RaisedCharge(get_record(str(marker.record_id), stores=stores), replayed=True)


def process_record(record_id: str, *, dunning: Dunning) -> Processed:
    """Charge a record now, whatever its schedule says; also one that failed.

    Too little money is an outcome, kept among the record's attempts; it counts as no retry.
    Raises RecordNotFoundError.
    """
    stores, clock = dunning.stores, dunning.clock
    retry = Retry(stores)
    while True:
        record = get_record(record_id, stores=stores)
        account = read_account(record.id.customer_id, stores)
        balance_cents = account.wallet.balance_cents
        if record.status is RecordStatus.PAID:
            return Processed(ProcessOutcome.ALREADY_PAID, record, balance_cents)
        if record.status is RecordStatus.VOID:
            return Processed(ProcessOutcome.VOID, record, balance_cents)
        paid = charge(record, account, now=clock())
        if paid is not None:
            if stores.postings.write(record, account, paid):
                if paid.account.customer.is_called_for:
                    dunning.attend(record.id.customer_id)
                after = paid.account.wallet.balance_cents
                return Processed(ProcessOutcome.PAID, paid.record, after)
        else:
            noted = note_attempt_by_hand(record, account, now=clock())
            if stores.records.change(record, noted):
                return Processed(ProcessOutcome.INSUFFICIENT_FUNDS, noted, balance_cents)
        retry.wait()
