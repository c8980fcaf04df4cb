"""Close a customer's days: verify what was posted since the checkpoint, and add it to its days.

A page of entries of one day is one transaction with the checkpoint: whoever dies is followed by
somebody who goes on there, and two at once add nothing twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from billing.domain.days import (
    Day,
    DayEntries,
    by_day,
    settled_records,
    settling_their_records,
    verified,
)
from billing.domain.ledger import Imbalance, Wallet, fault_of_wallet
from billing.domain.times import Clock, day_of
from billing.services.retrying import Retry
from billing.storage.closings import DayPage
from billing.storage.stores import Stores

# An entry has some 400 bytes, and its record up to 66 KB.
ENTRIES_PER_PAGE = 250

# One piece of work ends after so many pages, so that others have their turn.
PAGES_MAX = 20


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """What a look at a customer's days did: how many entries it added, whether there is more to
    do, what does not verify, which ends it, and the imbalance under which the wallet stands then.
    """

    entries: int = 0
    more: bool = False
    fault: str | None = None
    imbalance: Imbalance | None = None

    def plus(self, other: "ClosedDays") -> "ClosedDays":
        """Go on with what the next page did."""
        return ClosedDays(self.entries + other.entries, other.more, other.fault)

    def under(self, imbalance: Imbalance | None) -> "ClosedDays":
        """End under an imbalance, or without one where somebody else closed the books meanwhile."""
        return ClosedDays(self.entries, self.more, self.fault, imbalance)


@dataclass(frozen=True, slots=True)
class _Page:
    """Entries that verify, day by day, and what is wrong with the one behind them."""

    days: Sequence[DayEntries]
    fault: str | None


def close_days(customer_id: str, *, stores: Stores, clock: Clock) -> ClosedDays:
    """Add up to some pages of entries to their days, and close what is over.

    Raises UnavailableError when other postings to the wallet left no room in time; what was added
    until then stays added.
    """
    done = ClosedDays()
    for _ in range(PAGES_MAX):
        wallet = stores.wallets.get(customer_id)
        if wallet is None or wallet.closing_from is None:
            # The index may list what is closed by now.
            return done.plus(ClosedDays())
        step = _close if wallet.is_added_up else _add
        done = done.plus(step(wallet, stores, clock))
        if not done.more or stores.deadline.passed():
            break
    if done.fault is None:
        return done
    return done.under(keep_imbalance(customer_id, done.fault, stores=stores, clock=clock))


def keep_imbalance(
    customer_id: str, fault: str, *, stores: Stores, clock: Clock
) -> Imbalance | None:
    """Have a wallet stand under an imbalance, as long as it waits for the closing run; returns the
    imbalance, None where it waits no more.

    Whoever adds up its last entry, or closes its day, takes that away in the same write, so that
    none is left where nobody would look again. Raises UnavailableError.
    """
    retry = Retry(stores)
    while True:
        wallet = stores.wallets.get(customer_id)
        if wallet is None or wallet.closing_from is None:
            return None
        after = wallet.unbalanced(fault, now=clock())
        if after == wallet or stores.closings.close(wallet, after) is not None:
            return after.imbalance
        retry.wait()


def _close(wallet: Wallet, stores: Stores, clock: Clock) -> ClosedDays:
    """Close the open day where it is over and nothing was posted since it was added up."""
    fault = fault_of_wallet(wallet, wallet.checkpoint)
    if fault is not None:
        return ClosedDays(fault=fault)
    after = wallet.closed_where_over(today=day_of(clock()))
    # Where somebody else was sooner, they posted or closed it: another look tells.
    return ClosedDays(more=after != wallet and stores.closings.close(wallet, after) is None)


def _add(wallet: Wallet, stores: Stores, clock: Clock) -> ClosedDays:
    """Add a page of entries, day by day."""
    page, done = _read(wallet, stores), ClosedDays()
    for entries in page.days:
        added = _add_to_day(wallet, entries, stores, clock)
        if not isinstance(added, Wallet):
            return done.plus(added)
        wallet, done = added, done.plus(ClosedDays(len(entries.entries)))
    more = page.fault is None and not wallet.is_added_up
    return done.plus(ClosedDays(more=more, fault=page.fault))


def _read(wallet: Wallet, stores: Stores) -> _Page:
    """Read and verify what was posted since the checkpoint, a page of it."""
    state = wallet.checkpoint
    if wallet.seq < state.seq:
        return _Page([], fault_of_wallet(wallet, state))
    last_seq = min(wallet.seq, state.seq + ENTRIES_PER_PAGE)
    posted = stores.ledger.oldest_first(
        wallet.customer_id, first_seq=state.seq + 1, last_seq=last_seq
    )
    good, fault = verified(list(posted), state, wallet.closed_before)
    if fault is None and len(good) < last_seq - state.seq:
        fault = f"entry {state.seq + len(good) + 1} is missing"
    found = stores.records.get_many(settled_records(good))
    records = {str(record_id): record for record_id, record in found.items()}
    settling, fault_of_record = settling_their_records(good, records)
    return _Page(by_day(settling, records), fault_of_record or fault)


def _add_to_day(
    wallet: Wallet, entries: DayEntries, stores: Stores, clock: Clock
) -> Wallet | ClosedDays:
    """Add entries to their day; returns the wallet as it stands then, or why nothing was added:
    something does not verify, or somebody else has moved the checkpoint.
    """
    retry = Retry(stores)
    turn = 0
    while True:
        before = stores.days.get(wallet.customer_id, entries.date)
        fault = _fault_before(before, entries, wallet)
        if fault is None:
            shard = stores.reports.shard(entries.date, wallet.customer_id, turn=turn)
            page = DayPage(before, entries.added_to(before), entries.totals, shard)
            moved = wallet.added_up_to(entries.last, entries.date, today=day_of(clock()))
            after = stores.closings.add(page, wallet, moved)
            if after is not None:
                return after
            retry.wait()
            turn += 1
        again = stores.wallets.get(wallet.customer_id)
        if again is None or again.checkpoint != wallet.checkpoint:
            return ClosedDays(more=True)
        if fault is not None:
            return ClosedDays(fault=fault)
        wallet = again


def _fault_before(day: Day | None, entries: DayEntries, wallet: Wallet) -> str | None:
    """Tell what keeps entries from being added: their day, or the wallet that should end there."""
    if day is not None and day.after != wallet.checkpoint:
        return f"day {day.date} does not end where entries were last added to it"
    return fault_of_wallet(wallet, entries.last) if entries.last.seq == wallet.seq else None
