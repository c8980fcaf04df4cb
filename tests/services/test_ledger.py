"""The ledger: listed newest first, told as of any instant, and proven entry by entry."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from billing.domain.errors import CustomerNotFoundError, InvalidInputError
from billing.domain.ledger import EntryKind, post
from billing.services.paging import decode_cursor, encode_cursor
from billing.services.read_ledger import list_entries
from billing.services.verify_ledger import Proof, verify_ledger
from billing.storage import keys
from tests.support.books import Books
from tests.support.clock import START
from tests.support.faults import Faults, at, meanwhile, on


@pytest.fixture
def books(books: Books) -> Books:
    """Give books with five entries: 100, 200 and 300 credited a minute apart, 40 and 2 used."""
    books.customer("acme")
    books.product("api-calls", "1")
    for number in (1, 2, 3):
        books.credit(number * 100, key=f"k{number}")
        books.clock.advance(60)
    for units in (40, 2):
        books.use(units)
        books.bill()
    assert books.balance_cents() == 558
    return books


def verify(books: Books) -> Proof:
    """Verify with time enough."""
    return verify_ledger("acme", cursor=None, stores=books.stores, deadline=books.deadline())


def test_entries_are_listed_newest_first_page_by_page(books: Books) -> None:
    pages: list[list[int]] = []
    cursor = None
    while cursor is not None or not pages:
        page = list_entries("acme", limit=2, cursor=cursor, as_of=None, stores=books.stores)
        pages.append([entry.seq for entry in page.entries])
        assert page.balance_cents == 558
        cursor = page.cursor

    assert pages == [[5, 4], [3, 2], [1]]


@pytest.mark.on_dynamodb_local
def test_entries_say_where_their_money_came_from_and_went_to(books: Books) -> None:
    page = list_entries("acme", limit=100, cursor=None, as_of=None, stores=books.stores)

    told = [
        (entry.kind, entry.amount_cents, entry.balance_cents, entry.reference)
        for entry in page.entries
    ]
    assert told == [
        (EntryKind.USAGE, -2, 558, "acme~0~2"),
        (EntryKind.USAGE, -40, 560, "acme~0~1"),
        (EntryKind.CREDIT, 300, 600, "k3"),
        (EntryKind.CREDIT, 200, 300, "k2"),
        (EntryKind.CREDIT, 100, 100, "k1"),
    ]
    assert page.cursor is None


@pytest.mark.parametrize(
    ("seconds", "balance", "count"),
    [(-1, 0, 0), (0, 100, 1), (59, 100, 1), (60, 300, 2), (120, 600, 3), (10**6, 558, 5)],
)
def test_the_balance_as_of_an_instant(books: Books, seconds: int, balance: int, count: int) -> None:
    page = list_entries(
        "acme",
        limit=100,
        cursor=None,
        as_of=START + timedelta(seconds=seconds),
        stores=books.stores,
    )

    assert (page.balance_cents, len(page.entries)) == (balance, count)


def test_a_list_as_of_an_instant_goes_on_page_by_page(books: Books) -> None:
    as_of = START + timedelta(seconds=60)
    first = list_entries("acme", limit=1, cursor=None, as_of=as_of, stores=books.stores)
    rest = list_entries("acme", limit=1, cursor=first.cursor, as_of=as_of, stores=books.stores)

    assert [entry.seq for entry in [*first.entries, *rest.entries]] == [2, 1]
    assert rest.cursor is None


def test_a_list_goes_on_where_it_stopped_although_the_ledger_grew(books: Books) -> None:
    first = list_entries("acme", limit=2, cursor=None, as_of=None, stores=books.stores)
    books.credit(1, key="new")
    rest = list_entries("acme", limit=2, cursor=first.cursor, as_of=None, stores=books.stores)

    assert [entry.seq for entry in rest.entries] == [3, 2]


def test_nobody_has_no_ledger(books: Books) -> None:
    with pytest.raises(CustomerNotFoundError):
        list_entries("nobody", limit=1, cursor=None, as_of=None, stores=books.stores)
    with pytest.raises(CustomerNotFoundError):
        verify_ledger("nobody", cursor=None, stores=books.stores, deadline=books.deadline())


@pytest.mark.parametrize(
    ("seq", "listed"),
    [("0", []), ("1", [1]), ("999999999999999999", [5, 4, 3, 2, 1])],
)
def test_a_forged_position_reads_no_more_than_the_ledger(
    books: Books, seq: str, listed: list[int]
) -> None:
    cursor = encode_cursor({"seq": seq})

    page = list_entries("acme", limit=100, cursor=cursor, as_of=None, stores=books.stores)

    assert [entry.seq for entry in page.entries] == listed


@pytest.mark.parametrize("position", [{"seq": "x"}, {"position": "1"}, {"seq": "1.5"}])
def test_a_foreign_cursor_is_refused(books: Books, position: dict[str, str]) -> None:
    cursor = encode_cursor(position)

    with pytest.raises(InvalidInputError):
        list_entries("acme", limit=1, cursor=cursor, as_of=None, stores=books.stores)
    with pytest.raises(InvalidInputError):
        verify_ledger("acme", cursor=cursor, stores=books.stores, deadline=books.deadline())


def test_a_ledger_proves_itself(books: Books) -> None:
    proof = verify(books)

    wallet = books.stores.wallets.get("acme")
    assert wallet is not None
    assert proof == Proof(
        ok=True,
        complete=True,
        entries=5,
        sum_cents=558,
        balance_cents=558,
        head_hash=wallet.head_hash,
        fault=None,
        cursor=None,
    )


def test_a_ledger_without_entries_proves_itself(books: Books) -> None:
    books.customer("new")
    proof = verify_ledger("new", cursor=None, stores=books.stores, deadline=books.deadline())

    assert (proof.ok, proof.entries, proof.sum_cents) == (True, 0, 0)


def set_in(books: Books, table: str, key: dict[str, str], **values: dict[str, str]) -> None:
    """Change a row as somebody with a key to the table could."""
    for name, value in values.items():
        books.client.update_item(
            TableName=table,
            Key={part: {"S": text} for part, text in key.items()},
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": value},
        )


def set_entry(books: Books, entry: int, **values: dict[str, str]) -> None:
    """Change an entry."""
    set_in(books, books.tables.ledger, keys.entry("acme", entry), **values)


def set_wallet(books: Books, **values: dict[str, str]) -> None:
    """Change the wallet."""
    set_in(books, books.tables.accounts, keys.wallet("acme"), **values)


def remove_entry(books: Books, seq: int) -> None:
    """Take an entry away."""
    key: Any = {part: {"S": text} for part, text in keys.entry("acme", seq).items()}
    books.client.delete_item(TableName=books.tables.ledger, Key=key)


def put_entry(books: Books, seq: int, amount_cents: int, *, after_seq: int) -> None:
    """Forge an entry with a good hash that follows entry `after_seq`."""
    before = books.stores.ledger.entry("acme", after_seq)
    wallet = books.stores.wallets.get("acme")
    assert before is not None
    assert wallet is not None
    at = replace(wallet, balance_cents=before.balance_cents, seq=after_seq, head_hash=before.hash)
    entry, _ = post(
        at, kind=EntryKind.CREDIT, amount_cents=amount_cents, reference="forged", now=books.clock()
    )
    remove_entry(books, seq)
    books.stores.dynamo.transact([books.stores.ledger.appending(replace(entry, seq=seq))])


def swap_entries(books: Books, one: int, other: int) -> None:
    """Put two entries in each other's place."""
    first, second = (books.stores.ledger.entry("acme", seq) for seq in (one, other))
    assert first is not None
    assert second is not None
    for entry, seq in ((first, other), (second, one)):
        remove_entry(books, seq)
        books.stores.dynamo.transact([books.stores.ledger.appending(replace(entry, seq=seq))])


