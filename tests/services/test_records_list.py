"""The list of all records, where DynamoDB cuts a partition at 1 MB before its limit is reached."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.domain.records import BilledLine, BillingRecord, RecordId, RecordStatus
from billing.domain.tabs import LINES_MAX, LineKey, TabRef
from billing.services.read_records import list_records
from billing.storage import keys
from billing.storage import records as records_store
from tests.support.books import Books

# About 50 KB each, so that a partition is cut after some twenty of them.
LARGE = {
    LineKey(f"{'product':x<58}-{number:04d}", 1, "2026-01"): BilledLine(Decimal(1), Decimal(1), 1)
    for number in range(LINES_MAX)
}


def record_id(number: int) -> RecordId:
    """Name a record of a customer of its own."""
    return RecordId.of_tab(TabRef(f"customer-{number}", 0), 1)


def put(books: Books, number: int, *, large: bool) -> str:
    """Store a paid record, the larger number the newer; returns its id."""
    record = BillingRecord(
        id=record_id(number),
        status=RecordStatus.PAID,
        amount_cents=1,
        created_at=books.clock() + timedelta(seconds=number),
        lines=LARGE if large else {},
    )
    books.stores.dynamo.transact([books.stores.records.inserting(record)])
    return str(record.id)


def pages(books: Books, *, limit: int) -> list[list[str]]:
    """Turn all pages of the list."""
    turned: list[list[str]] = []
    cursor = None
    while True:
        page = list_records(limit=limit, cursor=cursor, stores=books.stores)
        turned.append([str(record.id) for record in page.items])
        cursor = page.cursor
        if cursor is None:
            return turned


def test_no_record_is_left_out_where_a_partition_is_cut_before_its_limit(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.storage.keys.PARTITIONS", 2)
    monkeypatch.setattr(records_store, "LINES_PER_PAGE_MAX", 10**6)

    def in_the_first(number: int) -> bool:
        return keys.records_list_of(record_id(number)) == keys.records_list(0)

    made = [put(books, number, large=in_the_first(number)) for number in range(52)]

    turned = pages(books, limit=100)

    assert [each for page in turned for each in page] == made[::-1]
    assert all(turned)


def test_the_lines_of_a_page_are_bounded_and_one_record_is_shown_in_any_case(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [put(books, number, large=number > 1) for number in range(4)]
    monkeypatch.setattr(records_store, "LINES_PER_PAGE_MAX", LINES_MAX - 1)

    assert pages(books, limit=3) == [[made[3]], [made[2]], [made[1], made[0]]]
