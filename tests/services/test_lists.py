"""Lists show what an item is now, as many as an answer holds, and nothing that has left."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from boto3.dynamodb.types import TypeDeserializer

from billing.domain.customers import Customer, Mode
from billing.domain.errors import InvalidInputError
from billing.domain.records import BilledLine, BillingRecord, RecordId, RecordStatus
from billing.domain.tabs import LineKey, TabRef
from billing.services.manage_customers import (
    CustomerSearch,
    activate_customer,
    change_customer,
    delete_customer,
    list_customers,
    suspend_customer,
)
from billing.services.paging import Page, cursor_at
from billing.services.read_records import list_records
from billing.storage import lists
from billing.storage.items import size_of
from tests.support.books import Books
from tests.support.faults import Faults, meanwhile, on
from tests.support.keeper import Keeper
from tests.support.write_units import KB, Meter, item_size

SUSPENDED = CustomerSearch(suspended=True)


def put_record(books: Books, number: int, *, lines: int) -> str:
    """Store a paid record of a customer of its own, the larger number the newer; returns its id."""
    record = BillingRecord(
        id=RecordId.of_tab(TabRef(f"customer-{number}", 0), 1),
        status=RecordStatus.PAID,
        amount_cents=1,
        created_at=books.clock() + timedelta(seconds=number),
        lines={
            LineKey(f"product-{line:050d}", 1, "2026-01"): BilledLine(Decimal(1), Decimal(1), 1)
            for line in range(lines)
        },
    )
    books.stores.dynamo.transact([books.stores.records.inserting(record)])
    return str(record.id)


def pages_of_records(books: Books) -> Iterator[list[str]]:
    """Turn all pages of the list of records."""
    cursor = None
    while True:
        page = list_records(limit=100, cursor=cursor, stores=books.stores)
        yield [str(record.id) for record in page.items]
        cursor = page.cursor
        if cursor is None:
            return


def names_listed(books: Books, cursor: str | None = None, *, limit: int = 2) -> list[str]:
    """Tell who stands on one page of the list of customers."""
    page = list_customers(limit=limit, cursor=cursor, stores=books.stores)
    return [customer.id for customer in page.items]


@pytest.mark.on_dynamodb_local
def test_a_page_ends_where_an_answer_would_be_too_large(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three of 10 KB fit, one of 40 KB is shown by itself all the same."""
    monkeypatch.setattr(lists, "PAGE_BYTES_MAX", 36 * KB)
    monkeypatch.setattr(lists, "ITEMS_READ_FIRST", 2)
    made = [put_record(books, number, lines=400 if number == 3 else 90) for number in range(8)]

    turned = list(pages_of_records(books))

    assert turned == [[made[7], made[6], made[5]], [made[4]], [made[3]], made[2::-1]]


def test_who_is_deleted_while_a_page_is_read_is_passed_over(books: Books, faults: Faults) -> None:
    for name in ("acme", "globex", "initech", "umbrella"):
        books.customer(name)
        books.clock.advance(1)

    def leave() -> None:
        delete_customer("initech", stores=books.stores, clock=books.clock)

    with faults.planned(on("BatchGetItem", meanwhile(leave))):
        page = list_customers(limit=2, cursor=None, stores=books.stores)

    assert [customer.id for customer in page.items] == ["umbrella"]
    assert names_listed(books, page.cursor) == ["globex", "acme"]


def test_a_page_of_which_everything_left_is_empty_and_not_the_end(
    books: Books, faults: Faults
) -> None:
    for name in ("acme", "globex", "initech"):
        books.customer(name)
        books.clock.advance(1)

    def leave() -> None:
        for name in ("globex", "initech"):
            delete_customer(name, stores=books.stores, clock=books.clock)

    with faults.planned(on("BatchGetItem", meanwhile(leave))):
        page = list_customers(limit=2, cursor=None, stores=books.stores)

    assert (list(page.items), page.cursor is None) == ([], False)
    assert names_listed(books, page.cursor) == ["acme"]


def test_what_changes_an_item_writes_no_list(books: Books, keeper: Keeper) -> None:
    """All customers stand in one partition of the index: dunnings would meet there."""
    books.customer("acme", mode=Mode.PREPAID)
    meter = Meter(books.client, keeper.plain_client())

    change_customer("acme", lambda terms: replace(terms, name="Acme"), dunning=books.dunning)
    [listed] = list_customers(limit=1, cursor=None, stores=books.stores).items

    assert meter.write == 2
    assert listed.name == "Acme"


@pytest.mark.on_dynamodb_local
def test_the_suspended_have_a_list_that_a_suspension_writes_and_nothing_else(
    books: Books, keeper: Keeper
) -> None:
    for name in ("acme", "globex", "initech"):
        books.customer(name, mode=Mode.PREPAID)
    meter = Meter(books.client, keeper.plain_client())

    suspend_customer("acme", stores=books.stores, clock=books.clock)
    suspended = meter.write
    books.clock.advance(1)
    suspend_customer("initech", stores=books.stores, clock=books.clock)
    first = list_customers(limit=1, cursor=None, search=SUSPENDED, stores=books.stores)
    activate_customer("acme", dunning=books.dunning)
    rest = list_customers(limit=1, cursor=first.cursor, search=SUSPENDED, stores=books.stores)

    assert suspended == 3
    assert ([each.id for each in first.items], first.cursor is None) == (["initech"], False)
    assert (list(rest.items), rest.cursor) == ([], None)


