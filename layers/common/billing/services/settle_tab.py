"""Seal a tab and settle it: recorded usage becomes a billing record and a ledger entry.

Sealing and settling are two writes. A crash between them leaves a sealed tab, which the next run
settles to the same record id; settling itself is one transaction, done once.
"""

from billing.domain.errors import IntegrityError
from billing.domain.rating import bill
from billing.domain.records import BillingRecord, RecordId, RecordStatus
from billing.domain.tabs import SealedTab, TabRef, count_events
from billing.domain.times import Clock
from billing.services.accounts import read_account
from billing.services.dunning import Dunning, start_workflow
from billing.services.posting import check_ledger, posting_writes
from billing.services.retrying import Retry
from billing.storage.stores import Stores
from billing.storage.tabs import tab_of
from billing.storage.writes import ConditionFailedError, FailedCondition, TransactionCancelledError

# A tab that took more events than this in one interval will have new ones before it is settled, as
# a rule: leaving it in the dirty index is cheaper than a transaction that fails because of them.
BUSY_TAB_EVENTS = 100


def settle_tab(
    ref: TabRef, *, stores: Stores, clock: Clock, dunning: Dunning
) -> list[BillingRecord]:
    """Bill what a tab holds; returns the records that came of it, oldest first.

    There are two where a crash had left one sealed, and none where nothing was to bill.
    """
    records = []
    sealed, is_leftover = _seal(ref, stores=stores, clock=clock)
    if sealed is not None:
        records.append(_settle(ref, sealed, stores=stores, clock=clock, dunning=dunning))
    if is_leftover:
        fresh, _ = _seal(ref, stores=stores, clock=clock)
        if fresh is not None:
            records.append(_settle(ref, fresh, stores=stores, clock=clock, dunning=dunning))
    return records


def _seal(ref: TabRef, *, stores: Stores, clock: Clock) -> tuple[SealedTab | None, bool]:
    """Seal a tab; gives what is sealed now, and whether it was so before."""
    try:
        return stores.tabs.seal(ref, now=clock()).sealed, False
    except ConditionFailedError as refused:
        if refused.item is None:
            # The customer was deleted, and the index has not heard of it yet.
            return None, False
        leftover = tab_of(refused.item).sealed
    if leftover is None:
        stores.tabs.leave_dirty_index(ref)
    return leftover, leftover is not None


def _settle(
    ref: TabRef, sealed: SealedTab, *, stores: Stores, clock: Clock, dunning: Dunning
) -> BillingRecord:
    """Settle sealed content in one transaction, or give the record that somebody else made of it.

    Raises UnavailableError when other postings to the wallet left no room in time; the tab stays
    sealed, and the next run goes on.
    """
    record_id = RecordId.of_tab(ref, sealed.number)
    clean = count_events(sealed.lines) <= BUSY_TAB_EVENTS
    retry = Retry(stores)
    while True:
        account = read_account(ref.customer_id, stores)
        schedule = dunning.schedule_of(account.customer)
        posting = bill(ref, sealed, account, schedule, now=clock())
        unseal = stores.tabs.unsealing(ref, sealed.number, clean=clean)
        writes = [unseal, *posting_writes(None, account, posting, stores)]
        try:
            stores.dynamo.transact(writes)
        except TransactionCancelledError as cancelled:
            failure = cancelled.failure_of(unseal)
            if failure is not None and not _still_sealed(failure, sealed):
                return _made_by_another(record_id, stores)
            check_ledger(cancelled, writes, stores)
            # Usage arrived since sealing: the tab must stay in the dirty index.
            clean = clean and failure is None
        else:
            if posting.record.status is RecordStatus.RETRYING:
                start_workflow(posting.record, dunning, now=clock())
            return posting.record
        retry.wait()


def _still_sealed(failure: FailedCondition, sealed: SealedTab) -> bool:
    if failure.item is None:
        return False
    standing = tab_of(failure.item).sealed
    return standing is not None and standing.number == sealed.number


def _made_by_another(record_id: RecordId, stores: Stores) -> BillingRecord:
    record = stores.records.get(record_id)
    if record is None:
        raise IntegrityError(f"Tab {record_id} is no longer sealed, but has no record")
    return record
