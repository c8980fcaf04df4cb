"""Every list, page by page: a page ends by count or by size, or where DynamoDB cuts it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from billing.domain.api_keys import Scope
from billing.domain.logfiles import LogFile
from billing.domain.records import BillingRecord
from billing.services.api_keys import create_api_key, list_api_keys
from billing.services.manage_customers import list_customers
from billing.services.manage_products import list_products
from billing.services.paging import Page
from billing.services.read_balance import read_balance
from billing.services.read_ledger import list_entries
from billing.services.read_logs import (
    get_log_file,
    list_customer_logs,
    list_file_problems,
    list_file_usage,
    list_log_files,
    list_logs,
)
from billing.services.read_records import list_records, list_records_of
from billing.services.read_usage import list_record_events
from billing.services.verify_ledger import verify_ledger
from billing.storage import lists
from tests.support.books import Books
from tests.support.faults import CONFLICT, Faults, on
from tests.support.keeper import Keeper
from tests.support.logs import KEY, Bucket, array, line

type Turn = Callable[[Books, int, str | None], Page[Any]]


def turn_usage(books: Books, limit: int, cursor: str | None) -> Page[Any]:
    """Turn a page of the usage beside a balance."""
    return read_balance("acme", limit=limit, cursor=cursor, stores=books.stores).usage


def turn_ledger(books: Books, limit: int, cursor: str | None) -> Page[Any]:
    """Turn a page of the ledger."""
    page = list_entries("acme", limit=limit, cursor=cursor, as_of=None, stores=books.stores)
    return Page(page.entries, page.cursor)


def record_of_usage(books: Books) -> BillingRecord:
    """Find the record with the most events."""
    return max(books.records(), key=lambda record: sum(it.events for it in record.lines.values()))


def log_file(books: Books) -> LogFile:
    """Find the file with several good and bad lines."""
    return get_log_file(Bucket(books).put(b"").id, stores=books.stores)


TURNS: Mapping[str, Turn] = {
    "users": lambda it, limit, at: list_customers(limit=limit, cursor=at, stores=it.stores),
    "records": lambda it, limit, at: list_records(limit=limit, cursor=at, stores=it.stores),
    "records-of-customer": lambda it, limit, at: list_records_of(
        "acme", limit=limit, cursor=at, stores=it.stores
    ),
    "keys": lambda it, limit, at: list_api_keys(limit=limit, cursor=at, stores=it.stores),
    "products": lambda it, limit, at: list_products(limit=limit, cursor=at, stores=it.stores),
    "ledger": turn_ledger,
    "usage": turn_usage,
    "record-events": lambda it, limit, at: list_record_events(
        record_of_usage(it), limit=limit, cursor=at, stores=it.stores
    ),
    "logs": lambda it, limit, at: list_logs(limit=limit, cursor=at, stores=it.stores),
    "logs-of-customer": lambda it, limit, at: list_customer_logs(
        "acme", limit=limit, cursor=at, stores=it.stores
    ),
    "log-files": lambda it, limit, at: list_log_files(limit=limit, cursor=at, stores=it.stores),
    "file-usage": lambda it, limit, at: list_file_usage(
        log_file(it), limit=limit, cursor=at, stores=it.stores
    ),
    "file-problems": lambda it, limit, at: list_file_problems(
        log_file(it), limit=limit, cursor=at, stores=it.stores
    ),
}


@pytest.fixture(scope="module")
def full_books(keeper: Keeper) -> Iterator[Books]:
    """Give books in which every list has several items, some made at one instant; to read only."""
    with pytest.MonkeyPatch.context() as patch, keeper.books() as books:
        patch.setattr("billing.storage.keys.PARTITIONS", 3)
        for name in ("acme", "globex", "initech", "umbrella"):
            books.customer(name)
        books.product()
        for number in range(4):
            books.product(f"product-{number}")
            make_key(books, number)
        use_on_several_tabs(books)
        read_log_files(books)
        books.bill()
        for number in range(4):
            books.credit(100, key=f"top-up-{number}")
            books.charge(7, customer_id=("acme", "globex")[number % 2])
        yield books


def make_key(books: Books, number: int) -> None:
    """Make an API key."""
    create_api_key(
        key_id=books.new_id(),
        name="key",
        scopes=[Scope.ADMIN],
        random=bytes([number]) * 32,
        stores=books.stores,
        clock=books.clock,
    )


def use_on_several_tabs(books: Books) -> None:
    """Record usage on three tab shards in turn, where conflicts move the recorder."""
    books.record([books.claim() for _ in range(6)])
    for _ in range(2):
        with Faults(books.client).planned(on("TransactWriteItems", CONFLICT)):
            books.record([books.claim() for _ in range(2)])
        books.clock.advance(1)
        books.record([books.claim() for _ in range(2)])
    assert len(books.stores.tabs.of_customer("acme")) > 1


def read_log_files(books: Books) -> None:
    """Read log files of several lines, good and bad."""
    bucket = Bucket(books)
    lines = [line(quantity=1), {}, line("globex", 2), line(quantity=3)]
    for number in range(3):
        bucket.ingest(array(lines), f"incoming/{number}")
        books.clock.advance(1)
    bucket.ingest(array([*([line()] * 4), *([{}] * 5)]), KEY)


def walk(turn: Turn, books: Books, limit: int) -> list[Any]:
    """Follow the cursors of a list to its end."""
    items: list[Any] = []
    cursor: str | None = None
    for _ in range(200):
        page = turn(books, limit, cursor)
        assert len(page.items) <= limit
        items += page.items
        cursor = page.cursor
        if cursor is None:
            return items
    raise AssertionError("the list does not end")


@contextmanager
def queries_cut_at(count: int, books: Books) -> Iterator[None]:
    """Have DynamoDB end every page of a query early, as it does at 1 MB."""

    def cut(*, params: dict[str, Any], **_: object) -> None:
        body = json.loads(params["body"])
        params["body"] = json.dumps(body | {"Limit": min(count, body["Limit"])}).encode()

    events: Any = books.client.meta.events
    events.register_first("before-call.dynamodb.Query", cut)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb.Query", cut)


@pytest.mark.parametrize("name", TURNS)
def test_a_list_is_whole_and_in_order_wherever_its_pages_end(full_books: Books, name: str) -> None:
    turn = TURNS[name]
    page = turn(full_books, 100, None)
    whole = list(page.items)

    assert page.cursor is None
    assert len(whole) > 3
    for limit in (1, 2, len(whole) - 1, len(whole)):
        assert walk(turn, full_books, limit) == whole


@pytest.mark.parametrize("name", TURNS)
@pytest.mark.parametrize("limit", [2, 100])
def test_a_page_that_dynamodb_cuts_early_is_not_the_end(
    full_books: Books, name: str, limit: int
) -> None:
    turn = TURNS[name]
    whole = list(turn(full_books, 100, None).items)

    with queries_cut_at(1, full_books):
        assert walk(turn, full_books, limit) == whole


@pytest.mark.parametrize("name", TURNS)
def test_a_page_that_its_size_ends_is_not_the_end(
    full_books: Books, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One item is shown in any case."""
    turn = TURNS[name]
    whole = list(turn(full_books, 100, None).items)
    monkeypatch.setattr(lists, "PAGE_BYTES_MAX", 1)
    monkeypatch.setattr(lists, "ITEMS_READ_FIRST", 2)

    assert walk(turn, full_books, 100) == whole


def test_a_verification_goes_on_where_dynamodb_cuts_a_page(full_books: Books) -> None:
    with queries_cut_at(2, full_books):
        proof = verify_ledger(
            "acme", cursor=None, stores=full_books.stores, deadline=full_books.deadline()
        )

    assert proof.ok
    assert proof.entries > 4