@pytest.mark.on_dynamodb_local
def test_customers_are_found_by_how_their_id_begins_in_order(books: Books) -> None:
    for name in ("acme", "acme.eu", "acme-2", "Acme", "acmf", "acm", "acme9", "gone"):
        books.customer(name)
    delete_customer("acme9", stores=books.stores, clock=books.clock)

    def found(prefix: str, cursor: str | None = None, limit: int = 2) -> Page[Customer]:
        search = CustomerSearch(id_prefix=prefix)
        return list_customers(limit=limit, cursor=cursor, search=search, stores=books.stores)

    first = found("acme")
    rest = found("acme", first.cursor)
    assert [each.id for each in first.items] == ["acme", "acme-2"]
    assert [each.id for each in rest.items] == ["acme.eu"]
    assert rest.cursor is None
    assert [each.id for each in found("a", limit=100).items] == [
        "acm", "acme", "acme-2", "acme.eu", "acmf"
    ]  # fmt: skip
    # A cursor of another list stands before all of them, or behind.
    assert found("b", first.cursor).items == []
    assert [each.id for each in found("acmf", first.cursor).items] == ["acmf"]
    assert found("acme", cursor_at("zzz")).items == []


@pytest.mark.on_dynamodb_local
def test_a_customer_is_found_by_their_address_in_whatever_case(books: Books) -> None:
    books.customer("acme", email="Billing@Acme.example")
    books.customer("gone", email="gone@acme.example")
    delete_customer("gone", stores=books.stores, clock=books.clock)

    def found(email: str) -> list[str]:
        search = CustomerSearch(email=email)
        page = list_customers(limit=1, cursor=None, search=search, stores=books.stores)
        return [each.id for each in page.items]

    assert found("billing@acme.EXAMPLE") == ["acme"]
    assert found("gone@acme.example") == []
    assert found("nobody@acme.example") == []


def test_only_one_thing_is_asked_for_at_once(books: Books) -> None:
    for search in (
        CustomerSearch(suspended=True, email="a@b.example"),
        CustomerSearch(email="a@b.example", id_prefix="a"),
        CustomerSearch(suspended=True, id_prefix="a"),
    ):
        with pytest.raises(InvalidInputError, match="give one of"):
            list_customers(limit=1, cursor=None, search=search, stores=books.stores)


@pytest.mark.on_dynamodb_local
def test_records_that_are_retrying_or_failed_are_listed_while_they_are(books: Books) -> None:
    books.customer("acme", mode=Mode.PREPAID)
    books.customer("globex", mode=Mode.PREPAID)
    first = str(books.charge(40, customer_id="acme").id)
    books.clock.advance(1)
    second = str(books.charge(50, customer_id="globex").id)

    def listed(status: RecordStatus) -> list[str]:
        page = list_records(limit=100, cursor=None, status=status, stores=books.stores)
        return [str(record.id) for record in page.items]

    assert listed(RecordStatus.RETRYING) == [second, first]
    assert listed(RecordStatus.FAILED) == []

    books.credit(40, customer_id="acme")
    books.run_workflows()
    assert listed(RecordStatus.RETRYING) == []
    assert listed(RecordStatus.FAILED) == [second]
    books.credit(50, customer_id="globex", key="rest")
    assert listed(RecordStatus.FAILED) == []


def test_a_record_that_went_on_to_another_status_meanwhile_is_passed_over(
    books: Books, faults: Faults
) -> None:
    """Both lists hold it at the same place, and an index may lag."""
    books.customer("acme", mode=Mode.PREPAID)
    books.charge(40, customer_id="acme")

    with faults.planned(on("BatchGetItem", meanwhile(books.run_workflows))):
        page = list_records(limit=1, cursor=None, status=RecordStatus.RETRYING, stores=books.stores)

    assert list(page.items) == []


def test_what_a_page_reads(
    books: Books,
    keeper: Keeper,
    monkeypatch: pytest.MonkeyPatch,
    measured: Callable[[str, Decimal | int, str], None],
) -> None:
    """Half a unit an item of up to 4 KB, and the keys."""
    monkeypatch.setattr("billing.storage.keys.PARTITIONS", 16)
    for number in range(50):
        books.customer(f"customer-{number}", email=f"customer-{number}@example.com")
        put_record(books, number, lines=3)
    meter = Meter(books.client, keeper.plain_client())

    list_customers(limit=50, cursor=None, stores=books.stores)
    of_customers = meter.read
    meter.restart()
    list_records(limit=50, cursor=None, stores=books.stores)

    measured("reads of a page of 50 customers", of_customers, "no budget")
    measured("reads of a page of 50 records", meter.read, "no budget")
    assert of_customers == 25 + Decimal(1)
    assert meter.read == 25 + 16 * Decimal("0.5")


def test_sizes_are_told_about_as_dynamodb_counts_them(books: Books) -> None:
    books.customer("acme", email="ann@example.com")
    books.product()
    books.use("12345")
    books.bill()
    put_record(books, 1, lines=50)
    read = TypeDeserializer().deserialize
    for row in books.rows(books.tables.accounts):
        counted = item_size(row)

        told = size_of({name: read(value) for name, value in row.items()})

        assert counted <= told <= counted * 1.2 + 20
