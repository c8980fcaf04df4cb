"""Books that do not verify stop the closing of their customer alone, and say so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from billing.domain.records import RecordId
from billing.storage import day_keys, keys
from billing.storage.items import Key
from tests.support.books import Books
from tests.support.closing import assert_days_add_up, close, days_of, to_close, wallet_of


@dataclass(frozen=True)
class Forgery:
    """What somebody who can write to the tables changes, and what is said of it."""

    key: Callable[[Books], Key]
    attribute: str
    value: Any
    fault: str
    table: str = "ledger"


def entry(_books: Books) -> Key:
    """Name the second entry."""
    return keys.entry("acme", 2)


def record(books: Books) -> Key:
    """Name the record that the third entry settles."""
    return keys.record(RecordId.parse(str(books.records()[0].id)))


FORGERIES = {
    "hash": Forgery(
        entry, "hash", {"S": "f" * 64}, "the content of entry 2 does not match its hash"
    ),
    "number": Forgery(entry, "seq", {"N": "7"}, "entry 2 is missing"),
    "sum": Forgery(
        entry,
        "balanceCents",
        {"N": "999"},
        "entry 2 has a balance that is not the sum of the entries",
    ),
    "missing": Forgery(entry, "", None, "entry 2 is missing"),
    "record": Forgery(
        record,
        "amountCents",
        {"N": "1"},
        "entry 3 is not what record acme~0~1 was settled by",
        "accounts",
    ),
    "missing-record": Forgery(
        record, "", None, "entry 3 settles record acme~0~1, which is missing", "accounts"
    ),
    "wallet": Forgery(
        lambda _books: keys.wallet("acme"),
        "balanceCents",
        {"N": "999"},
        "the wallet balance is not the sum of the entries",
        "accounts",
    ),
}


def forge(books: Books, forgery: Forgery) -> Callable[[], None]:
    """Change an item behind the back of the system; returns what puts it back."""
    table = {"ledger": books.tables.ledger, "accounts": books.tables.accounts}[forgery.table]
    key: Any = {name: {"S": value} for name, value in forgery.key(books).items()}
    before = books.client.get_item(TableName=table, Key=key)["Item"]
    if forgery.value is None:
        books.client.delete_item(TableName=table, Key=key)
    else:
        books.client.put_item(TableName=table, Item={**before, forgery.attribute: forgery.value})
    return lambda: books.client.put_item(TableName=table, Item=before) and None


def begin(books: Books) -> None:
    """Begin with three entries of one customer, and one of another."""
    books.customer("globex")
    books.credit(5, customer_id="globex")
    books.credit(100, key="first")
    books.credit(200, key="second")
    books.use(7)
    books.bill()


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_forgery_stops_the_closing_of_its_customer_alone(books: Books, forgery: Forgery) -> None:
    begin(books)
    put_back = forge(books, forgery)

    report = close(books)

    [imbalance] = report.imbalances
    assert (imbalance.customer_id, imbalance.fault) == ("acme", forgery.fault)
    assert (report.failures, report.remaining) == ((), 0)
    assert [day.closing_cents for day in days_of(books, "globex")] == [5]
    assert "acme" in to_close(books), "the next run looks again"
    put_back()
    assert close(books).imbalances == ()
    assert wallet_of(books.stores).is_added_up
    assert_days_add_up(books.stores, "acme", "globex")


def test_a_wallet_that_was_put_back_behind_its_days_is_found(books: Books) -> None:
    begin(books)
    close(books)
    behind = Forgery(lambda _books: keys.wallet("acme"), "seq", {"N": "2"}, "", "accounts")
    forge(books, behind)

    [imbalance] = close(books).imbalances

    assert imbalance.fault == "the wallet does not stand at the head of the chain"


def test_what_verifies_before_a_forgery_is_added(books: Books) -> None:
    begin(books)
    forge(books, FORGERIES["hash"])

    assert close(books).entries_added == 2
    assert wallet_of(books.stores).checkpoint.seq == 1


def test_a_day_that_was_changed_is_found_when_it_goes_on(books: Books) -> None:
    begin(books)
    close(books)
    day = Forgery(
        lambda books: day_keys.day("acme", days_of(books)[0].date, 0),
        "closingCents",
        {"N": "1"},
        "",
        "accounts",
    )
    forge(books, day)
    books.credit(1, key="more")

    [imbalance] = close(books).imbalances

    assert imbalance.fault == "day 2026-01-15 does not end where entries were last added to it"
