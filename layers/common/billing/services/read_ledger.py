"""Read the ledger, now or as of an instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from billing.domain.errors import CustomerNotFoundError
from billing.domain.ledger import Entry, Wallet
from billing.domain.times import day_of
from billing.services.paging import decode_cursor, encode_cursor, not_a_cursor, part_of
from billing.storage.stores import Stores


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Entries newest first, and the balance after the newest one up to the instant asked for."""

    entries: Sequence[Entry]
    balance_cents: int
    cursor: str | None


def list_entries(
    customer_id: str,
    *,
    limit: int,
    cursor: str | None,
    as_of: datetime | None,
    stores: Stores,
) -> LedgerPage:
    """List ledger entries, newest first; raises CustomerNotFoundError."""
    wallet = read_wallet(customer_id, stores)
    last_seq = wallet.seq if as_of is None else _last_seq_at(wallet, as_of, stores)
    newest = stores.ledger.entry(customer_id, last_seq) if last_seq > 0 else None
    start = last_seq if cursor is None else min(last_seq, seq_in(decode_cursor(cursor)))
    entries = (
        stores.ledger.newest_first(customer_id, last_seq=start, limit=limit) if start > 0 else []
    )
    oldest_seq = entries[-1].seq if entries else 1
    return LedgerPage(
        entries=entries,
        balance_cents=0 if newest is None else newest.balance_cents,
        cursor=encode_cursor({"seq": str(oldest_seq - 1)}) if oldest_seq > 1 else None,
    )


def _last_seq_at(wallet: Wallet, as_of: datetime, stores: Stores) -> int:
    """Find the last entry posted up to an instant, by halving: entries never go back in time."""
    low, high = _bounds_at(wallet, day_of(as_of), stores)
    while low < high:
        middle = (low + high + 1) // 2
        entry = stores.ledger.entry(wallet.customer_id, middle)
        if entry is not None and entry.posted_at <= as_of:
            low = middle
        else:
            high = middle - 1
    return low


def _bounds_at(wallet: Wallet, on: date, stores: Stores) -> tuple[int, int]:
    """Tell between which entries the last one up to an instant of a date is, both included."""
    day = stores.days.last_up_to(wallet.customer_id, on)
    is_closed = wallet.closed_before is not None and on < wallet.closed_before
    if day is None:
        return 0, 0 if is_closed else wallet.seq
    low = day.first_seq - 1 if day.date == on else day.last_seq
    return low, day.last_seq if is_closed else wallet.seq


def seq_in(position: Mapping[str, str]) -> int:
    """Read the number of an entry out of a cursor."""
    seq = number_in(position, "seq")
    if seq < 0:
        raise not_a_cursor()
    return seq


def number_in(position: Mapping[str, str], name: str) -> int:
    """Read an integer out of a cursor."""
    text = part_of(position, name)
    try:
        return int(text)
    except ValueError:
        raise not_a_cursor() from None


def read_wallet(customer_id: str, stores: Stores) -> Wallet:
    """Read a wallet, of a deleted customer too; raises CustomerNotFoundError."""
    wallet = stores.wallets.get(customer_id)
    if wallet is None:
        raise CustomerNotFoundError(customer_id)
    return wallet
