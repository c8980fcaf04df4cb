"""Write what charging worked out: one transaction, under the condition that nothing changed."""

from collections.abc import Sequence

from billing.domain.accounts import Account
from billing.domain.charging import Posting
from billing.domain.customers import Customer
from billing.domain.errors import IntegrityError
from billing.domain.records import BillingRecord
from billing.storage.stores import Stores
from billing.storage.writes import TransactionCancelledError, Write


def posting_writes(
    record: BillingRecord | None, account: Account, posting: Posting, stores: Stores
) -> list[Write]:
    """Give the writes that take a record and an account, as read, to the state of a posting.

    `record` is None where the posting raises a new one. What did not change is not written.
    """
    writes: list[Write] = []
    if record is None:
        writes.append(stores.records.insertion(posting.record))
    elif posting.record != record:
        writes.append(stores.records.change(record, posting.record))
    if posting.account.wallet != account.wallet:
        writes.append(stores.wallets.change(account.wallet, posting.account.wallet))
    if posting.account.customer != account.customer:
        writes.append(stores.customers.change(account.customer, posting.account.customer))
    if posting.entry is not None:
        writes.append(stores.ledger.appending(posting.entry))
        writes.append(stores.ledger.claiming_debit(posting.record.id, posting.entry))
    return writes


def write_posting(
    record: BillingRecord | None, account: Account, posting: Posting, *, stores: Stores
) -> bool:
    """Write a posting; False, with nothing written, where something had changed.

    Raises IntegrityError where the ledger already has what the wallet and the record say it has
    not: that is never a race.
    """
    writes = posting_writes(record, account, posting, stores)
    if not writes:
        return True
    try:
        stores.dynamo.transact(writes)
    except TransactionCancelledError as cancelled:
        check_ledger(cancelled, writes, stores)
        return False
    return True


def write_customer(before: Customer, after: Customer, *, stores: Stores) -> bool:
    """Write a profile alone; False, with nothing written, where it had changed."""
    if after == before:
        return True
    try:
        stores.dynamo.transact([stores.customers.change(before, after)])
    except TransactionCancelledError:
        return False
    return True


def check_ledger(
    cancelled: TransactionCancelledError, writes: Sequence[Write], stores: Stores
) -> None:
    """Raise IntegrityError where the ledger alone stood in the way of a transaction.

    While another transaction holds the wallet, the ledger may already have what that one brings.
    """
    refused = {write.table for write in writes if cancelled.failure_of(write) is not None}
    if refused == {stores.ledger.table} and not any(map(cancelled.left_unjudged, writes)):
        raise IntegrityError("The ledger has what the wallet says it has not") from cancelled
