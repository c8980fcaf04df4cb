"""The ledger: numbered, hash-chained, immutable entries, and the wallet that caches their sum.

Each entry's hash covers its content and the hash before it, so that changing, removing or
reordering any entry breaks every hash after it.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from billing.domain.errors import IntegrityError
from billing.domain.money import ZERO, within_bounds
from billing.domain.times import day_of, day_start, to_text

GENESIS_HASH = "0" * 64


class EntryKind(StrEnum):
    """Why an entry was posted."""

    CREDIT = "credit"
    USAGE = "usage"
    CHARGE = "charge"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Entry:
    """One posting to a wallet; `amount_cents` is negative for a debit.

    `reference` is the record that a debit pays or a refund gives back, or the idempotency key of a
    credit.
    """

    customer_id: str
    seq: int
    kind: EntryKind
    amount_cents: int
    balance_cents: int
    reference: str
    posted_at: datetime
    previous_hash: str
    hash: str

    @property
    def id(self) -> str:
        """The entry's public name."""
        return entry_id(self.customer_id, self.seq)


@dataclass(frozen=True, slots=True)
class ChainState:
    """How far a verification has come: entries seen, their sum, and the hash it ended at."""

    seq: int = 0
    sum_cents: int = 0
    head_hash: str = GENESIS_HASH


@dataclass(frozen=True, slots=True)
class Imbalance:
    """A customer whose days stay open because something in their books does not verify: what, and
    since when that is known.
    """

    customer_id: str
    fault: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Wallet:
    """The cached balance of a customer, and the head of the entry chain that it must equal.

    `revision` counts every change, `seq` only the entries. `carry_cents` is the part of a cent that
    billed usage has not yet made whole. `outstanding_cents` and `outstanding_records` sum the
    records that are not paid. `closed_at` is set when the customer was deleted: nothing is posted
    any more. `checkpoint` tells how far the entries are added to days, and every date before
    `closed_before` is closed for ever. While entries wait for the closing run, the wallet is listed
    for it under `closing_from`, the first day that is not closed; only then may it stand under an
    `imbalance`, so that whoever stands under one is looked at again.
    """

    customer_id: str
    balance_cents: int = 0
    seq: int = 0
    head_hash: str = GENESIS_HASH
    revision: int = 0
    floor_cents: int = 0
    carry_cents: Decimal = ZERO
    outstanding_cents: int = 0
    outstanding_records: int = 0
    posted_at: datetime | None = None
    closed_at: datetime | None = None
    checkpoint: ChainState = ChainState()
    closed_before: date | None = None
    closing_from: date | None = None
    imbalance: Imbalance | None = None

    def covers(self, amount_cents: int) -> bool:
        """Tell whether a charge of this amount leaves the balance at or above the floor."""
        return self.balance_cents - amount_cents >= self.floor_cents

    @property
    def covers_anything(self) -> bool:
        """Whether a charge of a single cent, the least there is, leaves the floor untouched."""
        return self.covers(1)

    def posted(self, entry: Entry) -> "Wallet":
        """Stand at an entry, the next one of the chain."""
        return replace(
            self,
            balance_cents=entry.balance_cents,
            seq=entry.seq,
            head_hash=entry.hash,
            posted_at=entry.posted_at,
            closing_from=self.closing_from or day_of(entry.posted_at),
        )

    @property
    def earliest_posting(self) -> datetime | None:
        """The instant before which nothing is posted: that of the last entry, and what is open.

        Entries never go back in time, whatever the clock of the machine that posts them says, so
        that a balance "as of" an instant has one answer, and a closed day has all of its entries.
        """
        opened = None if self.closed_before is None else day_start(self.closed_before)
        return max((at for at in (self.posted_at, opened) if at is not None), default=None)

    @property
    def is_added_up(self) -> bool:
        """Whether all entries are added to their days."""
        return self.checkpoint.seq == self.seq

    def has_closed(self, day: date, *, today: date) -> bool:
        """Tell whether a date is over and all of its entries are in."""
        closed = self.closed_before is not None and day < self.closed_before
        return closed or (day < today and self.is_added_up)

    def added_up_to(self, checkpoint: ChainState, day: date, *, today: date) -> "Wallet":
        """Move the checkpoint behind an entry of a day, the last one that is added to it.

        The day is closed with it where it is over and nothing else was posted. Whatever was wrong
        is over with the last entry, behind which the wallet was found to stand.
        """
        is_all = checkpoint.seq == self.seq
        is_over = is_all and day < today
        open_from = day + timedelta(days=1) if is_over else day
        return replace(
            self,
            checkpoint=checkpoint,
            closed_before=max(open_from, self.closed_before or open_from),
            closing_from=None if is_over else open_from,
            imbalance=None if is_all else self.imbalance,
        )

    def unbalanced(self, fault: str, *, now: datetime) -> "Wallet":
        """Stand under an imbalance; the first one tells since when."""
        found_at = now if self.imbalance is None else self.imbalance.found_at
        return replace(self, imbalance=Imbalance(self.customer_id, fault, found_at))

    def listed(self) -> "Wallet":
        """Wait for the closing run, where there are entries and nothing lists them."""
        if self.is_added_up or self.posted_at is None or self.closing_from is not None:
            return self
        return replace(self, closing_from=day_of(self.posted_at))

    def closed_where_over(self, *, today: date) -> "Wallet":
        """Close the open day where it is over, all of its entries being added."""
        if self.closing_from is None:
            return self
        return self.added_up_to(self.checkpoint, self.closing_from, today=today)

    def owing_more(self, amount_cents: int) -> "Wallet":
        """Count one more record that is not paid."""
        return replace(
            self,
            outstanding_cents=self.outstanding_cents + amount_cents,
            outstanding_records=self.outstanding_records + 1,
        )

    def owing_less(self, amount_cents: int) -> "Wallet":
        """Count one record less, because it is paid or void."""
        return replace(
            self,
            outstanding_cents=self.outstanding_cents - amount_cents,
            outstanding_records=self.outstanding_records - 1,
        )

    def with_floor(self, floor_cents: int) -> "Wallet":
        """Move the least balance that a charge may leave."""
        return replace(self, floor_cents=floor_cents)

    def closed(self, *, now: datetime) -> "Wallet":
        """Close the wallet, because its customer is deleted."""
        return replace(self, closed_at=now)

    def carrying(self, carry_cents: Decimal) -> "Wallet":
        """Carry this part of a cent to the next bill, in place of what was carried before."""
        return replace(self, carry_cents=carry_cents)


