"""The ledger as items: only ever put, under conditions that forbid to put twice."""

from collections.abc import Iterator
from dataclasses import dataclass

from billing.domain.errors import IntegrityError
from billing.domain.ledger import Entry, EntryKind
from billing.domain.records import RecordId
from billing.domain.times import from_text, to_text
from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, whole
from billing.storage.writes import FailedCondition, Put

# An entry number belongs to one entry for ever: this keeps the ledger append-only even if a wallet
# were wrong about its last number.
NUMBER_UNUSED = "attribute_not_exists(#pk)"

# A key, be it a caller's or a debit's own, posts once for ever.
KEY_UNUSED = "attribute_not_exists(#pk)"

ENTRIES_BETWEEN = "#pk = :pk AND #sk BETWEEN :first AND :last"

# One page of a verification: about 400 bytes an entry, well under a query's 1 MB.
VERIFY_PAGE_SIZE = 1000


@dataclass(frozen=True, slots=True)
class CreditMarker:
    """What a caller's idempotency key stands for: the request it came with, and the answer."""

    fingerprint: str
    entry_seq: int
    balance_cents: int


@dataclass(frozen=True, slots=True)
class ChargeMarker:
    """What a caller's idempotency key stands for where it raised a charge."""

    fingerprint: str
    record_id: RecordId


@dataclass(frozen=True, slots=True)
class RefundMarker:
    """What a caller's idempotency key stands for where it refunded a record, and the answer."""

    fingerprint: str
    entry_seq: int
    amount_cents: int
    balance_cents: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """Appends to and reads the ledger."""

    dynamo: Dynamo
    table: str

    def appending(self, entry: Entry) -> Put:
        """Return the write that appends an entry."""
        return Put(self.table, _entry_item(entry), NUMBER_UNUSED)

    def claiming_credit(self, customer_id: str, idempotency_key: str, marker: CreditMarker) -> Put:
        """Return the write that claims a caller's idempotency key."""
        item = {
            **keys.credit_key(customer_id, idempotency_key),
            "fingerprint": marker.fingerprint,
            "entrySeq": marker.entry_seq,
            "balanceCents": marker.balance_cents,
        }
        return Put(self.table, item, KEY_UNUSED)

    def claiming_charge(self, idempotency_key: str, marker: ChargeMarker) -> Put:
        """Return the write that claims a caller's idempotency key for a charge."""
        item = {
            **keys.charge_key(marker.record_id.customer_id, idempotency_key),
            "fingerprint": marker.fingerprint,
            "recordId": str(marker.record_id),
        }
        return Put(self.table, item, KEY_UNUSED)

    def claiming_refund(self, customer_id: str, idempotency_key: str, marker: RefundMarker) -> Put:
        """Return the write that claims a caller's idempotency key for a refund."""
        item = {
            **keys.refund_key(customer_id, idempotency_key),
            "fingerprint": marker.fingerprint,
            "entrySeq": marker.entry_seq,
            "amountCents": marker.amount_cents,
            "balanceCents": marker.balance_cents,
        }
        return Put(self.table, item, KEY_UNUSED)

    def claiming_debit(self, record_id: RecordId, entry: Entry) -> Put:
        """Return the write that claims the debit of a record."""
        return Put(self.table, {**keys.debit_key(record_id), "entrySeq": entry.seq}, KEY_UNUSED)

    def credit_marker(self, customer_id: str, idempotency_key: str) -> CreditMarker | None:
        """Read what an idempotency key stands for, strongly consistent."""
        item = self.dynamo.get(self.table, keys.credit_key(customer_id, idempotency_key))
        return None if item is None else _marker(item)

    def refund_marker(self, customer_id: str, idempotency_key: str) -> RefundMarker | None:
        """Read what an idempotency key stands for, strongly consistent."""
        item = self.dynamo.get(self.table, keys.refund_key(customer_id, idempotency_key))
        return None if item is None else _refund_marker(item)

    def entry(self, customer_id: str, seq: int) -> Entry | None:
        """Read one entry."""
        item = self.dynamo.get(self.table, keys.entry(customer_id, seq))
        return None if item is None else _entry(item)

    def newest_first(self, customer_id: str, *, last_seq: int, limit: int) -> list[Entry]:
        """Read up to `limit` entries down from number `last_seq`."""
        page = self.dynamo.query(
            self.table,
            condition=ENTRIES_BETWEEN,
            values=_between(customer_id, 1, last_seq),
            limit=limit,
            newest_first=True,
        )
        return [_entry(item) for item in page.items]

    def oldest_first(self, customer_id: str, *, first_seq: int, last_seq: int) -> Iterator[Entry]:
        """Read the entries of a range, page by page."""
        found = self.dynamo.query_all(
            self.table,
            condition=ENTRIES_BETWEEN,
            values=_between(customer_id, first_seq, last_seq),
            page_size=VERIFY_PAGE_SIZE,
        )
        return (_entry(item) for item in found)


def charge_marker_of(failure: FailedCondition) -> ChargeMarker:
    """Read the marker that kept a charge's idempotency key from being claimed."""
    item = _claimed(failure)
    return ChargeMarker(item["fingerprint"], RecordId.parse(item["recordId"]))


def credit_marker_of(failure: FailedCondition) -> CreditMarker:
    """Read the marker that kept a credit's idempotency key from being claimed."""
    return _marker(_claimed(failure))


def refund_marker_of(failure: FailedCondition) -> RefundMarker:
    """Read the marker that kept a refund's idempotency key from being claimed."""
    return _refund_marker(_claimed(failure))


def _claimed(failure: FailedCondition) -> Item:
    if failure.item is None:
        raise IntegrityError("An idempotency key was refused, but nothing claims it")
    return failure.item


def _between(customer_id: str, first_seq: int, last_seq: int) -> dict[str, str]:
    return {
        ":pk": customer_id,
        ":first": keys.entry(customer_id, first_seq)["sk"],
        ":last": keys.entry(customer_id, last_seq)["sk"],
    }


def _marker(item: Item) -> CreditMarker:
    return CreditMarker(item["fingerprint"], whole(item["entrySeq"]), whole(item["balanceCents"]))


def _refund_marker(item: Item) -> RefundMarker:
    return RefundMarker(
        item["fingerprint"],
        whole(item["entrySeq"]),
        whole(item["amountCents"]),
        whole(item["balanceCents"]),
    )


def _entry_item(entry: Entry) -> Item:
    return {
        **keys.entry(entry.customer_id, entry.seq),
        "seq": entry.seq,
        "kind": entry.kind.value,
        "amountCents": entry.amount_cents,
        "balanceCents": entry.balance_cents,
        "reference": entry.reference,
        "postedAt": to_text(entry.posted_at),
        "previousHash": entry.previous_hash,
        "hash": entry.hash,
    }


def _entry(item: Item) -> Entry:
    return Entry(
        customer_id=item["pk"],
        seq=whole(item["seq"]),
        kind=EntryKind(item["kind"]),
        amount_cents=whole(item["amountCents"]),
        balance_cents=whole(item["balanceCents"]),
        reference=item["reference"],
        posted_at=from_text(item["postedAt"]),
        previous_hash=item["previousHash"],
        hash=item["hash"],
    )
