"""Two versions of this code beside each other: what one does not know, it leaves as it is."""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from billing.domain.api_keys import Scope
from billing.domain.customers import Mode, Status, Terms
from billing.domain.prices import flat
from billing.domain.records import RecordStatus
from billing.services.api_keys import create_api_key, revoke_api_key
from billing.services.dunning import give_up_dunning
from billing.services.manage_customers import (
    activate_customer,
    change_customer,
    delete_customer,
    list_customers,
    suspend_customer,
)
from billing.services.manage_products import change_product
from billing.services.manage_records import process_record
from tests.support.books import Books
from tests.support.logs import Bucket, array, line

# One attribute of each type that DynamoDB has.
FUTURE = {
    "futureText": "text",
    "futureNumber": 7,
    "futureBytes": b"bytes",
    "futureTexts": {"a", "b"},
    "futureNumbers": {1, 2},
    "futureTruth": True,
    "futureNothing": None,
    "futureMap": {"inside": 1},
    "futureList": [1, "two"],
}

type Row = dict[str, Any]
type Rows = dict[tuple[str, str], Row]


def rows_of(books: Books) -> Rows:
    """Read all that changes, by key."""
    read = TypeDeserializer().deserialize
    plain = [{k: read(v) for k, v in row.items()} for row in books.rows(books.tables.accounts)]
    return {(row["pk"], row["sk"]): row for row in plain}


def marked(row: Row) -> Row:
    """Add to an item, and to each part of its maps and lists, what a later version knows."""
    after = copy.deepcopy(row)
    for part in (after, *parts_of(after)):
        part.update(copy.deepcopy(FUTURE))
    return after


def parts_of(row: Row) -> Iterator[Row]:
    """Go through what stands inside an item: lines and attempts of a record, prices of a product.

    The maps of a tab are names of lines and sums: one that is added would be a line.
    """
    if "recordId" in row:
        yield from row["lines"].values()
        yield from row["attempts"]
    for version in row.get("prices", []):
        yield from (version, version["price"])


def mark_all(books: Books) -> None:
    """Let a later version have written every item that there is."""
    write = TypeSerializer().serialize
    for row in rows_of(books).values():
        item = {name: write(value) for name, value in marked(row).items()}
        books.client.put_item(TableName=books.tables.accounts, Item=item)


def lost(before: Rows, after: Rows) -> list[str]:
    """Name what is missing of what a later version wrote; an item that is gone misses nothing."""
    return [
        f"{key} {name}"
        for key, row in before.items()
        if key in after
        for part, now in zip(
            (row, *parts_of(row)), (after[key], *parts_of(after[key])), strict=False
        )
        for name in FUTURE
        if part[name] != now.get(name)
    ]


@dataclass(frozen=True)
class Change:
    """Something that changes items: what is there before, what happens, and which kinds change."""

    begin: Callable[[Books], None]
    act: Callable[[Books], object]
    kinds: frozenset[str]


def active(books: Books) -> None:
    """Begin with a postpaid customer who used something in two months' prices."""
    books.customer(email="ann@example.com")
    books.use(7)


def owing(books: Books) -> None:
    """Begin with a record that leads a dunning, and one that waits for it."""
    books.customer(mode=Mode.PREPAID)
    books.charge(40)
    books.charge(3)


def failed(books: Books) -> None:
    """Begin with a customer whom dunning suspended."""
    owing(books)
    books.run_workflows()


def idle(books: Books) -> None:
    """Begin with a customer who can be deleted."""
    books.customer(email="ann@example.com")


def attempt(books: Books) -> object:
    """Make the next attempt of a dunning."""
    return books.step()


def give_up(books: Books) -> object:
    """End a dunning."""
    leader = books.customer_now().dunning_record_id
    assert leader is not None
    return give_up_dunning(leader, stores=books.stores, clock=books.clock)


def start_anew(books: Books) -> object:
    """Let the run start a workflow that a crash ended."""
    books.workflow.crash()
    books.clock.advance(600)
    return books.bill()


def process(books: Books) -> object:
    """Charge by hand what cannot be paid."""
    [leader] = [it for it in books.records() if it.status is RecordStatus.RETRYING]
    return process_record(str(leader.id), dunning=books.dunning)


def change_terms(books: Books) -> object:
    """Agree upon other terms."""
    terms = Terms("Ann", "bob@example.com", Mode.POSTPAID, 500, (1, 2))
    return change_customer("acme", lambda _: terms, dunning=books.dunning)


def change_price(books: Books) -> object:
    """Rename a product, set its next price, and archive it."""
    return change_product(
        "api-calls",
        name="Calls",
        price=flat(Decimal(2)),
        archived=True,
        stores=books.stores,
        clock=books.clock,
    )


