"""A verification believes the days that are kept, where they add up, and checks what follows."""

from typing import Any

import pytest

from billing.domain.errors import InvalidInputError
from billing.services.paging import decode_cursor, encode_cursor
from billing.services.verify_ledger import Proof, verify_ledger
from billing.storage import day_keys, keys
from billing.storage.items import Key
from tests.support.books import Books
from tests.support.closing import close, days_of
from tests.support.faults import Faults, at, meanwhile

DAY_SECONDS = 86_400


@pytest.fixture
def books(books: Books) -> Books:
    """Give books with a credit and a bill on each of three days, and one more of today."""
    for number in range(3):
        books.credit(100, key=f"k{number}")
        books.use(3)
        books.bill()
        books.clock.advance(DAY_SECONDS)
    close(books)
    books.credit(100, key="today")
    return books


def verify(books: Books, *, full: bool = False, cursor: str | None = None) -> Proof:
    """Verify with time enough."""
    return verify_ledger(
        "acme", full=full, cursor=cursor, stores=books.stores, deadline=books.deadline()
    )


def change(books: Books, table: str, key: Key, name: str, value: Any) -> None:  # noqa: ANN401
    """Change an item behind the back of the system, or delete it."""
    typed: Any = {part: {"S": text} for part, text in key.items()}
    if value is None:
        books.client.delete_item(TableName=table, Key=typed)
        return
    item = books.client.get_item(TableName=table, Key=typed)["Item"]
    books.client.put_item(TableName=table, Item={**item, name: value})


def day_key(books: Books, number: int) -> Key:
    """Name the item of a day."""
    return day_keys.day("acme", days_of(books)[number].date, 0)


@pytest.mark.on_dynamodb_local
def test_days_and_what_is_behind_them_come_to_what_every_entry_comes_to(books: Books) -> None:
    quick, whole = verify(books), verify(books, full=True)

    assert (quick.ok, quick.entries, quick.days) == (True, 7, 3)
    assert (whole.ok, whole.entries, whole.days) == (True, 7, 0)
    assert (quick.sum_cents, quick.head_hash) == (whole.sum_cents, whole.head_hash)


@pytest.mark.parametrize(
    ("number", "name", "value", "fault"),
    [
        pytest.param(1, "", None, "does not begin where the day before it ended", id="lost"),
        pytest.param(2, "", None, "do not end at the checkpoint", id="last-lost"),
        pytest.param(1, "openingCents", {"N": "1"}, "does not begin where", id="opening"),
        pytest.param(1, "closingCents", {"N": "1"}, "is not the sum of its entries", id="sum"),
        pytest.param(2, "headHash", {"S": "f" * 64}, "do not end at the checkpoint", id="hash"),
    ],
)
def test_a_day_that_was_changed_is_found(
    books: Books,
    number: int,
    name: str,
    value: Any,  # noqa: ANN401 - an attribute of any type
    fault: str,
) -> None:
    change(books, books.tables.accounts, day_key(books, number), name, value)

    proof = verify(books)

    assert (proof.ok, proof.complete) == (False, True)
    assert fault in (proof.fault or "")
    assert verify(books, full=True).ok, "the ledger itself is as it was"


def test_an_entry_of_a_closed_day_that_was_changed_is_found_by_a_full_verification(
    books: Books,
) -> None:
    change(books, books.tables.ledger, keys.entry("acme", 2), "amountCents", {"N": "7"})

    assert verify(books).ok
    assert "entry 2" in (verify(books, full=True).fault or "")


@pytest.mark.on_dynamodb_local
def test_an_entry_behind_the_days_that_was_changed_is_found_at_once(books: Books) -> None:
    change(books, books.tables.ledger, keys.entry("acme", 7), "amountCents", {"N": "7"})

    assert "entry 7" in (verify(books).fault or "")


def test_a_verification_that_runs_out_of_time_goes_on_at_its_day(books: Books) -> None:
    no_time = books.deadline().sooner(books.patience_seconds)
    proofs: list[Proof] = []
    cursor = None
    while cursor is not None or not proofs:
        proof = verify_ledger("acme", cursor=cursor, stores=books.stores, deadline=no_time)
        proofs.append(proof)
        cursor = proof.cursor

    assert [(proof.complete, proof.entries) for proof in proofs] == [
        (False, 2),
        (False, 4),
        (False, 6),
        (True, 7),
    ]
    assert proofs[-1].ok


@pytest.mark.parametrize("forged", [{"sum": "9"}, {"seq": "1"}, {"day": "2026-01-17"}])
def test_a_forged_cursor_proves_nothing(books: Books, forged: dict[str, str]) -> None:
    no_time = books.deadline().sooner(books.patience_seconds)
    begun = verify_ledger("acme", cursor=None, stores=books.stores, deadline=no_time)
    mine = encode_cursor({**decode_cursor(begun.cursor or ""), **forged})

    assert not verify(books, cursor=mine).ok


def test_a_day_that_is_none_is_no_cursor(books: Books) -> None:
    cursor = encode_cursor({"seq": "0", "sum": "0", "hash": "0" * 64, "day": "yesterday"})

    with pytest.raises(InvalidInputError, match="not a cursor"):
        verify(books, cursor=cursor)


@pytest.mark.parametrize("action", ["close", "post-and-close"])
def test_a_closing_beside_a_verification_is_no_fault(
    books: Books, faults: Faults, action: str
) -> None:
    def act() -> None:
        if action == "post-and-close":
            books.credit(1, key=books.new_id())
        close(books)

    calls = faults.count(lambda: verify(books))
    for number in range(1, calls + 1):
        with faults.planned(at(number, meanwhile(act))):
            assert verify(books).ok
