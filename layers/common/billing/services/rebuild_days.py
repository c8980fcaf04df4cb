"""Build a customer's days again from the ledger, compare them with those that are kept, and, where
somebody asks for it, put them right.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import batched

from billing.domain.days import (
    Day,
    by_day,
    settled_records,
    settling_their_records,
    verified,
)
from billing.domain.errors import CustomerNotFoundError, IntegrityError
from billing.domain.ledger import ChainState, Entry, Wallet, chain_at
from billing.domain.times import Clock
from billing.services.close_days import ENTRIES_PER_PAGE, close_days
from billing.storage.stores import Stores


@dataclass(frozen=True, slots=True)
class RebuiltDay:
    """A date, what is kept of it and what its entries come to, either None where there is none."""

    date: date
    kept: Day | None
    rebuilt: Day | None
    differs: bool


def rebuild_days(customer_id: str, *, write: bool, stores: Stores) -> Iterator[RebuiltDay]:
    """Build every day again, up to the checkpoint, oldest first.

    With `write` each one that differs is put right, unless the wallet changed meanwhile. Raises
    CustomerNotFoundError, IntegrityError where the ledger itself does not verify or posting goes
    on too fast: the closing run then has more to say.
    """
    wallet = stores.wallets.get(customer_id)
    if wallet is None:
        raise CustomerNotFoundError(customer_id)
    rebuilt = _days_from_ledger(wallet, stores)
    kept = {day.date: day for day in stores.days.between(customer_id, date.min, date.max)}
    for day in rebuilt:
        before = kept.pop(day.date, None)
        differs = not stores.days.is_written_as(day)
        if differs and write:
            _put_right(wallet, day, stores)
        yield RebuiltDay(day.date, before, day, differs)
    for day in kept.values():
        if write:
            _put_right(wallet, day, stores, remove=True)
        yield RebuiltDay(day.date, day, None, differs=True)


def close_again(customer_id: str, *, stores: Stores, clock: Clock) -> str | None:
    """Close what waits now that the days are right, which takes an imbalance away; tells what is
    wrong all the same, and leaves to the closing run what there is no time for.
    """
    done = close_days(customer_id, stores=stores, clock=clock)
    while done.more and not stores.deadline.passed():
        done = close_days(customer_id, stores=stores, clock=clock)
    return done.fault


def enlist(customer_id: str, *, stores: Stores) -> bool:
    """List a wallet for the closing run that has entries and is not listed, as one that nobody
    posted to since an upgrade; tells whether it was listed now.
    """
    wallet = stores.wallets.get(customer_id)
    while wallet is not None and wallet.listed() != wallet:
        if stores.closings.close(wallet, wallet.listed()) is not None:
            return True
        wallet = stores.wallets.get(customer_id)
    return False


def _put_right(wallet: Wallet, day: Day, stores: Stores, *, remove: bool = False) -> None:
    if not stores.closings.put_right(wallet, day, remove=remove):
        raise IntegrityError(f"The wallet of {wallet.customer_id} changed meanwhile; try again")


def _days_from_ledger(wallet: Wallet, stores: Stores) -> list[Day]:
    """Add up all entries to the checkpoint."""
    days: dict[date, Day] = {}
    state = ChainState()
    for page in batched(_entries(wallet, stores), ENTRIES_PER_PAGE, strict=False):
        good, fault = verified(page, state, max(days, default=None))
        found = stores.records.get_many(settled_records(good))
        records = {str(record_id): record for record_id, record in found.items()}
        settling, fault_of_record = settling_their_records(good, records)
        fault = fault_of_record or fault
        if fault is not None:
            raise IntegrityError(fault)
        for entries in by_day(settling, records):
            days[entries.date] = entries.added_to(days.get(entries.date))
        state = chain_at(page[-1])
    if state != wallet.checkpoint:
        raise IntegrityError("the checkpoint does not stand where its entries end")
    return list(days.values())


def _entries(wallet: Wallet, stores: Stores) -> Iterator[Entry]:
    if not wallet.checkpoint.seq:
        return iter(())
    return stores.ledger.oldest_first(
        wallet.customer_id, first_seq=1, last_seq=wallet.checkpoint.seq
    )