def with_key(books: Books) -> None:
    """Begin with an API key."""
    create_api_key(
        key_id="key",
        name="key",
        scopes=[Scope.ADMIN],
        random=b"r" * 32,
        stores=books.stores,
        clock=books.clock,
    )


def revoke(books: Books) -> object:
    """Revoke the key."""
    [key], _ = books.stores.api_keys.page(limit=1, before=None)
    return revoke_api_key(key.id, by="another", stores=books.stores, clock=books.clock)


def suspend(books: Books) -> object:
    """Suspend by an operator's word."""
    return suspend_customer("acme", stores=books.stores, clock=books.clock)


PROFILE, WALLET, RECORD, TAB = "PROFILE", "WALLET", "RECORD", "TAB"
PRODUCT, API_KEY, LOCK = "PRODUCT", "APIKEY", "LOCK"

CHANGES = {
    "credit": Change(active, lambda it: it.credit(500), frozenset({WALLET})),
    "usage": Change(active, lambda it: it.use(1), frozenset({TAB})),
    "run": Change(active, lambda it: (it.bill(), it.bill()), frozenset({TAB, WALLET})),
    "lead": Change(owing, lambda it: it.charge(5), frozenset({WALLET})),
    "attempt": Change(owing, attempt, frozenset({PROFILE, RECORD})),
    "give-up": Change(owing, give_up, frozenset({PROFILE, RECORD})),
    "start-anew": Change(owing, start_anew, frozenset({PROFILE, RECORD})),
    "process": Change(owing, process, frozenset({RECORD})),
    "pay": Change(failed, lambda it: it.credit(500), frozenset({PROFILE, RECORD, WALLET})),
    "activate": Change(
        failed,
        lambda it: activate_customer("acme", dunning=it.dunning),
        frozenset({PROFILE, RECORD}),
    ),
    "suspend": Change(active, suspend, frozenset({PROFILE})),
    "terms": Change(active, change_terms, frozenset({PROFILE, WALLET})),
    "price": Change(active, change_price, frozenset({PRODUCT})),
    "revoke": Change(with_key, revoke, frozenset({API_KEY})),
    "lease": Change(lambda it: (it.bill(), None)[1], lambda it: it.bill(), frozenset({LOCK})),
}


def kind_of(key: tuple[str, str]) -> str:
    """Tell the kind of an item by its sort key."""
    return key[1].partition("#")[0]


@pytest.fixture
def books(books: Books) -> Books:
    """Give books with a product of one cent a unit."""
    books.product()
    return books


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.on_dynamodb_local
def test_what_a_later_version_added_stays_through_every_change(books: Books, name: str) -> None:
    change = CHANGES[name]
    change.begin(books)
    mark_all(books)
    before = rows_of(books)

    change.act(books)

    after = rows_of(books)
    changed = {kind_of(key) for key in before if key in after and before[key] != after[key]}
    assert changed >= change.kinds
    assert lost(before, after) == []


def test_what_a_later_version_added_stays_while_log_files_are_read(books: Books) -> None:
    """Also of a file in whose place another one was put."""
    books.customer()
    bucket = Bucket(books)
    bucket.ingest(array([line(), {}]))
    mark_all(books)
    before = rows_of(books)

    bucket.ingest(array([line(), line(), {}]))

    after = rows_of(books)
    [key] = [key for key in before if kind_of(key) == "FILE"]
    assert (before[key]["upload"], after[key]["upload"]) == (1, 2)
    assert lost(before, after) == []


def test_a_deletion_forgets_what_may_be_personal_and_nothing_else(books: Books) -> None:
    idle(books)
    mark_all(books)
    before = rows_of(books)

    delete_customer("acme", stores=books.stores, clock=books.clock)

    after = rows_of(books)
    [profile] = [row for key, row in after.items() if kind_of(key) == PROFILE]
    assert profile["status"] == Status.DELETED
    assert not FUTURE.keys() & profile.keys()
    others: Rows = {key: row for key, row in before.items() if kind_of(key) != PROFILE}
    assert lost(others, after) == []


def test_an_attribute_that_an_earlier_version_did_not_know_is_written_by_the_next_change(
    books: Books,
) -> None:
    """As of an index that did not exist when the item was made."""
    idle(books)
    [row] = [row for row in rows_of(books).values() if row["sk"] == PROFILE]
    missing: Mapping[str, str] = {name: row.pop(name) for name in ("listPk", "listSk")}
    write = TypeSerializer().serialize
    item = {name: write(value) for name, value in row.items()}
    books.client.put_item(TableName=books.tables.accounts, Item=item)
    assert list_customers(limit=10, cursor=None, stores=books.stores).items == []

    suspend(books)

    [listed] = list_customers(limit=10, cursor=None, stores=books.stores).items
    assert (listed.id, listed.status) == ("acme", Status.SUSPENDED)
    [row] = [row for row in rows_of(books).values() if row["sk"] == PROFILE]
    assert missing.items() <= row.items()
