"""The model of DynamoDB does not speak what storage does not, and shows what lags as it was."""

from typing import Any, cast

import pytest

from tests.prove.expressions import parse_condition, parse_update
from tests.prove.fates import QUERY, Call, fates_of
from tests.prove.store import TOKENS, Store
from tests.support.tables import create_tables


@pytest.mark.parametrize(
    "text",
    [
        "contains(#a, :b)",
        "(#a = :a OR #b = :b AND #c = :c",
        "#a = :a OR #b = :b) AND #c = :c",
        "NOT #a = :a",
        "#a <> :a",
        "plain = :a",
    ],
    ids=["contains", "never-closed", "never-opened", "not", "unequal", "no-alias"],
)
def test_a_condition_of_another_kind_is_not_understood(text: str) -> None:
    with pytest.raises(NotImplementedError, match="not spoken here"):
        parse_condition(text)


@pytest.mark.parametrize(
    "text",
    ["ADD #a :b", "SET #a = list_append(:b, #a)", "SET #a = :a - :b", "DELETE #a :b"],
    ids=["add", "prepend", "minus", "delete"],
)
def test_an_update_of_another_kind_is_not_understood(text: str) -> None:
    with pytest.raises(NotImplementedError, match="not spoken here"):
        parse_update(text)


def put(store: Store, table: str, **attributes: str) -> None:
    """Put a row, whatever stands there."""
    item = {name: {"S": text} for name, text in attributes.items()}
    write = {
        "TableName": table,
        "Item": item,
        "ConditionExpression": "attribute_exists(#pk) OR attribute_not_exists(#pk)",
        "ExpressionAttributeNames": {"#pk": "pk"},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    token = f"token-{store.lengths[TOKENS]}"
    store.transact({"TransactItems": [{"Put": write}], "ClientRequestToken": token})


def test_a_row_that_changed_may_be_seen_as_it_was_and_one_that_did_not_may_not() -> None:
    store = Store()
    table = create_tables(cast("Any", store)).accounts
    put(store, table, pk="a", sk="old", listPk="list", listSk="1")
    store.mark()
    put(store, table, pk="a", sk="new", listPk="list", listSk="2")
    query = Call(
        QUERY,
        {
            "TableName": table,
            "IndexName": "listing",
            "KeyConditionExpression": "#listPk = :list",
            "ExpressionAttributeNames": {"#listPk": "listPk"},
            "ExpressionAttributeValues": {":list": {"S": "list"}},
            "Limit": 10,
        },
    )

    assert [row["sk"]["S"] for row in store.query(**query.request)["Items"]] == ["old", "new"]
    stale = [fate.name for fate in fates_of(store, query) if fate.pinned is not None]
    assert stale == ["stale-a/new-0", "lags-a/new-0"]
    store.pins = {(table, "listing"): {("a", "new"): None}}
    assert [row["sk"]["S"] for row in store.query(**query.request)["Items"]] == ["old"]


def test_a_rewound_store_is_as_it_was_at_the_mark() -> None:
    store = Store()
    table = create_tables(cast("Any", store)).accounts
    put(store, table, pk="a", sk="1", t="before")
    store.mark()
    digest = store.digest
    put(store, table, pk="a", sk="1", t="after")
    put(store, table, pk="a", sk="2", t="after")
    assert store.digest != digest

    store.rewind()

    assert store.digest == digest
    assert store.tables[table].rows["a"].keys() == {"1"}
