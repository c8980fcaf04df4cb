"""Wallets as items, changed only under the revision that was read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from billing.domain.ledger import ChainState, Imbalance, Wallet
from billing.domain.times import from_text, optional_instant, optional_text, to_text
from billing.storage import day_keys, keys
from billing.storage.changes import Owned, item_of, revise
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, whole
from billing.storage.lists import listing, newest_first
from billing.storage.walks import BEGINNING, Position, Walk, WalkPage
from billing.storage.writes import Check, Put, Update

# A wallet is made with its customer, once.
UNCLAIMED = "attribute_not_exists(#pk)"

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

    def to_close(self, start: Position = BEGINNING) -> Iterator[WalkPage[str]]:
        """Read which customers have entries that are not closed, from a position round to it again,
        from an index that may lag.
        """
        return Walk(self.dynamo, self.table, day_keys.closing_partition, _owner_of).pages(start)

    def unbalanced(self, *, limit: int) -> tuple[list[Imbalance], bool]:
        """Read which wallets stand under an imbalance, those first that were found last, and
        whether there are more.
        """
        items, position = newest_first(
            self.dynamo, self.table, [listing(keys.IMBALANCES_LIST)], limit=limit, before=None
        )
        found = [_imbalance(item) for item in items]
        return [each for each in found if each is not None], position is not None

    def inserting(self, wallet: Wallet) -> Put:
        """Return the write that puts a new wallet."""
        return Put(self.table, item_of(keys.wallet(wallet.customer_id), _owned(wallet)), UNCLAIMED)

    def changing(self, before: Wallet, after: Wallet) -> Update:
        """Return the write that takes a wallet from one state to the next."""
        key = keys.wallet(before.customer_id)
        return revise(self.table, key, _owned, before, after, condition=UNCHANGED_SINCE_READ)

    def unchanged(self, wallet: Wallet) -> Check:
        """Return the condition that a wallet is still as it was read."""
        values = {":seen": wallet.revision}
        return Check(self.table, keys.wallet(wallet.customer_id), UNCHANGED_SINCE_READ, values)


def _owner_of(entry: Item) -> str:
    return keys.customer_of(entry["pk"])


def _owned(wallet: Wallet) -> Owned:
    checkpoint = wallet.checkpoint
    waits: dict[str, str | None] = dict.fromkeys(keys.DIRTY_ATTRIBUTES)
    if wallet.closing_from is not None:
        waits |= day_keys.closing(wallet.customer_id, wallet.closing_from)
    imbalance = wallet.imbalance
    found: dict[str, str | None] = dict.fromkeys(keys.LISTING_ATTRIBUTES)
    if imbalance is not None:
        found |= keys.listing(keys.IMBALANCES_LIST, imbalance.found_at, wallet.customer_id)
    return {
        **waits,
        **found,
        "customerId": wallet.customer_id,
        "balanceCents": wallet.balance_cents,
        "seq": wallet.seq,
        "headHash": wallet.head_hash,
        "version": wallet.revision,
        "floorCents": wallet.floor_cents,
        "carryCents": wallet.carry_cents,
        "outstandingCents": wallet.outstanding_cents,
        "outstandingRecords": wallet.outstanding_records,
        "postedAt": optional_text(wallet.posted_at),
        "closedAt": optional_text(wallet.closed_at),
        "checkpointSeq": checkpoint.seq or None,
        "checkpointCents": checkpoint.sum_cents if checkpoint.seq else None,
        "checkpointHash": checkpoint.head_hash if checkpoint.seq else None,
        "closedBefore": _date_text(wallet.closed_before),
        "closingFrom": _date_text(wallet.closing_from),
        "fault": None if imbalance is None else imbalance.fault,
        "faultFoundAt": None if imbalance is None else to_text(imbalance.found_at),
    }


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
        posted_at=optional_instant(item.get("postedAt")),
        closed_at=optional_instant(item.get("closedAt")),
        checkpoint=_checkpoint(item),
        closed_before=_date(item.get("closedBefore")),
        closing_from=_date(item.get("closingFrom")),
        imbalance=_imbalance(item),
    )


def _imbalance(item: Item) -> Imbalance | None:
    # A version of this code that knew of none may have closed the day, and left it there.
    if "fault" not in item or "closingFrom" not in item:
        return None
    return Imbalance(item["customerId"], item["fault"], from_text(item["faultFoundAt"]))


def _checkpoint(item: Item) -> ChainState:
    if "checkpointSeq" not in item:
        return ChainState()
    return ChainState(
        seq=whole(item["checkpointSeq"]),
        sum_cents=whole(item["checkpointCents"]),
        head_hash=item["checkpointHash"],
    )


def _date_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
