"""Read the ledger, now or as of an instant, and prove that it adds up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from billing.domain.deadline import Deadline
from billing.domain.errors import CustomerNotFoundError
from billing.domain.ledger import ChainState, Entry, Wallet, verify_chain
from billing.services.paging import decode_cursor, encode_cursor, not_a_cursor, part_of
from billing.storage.ledger import VERIFY_PAGE_SIZE
from billing.storage.stores import Stores


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Entries newest first, and the balance after the newest one up to the instant asked for."""

    entries: Sequence[Entry]
    balance_cents: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What a verification found.

    `ok` is True only when every entry was checked and the wallet equals their sum; `complete` is
    False when time ran out, and `cursor` goes on from there.
    """

    ok: bool
    complete: bool
    entries: int
    sum_cents: int
    balance_cents: int
    head_hash: str
    fault: str | None
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
    wallet = _wallet(customer_id, stores)
    last_seq = wallet.seq if as_of is None else _last_seq_at(wallet, as_of, stores)
    newest = stores.ledger.entry(customer_id, last_seq) if last_seq > 0 else None
    start = last_seq if cursor is None else min(last_seq, _seq(decode_cursor(cursor)))
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
    low, high = 0, wallet.seq
    while low < high:
        middle = (low + high + 1) // 2
        entry = stores.ledger.entry(wallet.customer_id, middle)
        if entry is not None and entry.posted_at <= as_of:
            low = middle
        else:
            high = middle - 1
    return low


def verify_ledger(
    customer_id: str, *, cursor: str | None, stores: Stores, deadline: Deadline
) -> Proof:
    """Check every entry of a customer against its hash, its number and the sum, and the wallet.

    Raises CustomerNotFoundError. Entries posted while this runs are left to the next verification.
    """
    wallet = _wallet(customer_id, stores)
    state = ChainState() if cursor is None else _state(cursor)
    if state.seq < wallet.seq:
        entries = stores.ledger.oldest_first(
            customer_id, first_seq=state.seq + 1, last_seq=wallet.seq
        )
        for page in batched(entries, VERIFY_PAGE_SIZE, strict=False):
            state, fault = verify_chain(page, state)
            if fault is not None:
                return _proof(state, wallet, fault=fault)
            if deadline.passed() and state.seq < wallet.seq:
                return _unfinished(state, wallet)
    return _proof(state, wallet, fault=_fault_of_wallet(state, wallet, stores))


def _fault_of_wallet(state: ChainState, wallet: Wallet, stores: Stores) -> str | None:
    if state.seq < wallet.seq:
        return f"entry {state.seq + 1} is missing"
    if state.seq > wallet.seq or state.head_hash != wallet.head_hash:
        return "the wallet does not stand at the head of the chain"
    if state.sum_cents != wallet.balance_cents:
        return "the wallet balance is not the sum of the entries"
    beyond = stores.ledger.entry(wallet.customer_id, wallet.seq + 1)
    if beyond is not None and _wallet(wallet.customer_id, stores).seq == wallet.seq:
        return f"entry {beyond.seq} is not in the wallet"
    return None


def _proof(state: ChainState, wallet: Wallet, *, fault: str | None) -> Proof:
    return Proof(
        ok=fault is None,
        complete=True,
        entries=state.seq,
        sum_cents=state.sum_cents,
        balance_cents=wallet.balance_cents,
        head_hash=state.head_hash,
        fault=fault,
        cursor=None,
    )


def _unfinished(state: ChainState, wallet: Wallet) -> Proof:
    position = {
        "seq": str(state.seq),
        "sum": str(state.sum_cents),
        "hash": state.head_hash,
    }
    return Proof(
        ok=False,
        complete=False,
        entries=state.seq,
        sum_cents=state.sum_cents,
        balance_cents=wallet.balance_cents,
        head_hash=state.head_hash,
        fault=None,
        cursor=encode_cursor(position),
    )


def _state(cursor: str) -> ChainState:
    position = decode_cursor(cursor)
    return ChainState(
        seq=_seq(position),
        sum_cents=_number(position, "sum"),
        head_hash=part_of(position, "hash"),
    )


def _seq(position: Mapping[str, str]) -> int:
    seq = _number(position, "seq")
    if seq < 0:
        raise not_a_cursor()
    return seq


def _number(position: Mapping[str, str], name: str) -> int:
    text = part_of(position, name)
    try:
        return int(text)
    except ValueError:
        raise not_a_cursor() from None


def _wallet(customer_id: str, stores: Stores) -> Wallet:
    wallet = stores.wallets.get(customer_id)
    if wallet is None:
        raise CustomerNotFoundError(customer_id)
    return wallet
