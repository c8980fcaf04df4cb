"""Seal a tab and settle it: recorded usage becomes a billing record and a ledger entry.

Only where its customer cannot be charged, a tab is left open for a while.

Sealing and settling are two writes. A crash between them leaves a sealed tab, which the next run
settles to the same record id; settling itself is one transaction, done once.
"""

from billing.domain.accounts import Account
from billing.domain.errors import IntegrityError
from billing.domain.rating import bill
from billing.domain.records import BillingRecord, RecordId, RecordStatus
from billing.domain.tabs import SealedTab, TabRef, count_events, counted_by_month
from billing.services.accounts import read_account
from billing.services.dunning import Dunning
from billing.services.held_tabs import is_left_open
from billing.services.months import read_months
from billing.services.retrying import Retry
from billing.storage.postings import Settled
from billing.storage.stores import Stores
from billing.storage.tabs import NothingToSeal, Sealed

# A tab that took more events than this in one interval will have new ones before it is settled, as
# a rule: leaving it in the dirty index is cheaper than a transaction that fails because of them.
BUSY_TAB_EVENTS = 100


def settle_tab(ref: TabRef, *, dunning: Dunning) -> list[BillingRecord]:
    """Bill what a tab holds; returns the records that this made of it, oldest first.

    There are two where a crash had left one sealed, and none where nothing was to bill, where
    somebody else billed it meanwhile, or where it is held.
    """
    stores, tabs = dunning.stores, dunning.stores.tabs
    account = stores.accounts.get(ref.customer_id)
    if account is None or is_left_open(ref, account, stores=stores, now=dunning.clock()):
        # The index may list a tab that is gone, with all of its customer.
        return []
    records: list[BillingRecord] = []
    # Behind what a crash had left sealed there may be usage that is open.
    for _ in range(2):
        sealed = tabs.seal(ref, now=dunning.clock())
        if sealed is NothingToSeal.EMPTY:
            tabs.leave_dirty_index(ref)
        if not isinstance(sealed, Sealed):
            break
        made = _settle(ref, sealed.content, account, dunning)
        if made is not None:
            records.append(made)
        if not sealed.is_leftover:
            break
    return records


def _settle(
    ref: TabRef, sealed: SealedTab, account: Account, dunning: Dunning
) -> BillingRecord | None:
    """Settle sealed content in one transaction; None where somebody else made the record of it.

    The account may have changed since it was read: then the first try is refused. Raises
    UnavailableError when other postings to the wallet left no room in time; the tab stays sealed,
    and the next run goes on.
    """
    clean = count_events(sealed.lines) <= BUSY_TAB_EVENTS
    stores, clock = dunning.stores, dunning.clock
    retry = Retry(stores)
    while True:
        months = read_months(ref.customer_id, counted_by_month(sealed.lines), stores)
        schedule = dunning.schedule_of(account.customer)
        posting = bill(ref, sealed, account, months.counted, schedule, now=clock())
        match stores.postings.settle(ref, sealed, account, months.stored, posting, clean=clean):
            case Settled.DONE:
                if posting.record.status is RecordStatus.RETRYING:
                    dunning.start(posting.record, now=clock())
                return posting.record
            case Settled.BY_ANOTHER:
                _check_made(posting.record.id, stores)
                return None
            case Settled.NEW_USAGE:
                clean = False
            case Settled.OUTDATED:
                pass
        retry.wait()
        account = read_account(ref.customer_id, stores)


def _check_made(record_id: RecordId, stores: Stores) -> None:
    if stores.records.get(record_id) is None:
        raise IntegrityError(f"Tab {record_id} is no longer sealed, but has no record")
