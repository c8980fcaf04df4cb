"""Billing records as items, at the address that their id spells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from billing.domain.counts import Count
from billing.domain.months import MonthTotal
from billing.domain.records import (
    Attempt,
    AttemptOutcome,
    BilledLine,
    BillingRecord,
    RecordId,
    RecordStatus,
    Refund,
)
from billing.domain.tabs import LineKey
from billing.domain.times import from_text, optional_instant, optional_text, to_text
from billing.storage import keys
from billing.storage.changes import Owned, item_of, revise
from billing.storage.decisions import decision_item, decision_of
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, whole
from billing.storage.lists import (
    counted,
    listing,
    newest_first,
    of_customer,
    records_by_status,
)
from billing.storage.writes import Put, TransactionCancelledError, Update

# A sealed tab becomes one record, however often settling it is tried.
NOT_RAISED_YET = "attribute_not_exists(#pk)"

# Whoever changed the record since it was read may have charged it, or given it up.
UNCHANGED_SINCE_READ = "#revision = :seen"

OUTSTANDING_OF_CUSTOMER = "#outstandingPk = :pk"

OUTSTANDING_PAGE_SIZE = 100

# Those of records that somebody may have to see to. Most records are paid at once, and would cost a
# list of their status a write each.
LISTED_STATUSES = frozenset({RecordStatus.RETRYING, RecordStatus.FAILED})


@dataclass(frozen=True, slots=True)
class Records:
    """Reads and writes billing records."""

    dynamo: Dynamo
    table: str

    def inserting(self, record: BillingRecord) -> Put:
        """Return the write that raises a record."""
        return Put(self.table, item_of(keys.record(record.id), _owned(record)), NOT_RAISED_YET)

    def changing(self, before: BillingRecord, after: BillingRecord) -> Update:
        """Return the write that takes a record from one state to the next."""
        key = keys.record(before.id)
        return revise(self.table, key, _owned, before, after, condition=UNCHANGED_SINCE_READ)

    def change(self, before: BillingRecord, after: BillingRecord) -> bool:
        """Change a record alone; False, with nothing written, where it had changed."""
        try:
            self.dynamo.transact([self.changing(before, after)], retry_conflicts=False)
        except TransactionCancelledError:
            return False
        return True

    def get(self, record_id: RecordId) -> BillingRecord | None:
        """Read a record, strongly consistent; None where its tab is not settled yet."""
        item = self.dynamo.get(self.table, keys.record(record_id))
        return None if item is None else record_of(item)

    def get_many(self, record_ids: Iterable[RecordId]) -> dict[RecordId, BillingRecord]:
        """Read several records; those whose tabs are not settled yet are left out."""
        found = self.dynamo.get_many(
            self.table, [keys.record(record_id) for record_id in sorted(set(record_ids), key=str)]
        )
        records = [record_of(item) for item in found]
        return {record.id: record for record in records}

    def outstanding(self, customer_id: str) -> Iterator[RecordId]:
        """List a customer's unpaid records, oldest first, from an index that may lag."""
        found = self.dynamo.query_all(
            self.table,
            index=keys.OUTSTANDING_INDEX,
            condition=OUTSTANDING_OF_CUSTOMER,
            values={":pk": keys.customer_pk(customer_id)},
            page_size=OUTSTANDING_PAGE_SIZE,
        )
        return (RecordId.parse(item["outstandingSk"].partition("#")[2]) for item in found)

    def newest_first(
        self, *, limit: int, before: str | None
    ) -> tuple[list[BillingRecord], str | None]:
        """List all records, newest first, and the position to go on before."""
        numbers = range(keys.PARTITIONS)
        partitions = [listing(keys.records_list(number)) for number in numbers]
        items, position = newest_first(
            self.dynamo, self.table, partitions, limit=limit, before=before
        )
        return [record_of(item) for item in items], position

    def count_of_status(self, status: RecordStatus, *, up_to: int) -> Count:
        """Count the records of a status of `LISTED_STATUSES`, up to a bound."""
        return counted(self.dynamo, self.table, records_by_status(status.value), up_to=up_to)

    def newest_first_of_status(
        self, status: RecordStatus, *, limit: int, before: str | None
    ) -> tuple[list[BillingRecord], str | None]:
        """List the records of a status of `LISTED_STATUSES`, newest first, likewise."""
        parts = records_by_status(status.value)
        items, position = newest_first(self.dynamo, self.table, parts, limit=limit, before=before)
        records = map(record_of, items)
        # A version of this code that knew no such list may have changed a record since.
        return [record for record in records if record.status is status], position

    def newest_first_of_customer(
        self, customer_id: str, *, limit: int, before: str | None
    ) -> tuple[list[BillingRecord], str | None]:
        """List a customer's records, newest first, likewise."""
        items, position = newest_first(
            self.dynamo, self.table, [of_customer(customer_id)], limit=limit, before=before
        )
        return [record_of(item) for item in items], position


