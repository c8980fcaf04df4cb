"""Prove that a customer's ledger adds up: by the days that are kept and the entries behind them, or
entry by entry from the first.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import batched

from billing.domain.days import verify_days
from billing.domain.deadline import Deadline
from billing.domain.ledger import ChainState, Wallet, fault_of_wallet, verify_chain
from billing.services.paging import decode_cursor, encode_cursor, not_a_cursor, part_of
from billing.services.read_ledger import number_in, read_wallet, seq_in
from billing.storage.ledger import VERIFY_PAGE_SIZE
from billing.storage.stores import Stores

# Each look at the days that a closing came between is followed by another one.
LOOKS_MAX = 5


@dataclass(frozen=True, slots=True)
class Proof:
    """What a verification found.

    `ok` is True only when all was checked and the wallet equals the sum; `complete` is False when
    time ran out, and `cursor` goes on from there. `days` were taken as they are kept, each from
    where the one before ended; of the entries behind them each was checked.
    """

    ok: bool
    complete: bool
    entries: int
    sum_cents: int
    balance_cents: int
    head_hash: str
    fault: str | None
    cursor: str | None
    days: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a verification has come: the days from `first_day` on are still to be looked at, and
    with None all entries behind `state`.
    """

    state: ChainState
    first_day: date | None
    days: int = 0


def verify_ledger(
    customer_id: str,
    *,
    cursor: str | None,
    stores: Stores,
    deadline: Deadline,
    full: bool = False,
) -> Proof:
    """Check that each day begins where the one before it ended and is the sum of what it holds, and
    every entry behind them against its hash, its number, the sum and the wallet.

    With `full` no day is believed, and every entry is checked. Raises CustomerNotFoundError.
    Entries posted while this runs are left to the next verification.
    """
    wallet = read_wallet(customer_id, stores)
    begin = _Place(ChainState(), None if full else date.min)
    place = begin if cursor is None else _place(cursor)
    if place.first_day is not None:
        walked = _walk_days(place, wallet, stores, deadline)
        if isinstance(walked, Proof):
            return walked
        place, wallet = walked
    return _walk_entries(place, wallet, stores, deadline)


def _walk_days(
    begin: _Place, wallet: Wallet, stores: Stores, deadline: Deadline
) -> tuple[_Place, Wallet] | Proof:
    """Check the days, which must end at the checkpoint of the wallet.

    Days may grow while they are read: what does not fit is looked at again where the checkpoint has
    moved.
    """
    for _ in range(LOOKS_MAX):
        place, fault = begin, None
        for day in stores.days.between(wallet.customer_id, begin.first_day or date.min, date.max):
            state, fault = verify_days([day], place.state)
            if fault is not None:
                break
            place = _Place(state, day.date + timedelta(days=1), place.days + 1)
            is_final = wallet.closed_before is not None and day.date < wallet.closed_before
            if is_final and deadline.passed():
                return _unfinished(place, wallet)
        if fault is None and place.state == wallet.checkpoint:
            return _Place(place.state, None, place.days), wallet
        again = read_wallet(wallet.customer_id, stores)
        if again.checkpoint == wallet.checkpoint:
            return _proof(place, wallet, fault=fault or "the days do not end at the checkpoint")
        wallet = again
    return _unfinished(begin, wallet)


def _walk_entries(place: _Place, wallet: Wallet, stores: Stores, deadline: Deadline) -> Proof:
    state = place.state
    if state.seq < wallet.seq:
        entries = stores.ledger.oldest_first(
            wallet.customer_id, first_seq=state.seq + 1, last_seq=wallet.seq
        )
        for page in batched(entries, VERIFY_PAGE_SIZE, strict=False):
            state, fault = verify_chain(page, state)
            if fault is not None:
                return _proof(_Place(state, None, place.days), wallet, fault=fault)
            if deadline.passed() and state.seq < wallet.seq:
                return _unfinished(_Place(state, None, place.days), wallet)
    fault = _fault_of_wallet(state, wallet, stores)
    return _proof(_Place(state, None, place.days), wallet, fault=fault)


def _fault_of_wallet(state: ChainState, wallet: Wallet, stores: Stores) -> str | None:
    fault = fault_of_wallet(wallet, state)
    if fault is not None:
        return fault
    beyond = stores.ledger.entry(wallet.customer_id, wallet.seq + 1)
    if beyond is not None and read_wallet(wallet.customer_id, stores).seq == wallet.seq:
        return f"entry {beyond.seq} is not in the wallet"
    return None


def _proof(place: _Place, wallet: Wallet, *, fault: str | None) -> Proof:
    state = place.state
    return Proof(
        ok=fault is None,
        complete=True,
        entries=state.seq,
        sum_cents=state.sum_cents,
        balance_cents=wallet.balance_cents,
        head_hash=state.head_hash,
        fault=fault,
        cursor=None,
        days=place.days,
    )


def _unfinished(place: _Place, wallet: Wallet) -> Proof:
    state = place.state
    position = {"seq": str(state.seq), "sum": str(state.sum_cents), "hash": state.head_hash}
    if place.first_day is not None:
        position["day"] = place.first_day.isoformat()
    return Proof(
        ok=False,
        complete=False,
        entries=state.seq,
        sum_cents=state.sum_cents,
        balance_cents=wallet.balance_cents,
        head_hash=state.head_hash,
        fault=None,
        cursor=encode_cursor(position),
        days=place.days,
    )


def _place(cursor: str) -> _Place:
    position = decode_cursor(cursor)
    state = ChainState(
        seq=seq_in(position),
        sum_cents=number_in(position, "sum"),
        head_hash=part_of(position, "hash"),
    )
    return _Place(state, _day(position["day"]) if "day" in position else None)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise not_a_cursor() from None