def number(value: int) -> dict[str, str]:
    """Write a number as DynamoDB has it."""
    return {"N": str(value)}


TAMPERINGS: dict[str, tuple[Callable[[Books], None], str]] = {
    "an amount": (
        lambda b: set_entry(b, 2, amountCents=number(201)),
        "balance that is not the sum",
    ),
    "amount and balance": (
        lambda b: set_entry(b, 5, amountCents=number(-1), balanceCents=number(559)),
        "content of entry 5 does not match",
    ),
    "a balance": (
        lambda b: set_entry(b, 2, balanceCents=number(301)),
        "balance that is not the sum",
    ),
    "a reference": (
        lambda b: set_entry(b, 4, reference={"S": "acme~0~9"}),
        "does not match its hash",
    ),
    "a kind": (lambda b: set_entry(b, 1, kind={"S": "usage"}), "does not match its hash"),
    "a time": (
        lambda b: set_entry(b, 1, postedAt={"S": "2026-01-15T08:00:00.000000Z"}),
        "does not match its hash",
    ),
    "a hash": (lambda b: set_entry(b, 3, hash={"S": "f" * 64}), "does not match its hash"),
    "a previous hash": (
        lambda b: set_entry(b, 3, previousHash={"S": "f" * 64}),
        "does not follow the hash",
    ),
    "a number": (lambda b: set_entry(b, 3, seq=number(9)), "entry 3 is missing"),
    "the first entry removed": (lambda b: remove_entry(b, 1), "entry 1 is missing"),
    "an entry removed": (lambda b: remove_entry(b, 3), "entry 3 is missing"),
    "the last entry removed": (lambda b: remove_entry(b, 5), "entry 5 is missing"),
    "two entries swapped": (lambda b: swap_entries(b, 2, 3), "does not follow the hash"),
    "the last entry forged": (
        lambda b: put_entry(b, 5, 1000, after_seq=4),
        "does not stand at the head",
    ),
    "a middle entry forged": (
        lambda b: put_entry(b, 3, 300, after_seq=2),
        "entry 4 does not follow the hash",
    ),
    "an entry beyond the wallet": (
        lambda b: put_entry(b, 6, 1000, after_seq=5),
        "entry 6 is not in the wallet",
    ),
    "the wallet's balance": (
        lambda b: set_wallet(b, balanceCents=number(10**6)),
        "not the sum of the entries",
    ),
    "the wallet set back": (lambda b: set_wallet(b, seq=number(4)), "does not stand at the head"),
    "the wallet set ahead": (lambda b: set_wallet(b, seq=number(6)), "entry 6 is missing"),
    "the wallet emptied": (
        lambda b: set_wallet(b, seq=number(0), balanceCents=number(0), headHash={"S": "0" * 64}),
        "entry 1 is not in the wallet",
    ),
    "the wallet's hash": (
        lambda b: set_wallet(b, headHash={"S": "f" * 64}),
        "does not stand at the head",
    ),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_whatever_is_tampered_with_is_found(books: Books, what: str) -> None:
    tamper, told = TAMPERINGS[what]
    assert verify(books).ok

    tamper(books)
    proof = verify(books)

    assert (proof.ok, proof.complete) == (False, True)
    assert proof.fault is not None
    assert told in proof.fault


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a verification read two entries at a time."""
    monkeypatch.setattr("billing.storage.ledger.VERIFY_PAGE_SIZE", 2)
    monkeypatch.setattr("billing.services.verify_ledger.VERIFY_PAGE_SIZE", 2)


def verify_without_time(books: Books) -> list[Proof]:
    """Verify with no time left, going on from each cursor to the end."""
    no_time = books.deadline().sooner(books.patience_seconds)
    proofs: list[Proof] = []
    cursor = None
    while cursor is not None or not proofs:
        proof = verify_ledger("acme", cursor=cursor, stores=books.stores, deadline=no_time)
        proofs.append(proof)
        cursor = proof.cursor
    return proofs


@pytest.mark.on_dynamodb_local
@pytest.mark.usefixtures("small_pages")
def test_a_verification_that_runs_out_of_time_goes_on_from_its_cursor(books: Books) -> None:
    *unfinished, last = verify_without_time(books)

    assert [(proof.ok, proof.complete, proof.entries) for proof in unfinished] == [
        (False, False, 2),
        (False, False, 4),
    ]
    assert last == verify(books)
    assert last.ok


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("what", ["an amount", "a middle entry forged", "the last entry forged"])
def test_a_verification_in_parts_finds_what_a_whole_one_finds(books: Books, what: str) -> None:
    TAMPERINGS[what][0](books)

    assert verify_without_time(books)[-1] == verify(books)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize(
    "forged", [{"sum": "999"}, {"hash": "f" * 64}, {"seq": "1"}, {"seq": "9999"}]
)
def test_a_forged_cursor_proves_nothing(books: Books, forged: dict[str, str]) -> None:
    cursor = verify_without_time(books)[0].cursor
    assert cursor is not None
    mine = encode_cursor({**decode_cursor(cursor), **forged})

    proof = verify_ledger("acme", cursor=mine, stores=books.stores, deadline=books.deadline())

    assert not proof.ok


def test_entries_posted_while_it_runs_are_no_fault(books: Books, faults: Faults) -> None:
    calls = faults.count(lambda: verify(books))

    for number in range(1, calls + 1):
        credit = meanwhile(lambda: books.credit(1, key=books.new_id()))
        with faults.planned(at(number, credit)):
            proof = verify(books)
        assert proof.ok
    assert verify(books).entries == 5 + calls


def test_a_charge_in_the_middle_of_a_list_shows_one_moment(books: Books, faults: Faults) -> None:
    with faults.planned(on("Query", meanwhile(lambda: books.credit(1, key="late")))):
        page = list_entries("acme", limit=100, cursor=None, as_of=None, stores=books.stores)

    assert page.balance_cents == page.entries[0].balance_cents == 558


@pytest.mark.parametrize("seq", ["-1", "one", "1.5"])
def test_a_place_that_no_ledger_has_is_refused(books: Books, seq: str) -> None:
    cursor = encode_cursor({"seq": seq, "sum": "0", "hash": "0" * 64})
    with pytest.raises(InvalidInputError, match="not a cursor"):
        list_entries("acme", limit=2, cursor=cursor, as_of=None, stores=books.stores)
    with pytest.raises(InvalidInputError, match="not a cursor"):
        verify_ledger("acme", cursor=cursor, stores=books.stores, deadline=books.deadline())
