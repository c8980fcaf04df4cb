"""Postings: what charging worked out, written in one transaction if nothing changed since.

A posting spans a record, the customer, the wallet and the ledger; that of a bill takes its sealed
tab along, and that of a caller's request claims the idempotency key.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from billing.domain.accounts import Account
from billing.domain.charging import Posting
from billing.domain.customers import Customer
from billing.domain.errors import IntegrityError
from billing.domain.ledger import Entry, Wallet
from billing.domain.records import BillingRecord
from billing.domain.tabs import SealedTab, TabRef
from billing.storage.accounts import Accounts
from billing.storage.dynamo import Dynamo
from billing.storage.ledger import (
    ChargeMarker,
    CreditMarker,
    Ledger,
    RefundMarker,
    charge_marker_of,
    credit_marker_of,
    refund_marker_of,
)
from billing.storage.records import Records
from billing.storage.tabs import Tabs, sealed_number_of
from billing.storage.wallets import wallet_of
from billing.storage.writes import FailedCondition, TransactionCancelledError, Write

if TYPE_CHECKING:
    from billing.storage.months import Months, StoredMonths
    from billing.storage.take_backs import TakeBacks


class Settled(Enum):
    """What became of the posting of a bill."""

    DONE = auto()
    BY_ANOTHER = auto()
    # Usage arrived since sealing: the tab must stay in the dirty index.
    NEW_USAGE = auto()
    OUTDATED = auto()


class Raised(Enum):
    """What became of the posting of a charge that somebody asked for."""

    DONE = auto()
    # By an earlier try, whose answer was lost: nobody else has the record's name.
    BEFORE = auto()
    OUTDATED = auto()


class Posted(Enum):
    """What became of the posting of a credit or a refund."""

    DONE = auto()
    OUTDATED = auto()


@dataclass(frozen=True, slots=True)
class KeyUsed[Marker]:
    """The idempotency key of a request was used before: for what, its marker tells."""

    marker: Marker


@dataclass(frozen=True, slots=True)
class WalletChanged:
    """Somebody else posted meanwhile; this is the wallet as it stands."""

    wallet: Wallet


@dataclass(frozen=True, slots=True)
class Crediting:
    """A credit to post: the wallet before and after, its entry, and the claim on the key.

    `owing` is the customer before and after they were brought before the next run, if they owe;
    who stands before it already must still do so.
    """

    before: Wallet
    after: Wallet
    entry: Entry
    idempotency_key: str
    marker: CreditMarker
    owing: tuple[Customer, Customer] | None


@dataclass(frozen=True, slots=True)
class Postings:
    """Writes postings.

    The ledger is opened for a posting that has an entry, and not before; so are months for a bill.
    A transaction that met another one is not sent again: what that one changed is what this one was
    worked out from.
    """

    dynamo: Dynamo
    accounts: Accounts
    open_ledger: Callable[[], Ledger]
    records: Records
    tabs: Tabs
    open_months: Callable[[], "Months"]
    open_take_backs: Callable[[], "TakeBacks"]

    @property
    def ledger(self) -> Ledger:
        """Where entries are appended."""
        return self.open_ledger()

    def write(self, record: BillingRecord, account: Account, posting: Posting) -> bool:
        """Write a posting to a record; False, with nothing written, where something had changed.

        What did not change is not written. Raises IntegrityError where the ledger already has what
        the wallet and the record say it has not: that is never a race.
        """
        return self._write(self._changing(record, account, posting), posting)

    def void(self, record: BillingRecord, account: Account, posting: Posting) -> bool:
        """Write the posting of a record that is taken back; one of usage is taken back as a whole.

        False, with nothing written, where something had changed, or its events are taken back one
        by one.
        """
        writes = self._changing(record, account, posting)
        if not record.is_manual:
            writes.append(self.open_take_backs().whole(record.id))
        return self._write(writes, posting)

    def _changing(self, record: BillingRecord, account: Account, posting: Posting) -> list[Write]:
        writes: list[Write] = []
        if posting.record != record:
            writes.append(self.records.changing(record, posting.record))
        return [*writes, *self._writes(account, posting)]

    def _write(self, writes: Sequence[Write], posting: Posting) -> bool:
        if not writes:
            return True
        try:
            self.dynamo.transact(writes, retry_conflicts=False)
        except TransactionCancelledError as cancelled:
            if posting.entry is not None:
                self._check_ledger(cancelled, writes)
            return False
        return True

    def settle(
        self,
        ref: TabRef,
        sealed: SealedTab,
        account: Account,
        months: "StoredMonths",
        posting: Posting,
        *,
        clean: bool,
    ) -> Settled:
        """Write the posting of a bill, and what it bills of months, and take away the sealed
        content that it bills.

        With `clean` the tab leaves the dirty index too. Raises IntegrityError like `write`.
        """
        unseal = self.tabs.unsealing(ref, sealed.number, clean=clean)
        raise_record = self.records.inserting(posting.record)
        bill_months = self.open_months().changing(months, posting.record.months_after)
        # Who reads tabs and months at one moment goes by the wallet, also where nothing is posted.
        touch_wallet = len(bill_months) > 0
        writes = [
            unseal,
            raise_record,
            *bill_months,
            *self._writes(account, posting, touch_wallet=touch_wallet),
        ]
        try:
            self.dynamo.transact(writes, retry_conflicts=False)
        except TransactionCancelledError as cancelled:
            failed = cancelled.failure_of(unseal)
            if failed is not None:
                is_sealed = _is_still_sealed(failed, sealed)
                return Settled.NEW_USAGE if is_sealed else Settled.BY_ANOTHER
            self._check_ledger(cancelled, writes)
            return Settled.OUTDATED
        return Settled.DONE

    def raise_charge(
        self,
        account: Account,
        posting: Posting,
        *,
        idempotency_key: str | None,
        fingerprint: str,
    ) -> Raised | KeyUsed[ChargeMarker]:
        """Write the posting of a new charge, and claim the key that it came with, if any.

        Raises IntegrityError like `write`.
        """
        raise_record = self.records.inserting(posting.record)
        writes: list[Write] = [raise_record, *self._writes(account, posting)]
        claim = None
        if idempotency_key is not None:
            marker = ChargeMarker(fingerprint, posting.record.id)
            claim = self.ledger.claiming_charge(idempotency_key, marker)
            writes.append(claim)
        try:
            self.dynamo.transact(writes, retry_conflicts=False)
        except TransactionCancelledError as cancelled:
            if cancelled.failure_of(raise_record) is not None:
                return Raised.BEFORE
            failed = None if claim is None else cancelled.failure_of(claim)
            if failed is not None:
                return KeyUsed(charge_marker_of(failed))
            self._check_ledger(cancelled, writes)
            return Raised.OUTDATED
        return Raised.DONE

    def refund(
        self,
        record: BillingRecord,
        account: Account,
        posting: Posting,
        *,
        idempotency_key: str,
        marker: RefundMarker,
    ) -> Posted | KeyUsed[RefundMarker]:
        """Write a refund and claim its key; raises IntegrityError like `write`."""
        claim = self.ledger.claiming_refund(record.id.customer_id, idempotency_key, marker)
        change = self.records.changing(record, posting.record)
        writes = [claim, change, *self._writes(account, posting)]
        try:
            self.dynamo.transact(writes, retry_conflicts=False)
        except TransactionCancelledError as cancelled:
            claimed = cancelled.failure_of(claim)
            if claimed is not None:
                return KeyUsed(refund_marker_of(claimed))
            self._check_ledger(cancelled, writes)
            return Posted.OUTDATED
        return Posted.DONE

    def credit(self, credit: Crediting) -> Posted | KeyUsed[CreditMarker] | WalletChanged:
        """Write a credit and claim its key; raises IntegrityError like `write`."""
        claim = self.ledger.claiming_credit(
            credit.before.customer_id, credit.idempotency_key, credit.marker
        )
        append = self.ledger.appending(credit.entry)
        change = self.accounts.wallets.changing(credit.before, credit.after)
        writes: list[Write] = [claim, append, change]
        if credit.owing is not None:
            writes.append(self._calling_the_run(*credit.owing))
        try:
            self.dynamo.transact(writes, retry_conflicts=False)
        except TransactionCancelledError as cancelled:
            claimed = cancelled.failure_of(claim)
            if claimed is not None:
                return KeyUsed(credit_marker_of(claimed))
            self._check_ledger(cancelled, writes)
            changed = cancelled.failure_of(change)
            if changed is None or changed.item is None:
                return Posted.OUTDATED
            return WalletChanged(wallet_of(changed.item))
        return Posted.DONE

    def _calling_the_run(self, before: Customer, after: Customer) -> Write:
        customers = self.accounts.customers
        return customers.unchanged(before) if after == before else customers.changing(before, after)

    def _writes(
        self, account: Account, posting: Posting, *, touch_wallet: bool = False
    ) -> list[Write]:
        """List the writes that take an account to the state of a posting, and post its entry.

        What the posting rests on without changing it must be as it was read.
        """
        wallets, customers = self.accounts.wallets, self.accounts.customers
        writes: list[Write] = []
        if posting.account.wallet != account.wallet or touch_wallet:
            writes.append(wallets.changing(account.wallet, posting.account.wallet))
        elif posting.rests_on_account:
            writes.append(wallets.unchanged(account.wallet))
        if posting.account.customer != account.customer:
            writes.append(customers.changing(account.customer, posting.account.customer))
        elif posting.rests_on_account:
            writes.append(customers.unchanged(account.customer))
        if posting.entry is not None:
            writes.append(self.ledger.appending(posting.entry))
            if posting.settles_record:
                writes.append(self.ledger.claiming_debit(posting.record.id, posting.entry))
        return writes

    def _check_ledger(self, cancelled: TransactionCancelledError, writes: Sequence[Write]) -> None:
        """Raise IntegrityError where the ledger alone stood in the way of a transaction.

        While another transaction holds the wallet, the ledger may already have what that one
        brings.
        """
        refused = {write.table for write in writes if cancelled.failure_of(write) is not None}
        if refused == {self.ledger.table} and not any(map(cancelled.left_unjudged, writes)):
            raise IntegrityError("The ledger has what the wallet says it has not") from cancelled


def _is_still_sealed(failed: FailedCondition, sealed: SealedTab) -> bool:
    return failed.item is not None and sealed_number_of(failed.item) == sealed.number
