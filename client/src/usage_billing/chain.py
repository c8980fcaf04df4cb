"""Proves a ledger with nothing but its entries, by the rule of docs/api.md.

An entry's hash covers its content and the hash before it, so the chain is checked from the newest
entry back to the first, in the order in which the API lists it, with one entry in memory.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from usage_billing.api.shapes import EntryAnswer

FIRST_PREVIOUS_HASH = "0" * 64


def entry_hash(customer_id: str, entry: EntryAnswer) -> str:
    """Work out the hash that an entry must have, as 64 hexadecimal digits."""
    content = [
        entry["previousHash"],
        customer_id,
        entry["seq"],
        entry["kind"],
        entry["amountCents"],
        entry["balanceCents"],
        entry["reference"],
        entry["postedAt"],
    ]
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


@dataclass
class Chain:
    """The check of one customer's ledger, given its entries newest first.

    `wallet_entries` and `wallet_cents` are how many entries made up the wallet, and what it held,
    when it was read before the first entry; newer entries may have come since. `fault` is the first
    thing that does not add up, in words, and stays.
    """

    customer_id: str
    wallet_entries: int
    wallet_cents: int
    wanted_hash: str | None = None
    entries: int = 0
    sum_cents: int = 0
    head_hash: str = FIRST_PREVIOUS_HASH
    fault: str | None = None
    _newer: EntryAnswer | None = field(default=None, repr=False)

    def take(self, entry: EntryAnswer) -> None:
        """Check the next older entry; nothing is checked behind a fault."""
        if self.fault is not None:
            return
        if self._newer is None:
            self.head_hash = entry["hash"]
        self.fault = self._fault_of(entry)
        self.entries += 1
        self.sum_cents += entry["amountCents"]
        if entry["hash"] == self.wanted_hash:
            self.wanted_hash = None
        self._newer = entry

    def end(self) -> str | None:
        """Check that the last entry taken is the first of the ledger; returns the fault, if any."""
        if self.fault is None:
            self.fault = self._fault_at_end()
        return self.fault

    def _fault_of(self, entry: EntryAnswer) -> str | None:
        seq = entry["seq"]
        if entry["hash"] != entry_hash(self.customer_id, entry):
            return f"entry {seq} was changed: its hash does not cover its content"
        if seq == self.wallet_entries and entry["balanceCents"] != self.wallet_cents:
            return f"the wallet does not hold what entry {seq} says"
        if self._newer is not None:
            return _fault_between(entry, self._newer)
        missing = seq < self.wallet_entries
        return f"entry {self.wallet_entries} is missing" if missing else None

    def _fault_at_end(self) -> str | None:
        first = self._newer
        if first is None:
            empty = self.wallet_entries == 0 and self.wallet_cents == 0
            fault = None if empty else f"entry {self.wallet_entries or 1} is missing"
        elif first["seq"] != 1:
            fault = f"entry {first['seq'] - 1} is missing"
        elif first["previousHash"] != FIRST_PREVIOUS_HASH:
            fault = "entry 1 does not begin the chain"
        elif first["balanceCents"] != first["amountCents"]:
            fault = "entry 1 does not add up"
        else:
            fault = None
        if fault is None and self.wanted_hash is not None:
            return "no entry has the hash that was kept"
        return fault


def _fault_between(older: EntryAnswer, newer: EntryAnswer) -> str | None:
    if newer["seq"] != older["seq"] + 1:
        return f"entry {newer['seq'] - 1} is missing"
    if newer["previousHash"] != older["hash"]:
        return f"entry {newer['seq']} does not follow entry {older['seq']}"
    if newer["balanceCents"] != older["balanceCents"] + newer["amountCents"]:
        return f"entry {newer['seq']} does not add up"
    return None
