"""Credit a wallet, exactly once per idempotency key, and charge what was waiting for money."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from billing.domain.customers import Customer
from billing.domain.errors import (
    CustomerNotFoundError,
    IdempotencyKeyReusedError,
    LimitReachedError,
)
from billing.domain.ledger import EntryKind, Wallet, entry_id, post
from billing.domain.money import within_bounds
from billing.domain.times import Clock
from billing.services.accounts import read_account
from billing.services.dunning import Dunning
from billing.services.retrying import Retry
from billing.storage.ledger import CreditMarker
from billing.storage.postings import Crediting, KeyUsed, Posted, WalletChanged
from billing.storage.stores import Stores


@dataclass(frozen=True, slots=True)
class CreditRequest:
    """Money that came in; the key names the request for ever, within its customer."""

    customer_id: str
    amount_cents: int
    idempotency_key: str

    @property
    def fingerprint(self) -> str:
        """What must be the same when the key is used again."""
        content = json.dumps([self.customer_id, self.amount_cents], separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class CreditReceipt:
    """The first answer to a request, the same at every replay."""

    entry_id: str
    balance_cents: int
    replayed: bool


def credit_wallet(request: CreditRequest, *, dunning: Dunning) -> CreditReceipt:
    """Post a credit and claim its key in one transaction; then charge unpaid records with it.

    The balance in the receipt is the one right after the credit. Raises CustomerNotFoundError,
    IdempotencyKeyReusedError when the key was used for another request, LimitReachedError when the
    wallet cannot hold the sum, and UnavailableError when other postings to the same wallet left no
    room in time.
    """
    receipt, wallet = _post(request, stores=dunning.stores, clock=dunning.clock)
    # Records that are raised behind the credit find its money by themselves.
    if wallet.outstanding_records > 0:
        dunning.attend(request.customer_id)
    return receipt


def _post(request: CreditRequest, *, stores: Stores, clock: Clock) -> tuple[CreditReceipt, Wallet]:
    """Post the credit, or find that it was; tells the wallet then, or as it was last read."""
    retry = Retry(stores)
    wallet = stores.wallets.get(request.customer_id)
    while True:
        if wallet is None or wallet.closed_at is not None:
            raise CustomerNotFoundError(request.customer_id)
        if not within_bounds(wallet.balance_cents + request.amount_cents):
            return _replay_or_refuse(request, stores), wallet
        crediting = _credited(request, wallet, stores, now=clock())
        match stores.postings.credit(crediting):
            case Posted.DONE:
                entry = crediting.entry
                receipt = CreditReceipt(entry.id, entry.balance_cents, replayed=False)
                return receipt, crediting.after
            case KeyUsed(marker):
                return _replay(request, marker), wallet
            case WalletChanged(changed):
                wallet = changed
            case Posted.OUTDATED:
                wallet = None
        if retry.wait() or wallet is None:
            wallet = stores.wallets.get(request.customer_id)


def _credited(
    request: CreditRequest, wallet: Wallet, stores: Stores, *, now: datetime
) -> Crediting:
    entry, after = post(
        wallet,
        kind=EntryKind.CREDIT,
        amount_cents=request.amount_cents,
        reference=request.idempotency_key,
        now=now,
    )
    return Crediting(
        before=wallet,
        after=after,
        entry=entry,
        idempotency_key=request.idempotency_key,
        marker=CreditMarker(request.fingerprint, entry.seq, entry.balance_cents),
        owing=_calling_the_run(wallet, stores, now=now),
    )


def _calling_the_run(
    wallet: Wallet, stores: Stores, *, now: datetime
) -> tuple[Customer, Customer] | None:
    """Bring a customer who owes before the next run, together with their money.

    If this invocation dies right after the credit, the money would else wait for nobody. Also who
    stands before the run already is part of the transaction: a visit may be ending just now.
    """
    if wallet.outstanding_records == 0:
        return None
    before = read_account(wallet.customer_id, stores).customer
    return before, before.needing_attention_now(now=now)


def _replay_or_refuse(request: CreditRequest, stores: Stores) -> CreditReceipt:
    """A wallet that is full today must still repeat the answer of the day it was not."""
    marker = stores.ledger.credit_marker(request.customer_id, request.idempotency_key)
    if marker is None:
        raise LimitReachedError("The wallet cannot hold this amount on top of its balance")
    return _replay(request, marker)


def _replay(request: CreditRequest, marker: CreditMarker) -> CreditReceipt:
    if marker.fingerprint != request.fingerprint:
        raise IdempotencyKeyReusedError
    return CreditReceipt(
        entry_id(request.customer_id, marker.entry_seq), marker.balance_cents, replayed=True
    )
