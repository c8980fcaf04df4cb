"""Wallets as items, changed only under the revision that was read."""

from dataclasses import dataclass, replace

from billing.domain.ledger import Wallet
from billing.domain.times import from_text, to_text
from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, whole
from billing.storage.writes import Check, Put

# Whoever changed the wallet since it was read also posted to the chain, the carry or the floor, so
# that what was computed from it no longer follows.
UNCHANGED_SINCE_READ = "#version = :seen"


@dataclass(frozen=True, slots=True)
class Wallets:
    """Reads and writes wallets."""

    dynamo: Dynamo
    table: str

    def get(self, customer_id: str) -> Wallet | None:
        """Read a wallet, strongly consistent."""
        item = self.dynamo.get(self.table, keys.wallet(customer_id))
        return None if item is None else wallet_of(item)

    def changing(self, before: Wallet, after: Wallet) -> Put:
        """Return the write that takes a wallet from one state to the next."""
        item = wallet_item(replace(after, revision=before.revision + 1))
        return Put(self.table, item, UNCHANGED_SINCE_READ, {":seen": before.revision})

    def unchanged(self, wallet: Wallet) -> Check:
        """Return the condition that a wallet is still as it was read."""
        values = {":seen": wallet.revision}
        return Check(self.table, keys.wallet(wallet.customer_id), UNCHANGED_SINCE_READ, values)


def wallet_item(wallet: Wallet) -> Item:
    """Write a wallet as an item."""
    item: Item = {
        **keys.wallet(wallet.customer_id),
        "customerId": wallet.customer_id,
        "balanceCents": wallet.balance_cents,
        "seq": wallet.seq,
        "headHash": wallet.head_hash,
        "version": wallet.revision,
        "floorCents": wallet.floor_cents,
        "carryCents": wallet.carry_cents,
        "outstandingCents": wallet.outstanding_cents,
        "outstandingRecords": wallet.outstanding_records,
    }
    times = {"postedAt": wallet.posted_at, "closedAt": wallet.closed_at}
    return item | {name: to_text(at) for name, at in times.items() if at is not None}


def wallet_of(item: Item) -> Wallet:
    """Read a wallet from its item."""
    return Wallet(
        customer_id=item["customerId"],
        balance_cents=whole(item["balanceCents"]),
        seq=whole(item["seq"]),
        head_hash=item["headHash"],
        revision=whole(item["version"]),
        floor_cents=whole(item["floorCents"]),
        carry_cents=item["carryCents"],
        outstanding_cents=whole(item["outstandingCents"]),
        outstanding_records=whole(item["outstandingRecords"]),
        posted_at=from_text(item["postedAt"]) if "postedAt" in item else None,
        closed_at=from_text(item["closedAt"]) if "closedAt" in item else None,
    )