def chain_at(entry: Entry) -> ChainState:
    """Tell where the chain stands behind an entry."""
    return ChainState(entry.seq, entry.balance_cents, entry.hash)


def entry_id(customer_id: str, seq: int) -> str:
    """Name an entry: the customer and its number in the ledger."""
    return f"{customer_id}~{seq}"


def entry_hash(
    *,
    customer_id: str,
    seq: int,
    kind: EntryKind,
    amount_cents: int,
    balance_cents: int,
    reference: str,
    posted_at: datetime,
    previous_hash: str,
) -> str:
    """Hash an entry with SHA-256 over its content as JSON, an array in the order below, no spaces.

    Anybody can repeat this from the ledger list alone; docs/api.md shows how.
    """
    content = [
        previous_hash,
        customer_id,
        seq,
        kind.value,
        amount_cents,
        balance_cents,
        reference,
        to_text(posted_at),
    ]
    canonical = json.dumps(content, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def post(
    wallet: Wallet, *, kind: EntryKind, amount_cents: int, reference: str, now: datetime
) -> tuple[Entry, Wallet]:
    """Make the next entry of a wallet, and the wallet after it.

    Raises IntegrityError when the balance would leave the bounds: callers check before they post,
    so that getting here is a fault of this system. A clock that is behind is not followed.
    """
    balance_cents = wallet.balance_cents + amount_cents
    if not within_bounds(balance_cents):
        raise IntegrityError(
            f"Posting {amount_cents} cents to {wallet.customer_id} would leave the bounds"
        )
    posted_at = max(now, wallet.earliest_posting or now)
    seq = wallet.seq + 1
    digest = entry_hash(
        customer_id=wallet.customer_id,
        seq=seq,
        kind=kind,
        amount_cents=amount_cents,
        balance_cents=balance_cents,
        reference=reference,
        posted_at=posted_at,
        previous_hash=wallet.head_hash,
    )
    entry = Entry(
        customer_id=wallet.customer_id,
        seq=seq,
        kind=kind,
        amount_cents=amount_cents,
        balance_cents=balance_cents,
        reference=reference,
        posted_at=posted_at,
        previous_hash=wallet.head_hash,
        hash=digest,
    )
    return entry, wallet.posted(entry)


def verify_chain(entries: Iterable[Entry], state: ChainState) -> tuple[ChainState, str | None]:
    """Check entries, oldest first, from where `state` stands.

    Returns the state after the last good entry, and what is wrong with the next one, or None.
    """
    for entry in entries:
        fault = _fault_of(entry, state)
        if fault is not None:
            return state, fault
        state = chain_at(entry)
    return state, None


def fault_of_wallet(wallet: Wallet, state: ChainState) -> str | None:
    """Tell what is wrong with a wallet that should stand where its chain ends."""
    if state.seq < wallet.seq:
        return f"entry {state.seq + 1} is missing"
    if state.seq > wallet.seq or state.head_hash != wallet.head_hash:
        return "the wallet does not stand at the head of the chain"
    if state.sum_cents != wallet.balance_cents:
        return "the wallet balance is not the sum of the entries"
    return None


def _fault_of(entry: Entry, state: ChainState) -> str | None:
    if entry.seq != state.seq + 1:
        return f"entry {state.seq + 1} is missing"
    if entry.previous_hash != state.head_hash:
        return f"entry {entry.seq} does not follow the hash of entry {state.seq}"
    if entry.balance_cents != state.sum_cents + entry.amount_cents:
        return f"entry {entry.seq} has a balance that is not the sum of the entries"
    if entry.hash != entry_hash(
        customer_id=entry.customer_id,
        seq=entry.seq,
        kind=entry.kind,
        amount_cents=entry.amount_cents,
        balance_cents=entry.balance_cents,
        reference=entry.reference,
        posted_at=entry.posted_at,
        previous_hash=entry.previous_hash,
    ):
        return f"the content of entry {entry.seq} does not match its hash"
    return None
