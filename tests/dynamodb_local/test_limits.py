"""What DynamoDB refuses and moto lets through: billing keeps within it, or hears of it at once."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from billing.domain.rating import amount_of
from billing.domain.records import RecordId
from billing.domain.tabs import LineKey, LineTotals, TabRef
from billing.services.paging import CURSOR_LENGTH_MAX
from billing.storage import keys
from billing.storage.dynamo import TRANSACTION_WRITES_MAX
from billing.storage.items import Item
from billing.storage.usage import EVENTS_PER_TRANSACTION_MAX
from billing.storage.writes import Check, Delete, Put, TransactionCancelledError, Update, Write
from tests.support.books import Books
from tests.support.clock import START
from tests.support.faithful import EXPRESSION_BYTES_MAX
from tests.support.write_units import KB, item_size

ITEM_BYTES_MAX = 400 * KB
NEW = "attribute_not_exists(#pk)"
THERE = "attribute_exists(#pk)"
TAB = TabRef("acme", 0)


def put(books: Books, name: str, condition: str = NEW, **attributes: object) -> Put:
    """Give the write of one row of the accounts."""
    return Put(books.tables.accounts, {"pk": name, "sk": name, **attributes}, condition)


def holding(books: Books, name: str) -> Check:
    """Give a condition that holds for any row, there or not."""
    return Check(books.tables.accounts, {"pk": name, "sk": name}, "attribute_not_exists(#stop)")


def rows(books: Books) -> list[str]:
    """Name the rows that are there."""
    return sorted(str(row["pk"]) for row in books.rows(books.tables.accounts))


# Names


def tell_a_story(books: Books) -> None:
    """Leave a row of every kind but those of log files."""
    books.customer("poor", email="poor@example.com", retry_schedule_seconds=(1, 2))
    books.customer("acme")
    books.product()
    books.use(5)
    books.bill()
    books.use(5)
    books.credit(100)
    books.charge(7, key="fee", description="Set-up")


def attributes(books: Books) -> Iterator[tuple[str, str]]:
    """Name every attribute that a row has and that may change, with its table."""
    for table in (books.tables.accounts, books.tables.ledger, books.tables.usage):
        names = {name for row in books.rows(table) for name in row}
        yield from ((table, name) for name in sorted(names - {"pk", "sk"}))


def test_every_attribute_can_be_named_in_an_expression(books: Books) -> None:
    tell_a_story(books)
    named = list(attributes(books))

    for table, name in named:
        expression, condition = f"SET #{name} = :x", f"attribute_not_exists(#{name})"
        key = {"pk": "scratch", "sk": "scratch"}
        after = books.stores.dynamo.update(Update(table, key, expression, condition, {":x": "x"}))
        assert after[name] == "x"
    assert len(named) > 50


def test_some_of_them_are_reserved_words_which_is_why_all_are_aliased(books: Books) -> None:
    tell_a_story(books)

    def is_reserved(table: str, name: str) -> bool:
        try:
            books.client.update_item(
                TableName=table,
                Key={"pk": {"S": "scratch"}, "sk": {"S": "scratch"}},
                UpdateExpression=f"SET {name} = :x",
                ExpressionAttributeValues={":x": {"S": "x"}},
            )
        except ClientError as refused:
            return "reserved keyword" in str(refused)
        return False

    reserved = {name for table, name in attributes(books) if is_reserved(table, name)}
    assert {"hash", "name", "owner", "status"} <= reserved


def test_a_transaction_of_99_lines_is_one_that_dynamodb_takes(books: Books) -> None:
    """Each event may add a line of its own, with the longest of names and numbers."""
    books.customer("acme")
    products = [f"{number:02d}" + "p" * 62 for number in range(EVENTS_PER_TRANSACTION_MAX)]
    for product_id in products:
        books.product(product_id, "10000000000")
    price = Decimal("9999999999.999999999999")
    lines = {
        LineKey(product_id, 100, "2026-12"): LineTotals(Decimal("999999999999.999999"), price, 99)
        for product_id in products
    }
    accrual = books.stores.tabs.accrual(TAB, 1, lines, now=START)
    books.stores.dynamo.transact([accrual])

    tab = books.stores.tabs.get(TAB)
    assert tab is not None
    assert tab.lines == lines
    assert len(accrual.expression) <= EXPRESSION_BYTES_MAX - 300


def test_an_accrual_of_more_lines_is_one_that_it_refuses(books: Books) -> None:
    books.customer("acme")
    lines = {
        LineKey(f"product-{number}", 1, "2026-01"): LineTotals(Decimal(1), Decimal(1), 1)
        for number in range(EVENTS_PER_TRANSACTION_MAX + 20)
    }
    with pytest.raises(ClientError, match="Expression size has exceeded"):
        books.stores.dynamo.transact([books.stores.tabs.accrual(TAB, 1, lines, now=START)])


# Keys


def test_a_row_without_a_value_in_its_key_is_refused(books: Books) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        books.stores.dynamo.transact([put(books, "")])
    with pytest.raises(ClientError, match="ValidationException"):
        books.stores.dynamo.transact([put(books, "listed", listPk="USERS", listSk="")])
    assert rows(books) == []


def test_an_empty_position_in_a_list_is_refused_so_no_cursor_holds_one(books: Books) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        books.stores.customers.page(limit=1, before="")


def test_the_longest_position_that_a_cursor_holds_is_one_in_a_list(books: Books) -> None:
    longest = "~" * (CURSOR_LENGTH_MAX * 3 // 4)
    books.customer("acme")

    [customer], _ = books.stores.customers.page(limit=1, before=longest)
    assert customer.id == "acme"
    with pytest.raises(ClientError, match="ValidationException"):
        books.stores.customers.page(limit=1, before="~" * (KB + 1))


def test_a_record_that_is_asked_for_twice_is_read_once(books: Books) -> None:
    """A batch that names a key twice would be refused."""
    books.customer("acme")
    books.product()
    books.use(5)
    books.bill()
    record_id = RecordId.of_tab(TAB, 1)

    assert list(books.stores.records.get_many([record_id, record_id])) == [record_id]
    with pytest.raises(ClientError, match="duplicates"):
        books.stores.dynamo.get_many(books.tables.accounts, [keys.record(record_id)] * 2)


# Numbers


def accrue(books: Books, units: str) -> None:
    """Add units of the smallest price to the one line of a tab."""
    lines = {
        LineKey("api-calls", 1, "2026-01"): LineTotals(Decimal(units), Decimal("0.000000000001"), 1)
    }
    books.stores.dynamo.transact([books.stores.tabs.accrual(TAB, 1, lines, now=START)])


def accrued(books: Books) -> LineTotals:
    """Read that line."""
    tab = books.stores.tabs.get(TAB)
    assert tab is not None
    [totals] = tab.lines.values()
    return totals


def test_the_largest_tab_takes_the_smallest_quantity_exactly(books: Books) -> None:
    """Ten thousand million times the most units of an event, and a millionth of a unit."""
    books.customer("acme")
    books.product()
    accrue(books, "9999999999E+12")
    accrue(books, "0.000001")

    assert accrued(books).units == Decimal("9999999999000000000000.000001")
    assert amount_of(accrued(books)) == Decimal("9999999999.000000000000000001")
    assert accrued(books).events == 2


def test_a_sum_of_more_than_38_digits_is_refused_and_never_rounded(books: Books) -> None:
    books.customer("acme")
    books.product()
    accrue(books, "9999999999E+12")
    before = accrued(books)

    with pytest.raises(ClientError, match="precision up to 38 digits"):
        accrue(books, "9999999999E+12")
    assert accrued(books) == before


# Sizes


def filled(size_bytes: int) -> Mapping[str, Any]:
    """Give the attributes that fill a row with one letter for a name up to a size."""
    empty = {"pk": {"S": "x"}, "sk": {"S": "x"}, "n": {"N": "-12.345"}, "text": {"S": ""}}
    return {"n": Decimal("-12.345"), "text": "x" * (size_bytes - item_size(empty))}


def test_a_row_of_400_kb_is_taken_and_one_byte_more_refused(books: Books) -> None:
    """The bytes are those that the tests of write units count."""
    books.stores.dynamo.transact([put(books, "a", **filled(ITEM_BYTES_MAX))])
    with pytest.raises(ClientError, match="Item size has exceeded"):
        books.stores.dynamo.transact([put(books, "b", **filled(ITEM_BYTES_MAX + 1))])
    assert len(rows(books)) == 1


def test_a_transaction_of_more_than_4_mb_is_refused_whole(books: Books) -> None:
    writes = [put(books, letter, **filled(ITEM_BYTES_MAX)) for letter in "abcdefghijk"]

    with pytest.raises(ClientError, match="ValidationException"):
        books.stores.dynamo.transact(writes)
    assert rows(books) == []
    books.stores.dynamo.transact(writes[:10])
    assert len(rows(books)) == 10


# Transactions


def test_a_transaction_takes_as_many_writes_as_the_gateway_sends(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = [put(books, f"row-{number}") for number in range(TRANSACTION_WRITES_MAX + 1)]
    books.stores.dynamo.transact(writes[1:])
    monkeypatch.setattr("billing.storage.dynamo.TRANSACTION_WRITES_MAX", len(writes))

    with pytest.raises(ClientError, match="ValidationException"):
        books.stores.dynamo.transact(writes)
    assert len(rows(books)) == TRANSACTION_WRITES_MAX


def test_two_writes_of_one_row_in_a_transaction_are_refused(books: Books) -> None:
    with pytest.raises(ClientError, match="multiple operations on one item"):
        books.stores.dynamo.transact([put(books, "a"), holding(books, "a")])
    assert rows(books) == []


def test_an_event_that_a_batch_names_twice_is_sent_once(books: Books) -> None:
    books.customer("acme")
    books.product()
    books.record([books.claim(3, event_id="e"), books.claim(3, event_id="e")])

    books.bill()
    assert books.balance_cents() == -3
    books.assert_sound()


def test_reasons_of_a_cancelled_transaction_come_in_the_order_of_its_writes(books: Books) -> None:
    table = books.tables.accounts

    def key(name: str) -> dict[str, str]:
        return {"pk": name, "sk": name}

    books.stores.dynamo.transact([put(books, "a", n=1), put(books, "b", n=2), put(books, "c", n=3)])
    taken = put(books, "a")
    free = put(books, "d")
    outdated = Update(table, key("b"), "SET #n = :n", "#n = :seen", {":n": 9, ":seen": 7})
    absent = Check(table, key("nobody"), THERE)
    in_time = Check(table, key("c"), "#n = :seen", {":seen": 3})
    kept = Delete(table, key("e"), THERE)

    with pytest.raises(TransactionCancelledError) as cancelled:
        books.stores.dynamo.transact([taken, free, outdated, absent, in_time, kept])

    def met(write: Write) -> Item | str | None:
        failure = cancelled.value.failure_of(write)
        return "passed" if failure is None else failure.item

    assert [met(write) for write in (taken, free, outdated, absent, in_time, kept)] == [
        {**key("a"), "n": Decimal(1)},
        "passed",
        {**key("b"), "n": Decimal(2)},
        None,
        "passed",
        None,
    ]
    assert len(rows(books)) == 3