def record_of(item: Item) -> BillingRecord:
    """Read a record from its item."""
    return BillingRecord(
        id=RecordId.parse(item["recordId"]),
        status=RecordStatus(item["status"]),
        amount_cents=whole(item["amountCents"]),
        created_at=from_text(item["createdAt"]),
        lines={LineKey.parse(key): _line(line) for key, line in item["lines"].items()},
        description=item.get("description"),
        attempts=tuple(_attempt(made) for made in item["attempts"]),
        attempts_before=whole(item.get("attemptsBefore", 0)),
        retry_schedule_seconds=tuple(map(whole, item["retryScheduleSeconds"])),
        workflow_starts=whole(item["workflowStarts"]),
        revision=whole(item["revision"]),
        entry_seq=whole(item["entrySeq"]) if "entrySeq" in item else None,
        voided=decision_of(item["voided"]) if "voided" in item else None,
        refunds=tuple(map(_refund, item.get("refunds", ()))),
        **{field: optional_instant(item.get(name)) for field, name in _TIMES.items()},
    )


# The instants that a record may have, by their names here and in the item.
_TIMES = {
    "opened_at": "openedAt",
    "sealed_at": "sealedAt",
    "paid_at": "paidAt",
    "failed_at": "failedAt",
    "next_attempt_at": "nextAttemptAt",
}


def _owned(record: BillingRecord) -> Owned:
    unpaid: dict[str, str | None] = dict.fromkeys(keys.OUTSTANDING_ATTRIBUTES)
    if record.is_outstanding:
        unpaid |= keys.outstanding(record.id, record.created_at)
    by_status: dict[str, str | None] = dict.fromkeys(keys.DIRTY_ATTRIBUTES)
    if record.status in LISTED_STATUSES:
        by_status |= keys.record_by_status(record.id, record.status.value, record.created_at)
    return {
        **unpaid,
        **by_status,
        **keys.listing(keys.records_list_of(record.id), record.created_at, str(record.id)),
        **keys.customer_listing(record.id, record.created_at),
        "recordId": str(record.id),
        "status": record.status.value,
        "amountCents": record.amount_cents,
        "lines": {str(key): _line_item(line) for key, line in record.lines.items()},
        "createdAt": to_text(record.created_at),
        "attempts": [_attempt_item(attempt) for attempt in record.attempts],
        "retryScheduleSeconds": list(record.retry_schedule_seconds),
        "workflowStarts": record.workflow_starts,
        "revision": record.revision,
        "attemptsBefore": record.attempts_before or None,
        "description": record.description,
        "entrySeq": record.entry_seq,
        "voided": None if record.voided is None else decision_item(record.voided),
        "refunds": [_refund_item(refund) for refund in record.refunds] or None,
        **{name: optional_text(getattr(record, field)) for field, name in _TIMES.items()},
    }


def _line_item(line: BilledLine) -> Item:
    item: Item = {
        "units": line.units,
        "amountCents": line.amount_cents,
        "events": line.events,
    }
    before = line.month_before
    return item if before is None else {**item, "before": [before.units, before.debited_cents]}


def _line(item: Item) -> BilledLine:
    before = item.get("before")
    return BilledLine(
        units=item["units"],
        amount_cents=item["amountCents"],
        events=whole(item["events"]),
        month_before=None if before is None else MonthTotal(*before),
    )


def _attempt_item(attempt: Attempt) -> Item:
    item: Item = {
        "at": to_text(attempt.at),
        "outcome": attempt.outcome.value,
        "balanceCents": attempt.balance_cents,
    }
    return item if attempt.number is None else {**item, "number": attempt.number}


def _attempt(item: Item) -> Attempt:
    return Attempt(
        number=whole(item["number"]) if "number" in item else None,
        at=from_text(item["at"]),
        outcome=AttemptOutcome(item["outcome"]),
        balance_cents=whole(item["balanceCents"]),
    )


def _refund_item(refund: Refund) -> Item:
    return {
        "entrySeq": refund.entry_seq,
        "amountCents": refund.amount_cents,
        **decision_item(refund.decision),
    }


def _refund(item: Item) -> Refund:
    return Refund(whole(item["entrySeq"]), whole(item["amountCents"]), decision_of(item))
