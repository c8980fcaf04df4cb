"""The rules by which units are counted, each on a case that can be worked out by hand."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from billing.domain.records import RecordId
from billing.domain.tabs import TabRef
from billing.storage import keys
from tests.support.books import Books
from tests.support.write_units import Meter, item_size


@pytest.mark.parametrize(
    ("number", "size"),
    [
        ("0", 1),
        ("1", 2),
        ("100", 2),
        ("123456", 4),
        ("-1", 3),
        ("3.14159", 5),
        ("0.05", 2),
        ("1.05", 3),
    ],
)
def test_the_size_of_a_number(number: str, size: int) -> None:
    assert item_size({"n": {"N": number}}) == 1 + size


def test_the_size_of_an_item() -> None:
    item = {
        "pk": {"S": "ä"},
        "flag": {"BOOL": True},
        "none": {"NULL": True},
        "list": {"L": [{"S": "ab"}]},
        "map": {"M": {"key": {"S": "v"}}},
    }

    assert item_size(item) == (2 + 2) + (4 + 1) + (4 + 1) + (4 + 3 + 1 + 2) + (3 + 3 + 1 + 3 + 1)


def test_what_a_conditional_write_costs(books: Books, meter: Meter) -> None:
    """An item over a KB costs the next unit, a failed condition as much as it would have cost."""
    big: dict[str, Any] = {"pk": {"S": "X"}, "sk": {"S": "X"}, "text": {"S": "x" * 2000}}
    table = books.tables.accounts
    books.client.put_item(TableName=table, Item=big)
    with pytest.raises(books.client.exceptions.ConditionalCheckFailedException):
        books.client.put_item(
            TableName=table,
            Item={**big, "text": {"S": "x"}},
            ConditionExpression="attribute_not_exists(#pk)",
            ExpressionAttributeNames={"#pk": "pk"},
        )

    assert [charge.write for charge in meter.charges] == [2, 2]


def test_what_an_index_costs(books: Books, meter: Meter) -> None:
    """One to enter, none to change what it does not show, two to move, one to leave."""
    serializer = TypeSerializer()

    def put(**values: str | int) -> None:
        item = {"pk": "X", "sk": "X", **values}
        books.client.put_item(
            TableName=books.tables.accounts,
            Item={name: serializer.serialize(value) for name, value in item.items()},
        )

    put(other=1)
    put(other=1, dirtyPk="D", dirtySk="1")
    put(other=2, dirtyPk="D", dirtySk="1")
    put(other=2, dirtyPk="D", dirtySk="2")
    put(other=2)

    assert [charge.write - 1 for charge in meter.charges] == [0, 1, 0, 2, 1]


def test_what_a_read_costs(books: Books, meter: Meter) -> None:
    dynamo = books.stores.dynamo
    dynamo.get(books.tables.accounts, keys.wallet("acme"))
    dynamo.get(books.tables.accounts, keys.wallet("acme"), consistent=False)
    dynamo.get(books.tables.accounts, keys.wallet("nobody"))
    books.dirty_tabs()
    books.stores.records.get_many([RecordId.of_tab(TabRef("acme", 0), n) for n in range(3)])

    assert [charge.read for charge in meter.charges] == [
        Decimal(1),
        Decimal("0.5"),
        Decimal(1),
        *[Decimal("0.5")] * keys.PARTITIONS,
        Decimal(3),
    ]
    assert meter.write == 0
