"""Read a customer's days: those that are added up, and those of entries that still wait for it."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from billing.domain.days import (
    Day,
    begin_day,
    settled_records,
    settling_their_records,
    totals_of,
    verified,
)
from billing.domain.errors import ClosingBehindError, CustomerNotFoundError, IntegrityError
from billing.domain.ledger import Entry, Wallet
from billing.domain.statements import Span
from billing.domain.times import day_of
from billing.services.retrying import Retry
from billing.storage.stores import Stores

# What one answer adds up by itself, with as many records: the closing run does it each hour.
WAITING_ENTRIES_MAX = 2_000


def read_span(customer_id: str, first: date, last: date, stores: Stores) -> tuple[Wallet, Span]:
    """Read the days from one date to another, both included, and the wallet that they end at.

    Days change only together with the checkpoint in the wallet: where that is the same before and
    after they were read, they and the entries behind it have everything once. Raises
    CustomerNotFoundError, ClosingBehindError where too many entries wait to be added up, and
    IntegrityError for what does not verify.
    """
    wallet = stores.wallets.get(customer_id)
    retry = Retry(stores, busy="The days are being closed; try again")
    while wallet is not None:
        span = _read(wallet, first, last, stores)
        again = stores.wallets.get(customer_id)
        if again is not None and again.checkpoint == wallet.checkpoint:
            span.verify()
            return wallet, span
        wallet = again
        retry.wait()
    raise CustomerNotFoundError(customer_id)


def _read(wallet: Wallet, first: date, last: date, stores: Stores) -> Span:
    days = list(stores.days.between(wallet.customer_id, first, last))
    if _is_added_up(wallet, last):
        if days:
            return Span(days[0].opening_cents, days)
        before = stores.days.last_up_to(wallet.customer_id, first)
        return Span(0 if before is None else before.closing_cents, [])
    # Where no day of these is added up, no entry up to the checkpoint is of one of them.
    opening_cents = days[0].opening_cents if days else wallet.checkpoint.sum_cents
    entries = _waiting_entries(wallet, last, stores)
    earlier = [entry for entry in entries if day_of(entry.posted_at) < first]
    if earlier:
        opening_cents = earlier[-1].balance_cents
    return Span(opening_cents, _with_entries(days, entries[len(earlier) :], stores))


def _is_added_up(wallet: Wallet, last: date) -> bool:
    """Tell whether no entry up to a date can wait to be added to its day."""
    closed = wallet.closed_before is not None and last < wallet.closed_before
    return closed or wallet.is_added_up


def _waiting_entries(wallet: Wallet, last: date, stores: Stores) -> list[Entry]:
    """Read the entries behind the checkpoint up to a date, and verify that they follow it."""
    entries: list[Entry] = []
    posted = stores.ledger.oldest_first(
        wallet.customer_id, first_seq=wallet.checkpoint.seq + 1, last_seq=wallet.seq
    )
    is_whole = True
    for entry in posted:
        if day_of(entry.posted_at) > last:
            is_whole = False
            break
        if len(entries) == WAITING_ENTRIES_MAX:
            raise ClosingBehindError(
                f"More than {WAITING_ENTRIES_MAX:,} entries wait for the closing run; try again"
            )
        entries.append(entry)
    good, fault = verified(entries, wallet.checkpoint, wallet.closed_before)
    if fault is None and is_whole and len(good) < wallet.seq - wallet.checkpoint.seq:
        fault = f"entry {wallet.checkpoint.seq + len(good) + 1} is missing"
    if fault is not None:
        raise IntegrityError(fault)
    return entries


def _with_entries(days: Sequence[Day], entries: Sequence[Entry], stores: Stores) -> list[Day]:
    """Add entries to their days as the closing run will."""
    found = stores.records.get_many(settled_records(entries))
    records = {str(record_id): record for record_id, record in found.items()}
    _, fault = settling_their_records(entries, records)
    if fault is not None:
        raise IntegrityError(fault)
    added = {day.date: day for day in days}
    for on, some in _by_date(entries):
        day = added.get(on) or begin_day(some[0])
        added[on] = day.with_entries(some, totals_of(some, records))
    return list(added.values())


def _by_date(entries: Sequence[Entry]) -> Iterator[tuple[date, list[Entry]]]:
    for on, some in groupby(entries, lambda entry: day_of(entry.posted_at)):
        yield on, list(some)
