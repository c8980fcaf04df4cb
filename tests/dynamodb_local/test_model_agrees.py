"""The model of DynamoDB that the proof explores answers as DynamoDB Local does."""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.domain.money import EXACT
from billing.storage.stores import Tables
from tests.prove.expressions import PLACEHOLDER
from tests.prove.store import Store
from tests.support.local_books import local_client
from tests.support.tables import create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

type Operation = tuple[str, dict[str, Any]]


class Both:
    """The model and DynamoDB Local, each with the three tables."""

    def __init__(self, store: Store, client: "DynamoDBClient", tables: Tables) -> None:
        """Hold both; no dataclass, because Hypothesis would print every row of it."""
        self.store, self.client, self.tables = store, client, tables


_names = itertools.count(1)
_tokens = itertools.count(1)

PARTITIONS = st.sampled_from(["a", "b"])
SORTS = st.sampled_from(["1", "2", "20", "é"])
TEXTS = st.sampled_from(["x", "x1", "y", "é"])
NUMBERS = st.sampled_from(["0", "1", "-1", "2.50", "1E+3", "1E-18", "9" * 38, "0.1", "1E-130"])
INDEX_ATTRIBUTES = ("dirtyPk", "dirtySk", "outstandingPk", "outstandingSk", "listPk", "listSk")


# For the session: a worker may come back to this module, and finds its tables there already.
@pytest.fixture(scope="session")
def both(dynamodb_local_url: str) -> Both:
    """Give the model and DynamoDB Local, each with the three tables."""
    store, client = Store(), local_client(dynamodb_local_url)
    tables = create_tables(cast("DynamoDBClient", store), suffix="-model")
    create_tables(client, suffix="-model")
    return Both(store, client, tables)


def typed() -> st.SearchStrategy[dict[str, Any]]:
    """Draw a value of a kind that this system stores."""
    return st.one_of(
        TEXTS.map(lambda text: {"S": text}),
        NUMBERS.map(lambda number: {"N": number}),
        st.dictionaries(TEXTS, NUMBERS.map(lambda n: {"N": n}), max_size=2).map(
            lambda pairs: {"M": pairs}
        ),
        st.lists(NUMBERS.map(lambda n: {"N": n}), max_size=2).map(lambda each: {"L": each}),
        st.booleans().map(lambda truth: {"BOOL": truth}),
    )


def keys() -> st.SearchStrategy[dict[str, Any]]:
    """Draw the key of a row."""
    return st.builds(lambda pk, sk: {"pk": {"S": pk}, "sk": {"S": sk}}, PARTITIONS, SORTS)


def items() -> st.SearchStrategy[dict[str, Any]]:
    """Draw an item, in some of the indexes."""
    plain = st.dictionaries(st.sampled_from(["n", "m", "t"]), typed(), max_size=3)
    indexed = st.dictionaries(
        st.sampled_from(INDEX_ATTRIBUTES), PARTITIONS.map(lambda text: {"S": text})
    )
    return st.builds(
        lambda key, one, two: {**one, **{k: in_index(k, v, key) for k, v in two.items()}, **key},
        keys(),
        plain,
        indexed,
    )


def in_index(name: str, value: dict[str, str], key: dict[str, Any]) -> dict[str, str]:
    """Let no two rows stand at one place of an index: DynamoDB does not say which comes first."""
    return {"S": f"{key['sk']['S']}{key['pk']['S']}"} if name.endswith("Sk") else value


CONDITIONS = st.one_of(
    st.sampled_from(
        [
            "attribute_not_exists(#pk)",
            "attribute_exists(#pk)",
            "attribute_exists(#pk) AND attribute_not_exists(#n)",
            "attribute_not_exists(#pk) OR #n <= :n OR #t = :t",
            "#n = :n AND size(#m) = :size",
            "attribute_exists(#pk) AND #n = :n AND size(#m) <= :size",
            "size(#t) > :size",
            "#t IN (:t, :n)",
            "#n < :n",
            "#t < :n",
            "attribute_not_exists(#n) OR #n < :n",
            "attribute_exists(#pk) AND (#n = :n OR attribute_not_exists(#n))",
            "(#n < :n OR #t = :t) AND (size(#m) > :size OR attribute_exists(#m) AND #t = :t)",
            "attribute_exists(#pk) OR attribute_not_exists(#pk)",
        ]
    )
)
UPDATES = st.sampled_from(
    [
        "SET #n = if_not_exists(#n, :n) + :one",
        "SET #n = #n + :one, #t = :t",
        "SET #m.#line = if_not_exists(#m.#line, :n) + :one",
        "SET #t = :t, #m.#line=if_not_exists(#m.#line,:n)+:one",
        "SET #m = :map, #t = #n, #n = #n + :one REMOVE #dirtyPk, #dirtySk",
        "SET #dirtyPk = :t, #dirtySk = :place",
        "REMOVE #n, #t",
        "SET #t = #m",
        "SET #m = list_append(#m, :list), #n = :n",
        "SET #t = list_append(#m, :list) REMOVE #m",
    ]
)


def request(update: str, condition: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Put the placeholders that expressions use to a request."""
    placeholders = set(PLACEHOLDER.findall(f"{update} {condition}"))
    used = {name: value for name, value in values.items() if name in placeholders}
    return {
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {w: w[1:] for w in placeholders if w.startswith("#")},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        **({"UpdateExpression": update} if update else {}),
        **({"ExpressionAttributeValues": used} if used else {}),
    }


def values() -> st.SearchStrategy[dict[str, Any]]:
    """Draw what the placeholders of values stand for."""
    return st.fixed_dictionaries(
        {
            ":n": NUMBERS.map(lambda number: {"N": number}),
            ":one": NUMBERS.map(lambda number: {"N": number}),
            ":t": TEXTS.map(lambda text: {"S": text}),
            ":size": st.sampled_from(["0", "1", "2"]).map(lambda number: {"N": number}),
            ":map": st.just({"M": {}}),
            ":list": NUMBERS.map(lambda number: {"L": [{"N": number}]}),
        }
    )


def puts() -> st.SearchStrategy[Operation]:
    """Draw a put of a transaction."""
    return st.builds(
        lambda item, condition, given: ("Put", {"Item": item, **request("", condition, given)}),
        items(),
        CONDITIONS,
        values(),
    )


def of_key(kind: str) -> st.SearchStrategy[Operation]:
    """Draw a check or a delete of a transaction."""
    return st.builds(
        lambda key, condition, given: (kind, {"Key": key, **request("", condition, given)}),
        keys(),
        CONDITIONS,
        values(),
    )


def updates() -> st.SearchStrategy[Operation]:
    """Draw an update, of a transaction or alone."""
    return st.builds(
        lambda key, update, condition, given: (
            "Update",
            {
                "Key": key,
                **request(update, condition, {**given, ":place": in_index("Sk", {}, key)}),
            },
        ),
        keys(),
        UPDATES,
        CONDITIONS,
        values(),
    )


def key_of(write: Operation) -> tuple[str, str]:
    """Tell which row a write is about."""
    key = write[1].get("Item") or write[1]["Key"]
    return key["pk"]["S"], key["sk"]["S"]


WRITES = st.one_of(puts(), updates(), of_key("Delete"), of_key("ConditionCheck"))
STEPS = st.one_of(
    st.lists(WRITES, min_size=1, max_size=4, unique_by=key_of).map(
        lambda writes: ("transact", writes)
    ),
    updates().map(lambda write: ("update", write[1])),
)


RANGES = (
    "#hash = :hash",
    "#hash = :hash AND #range < :low",
    "#hash = :hash AND #range > :low",
    "#hash = :hash AND begins_with(#range, :low)",
    "#hash = :hash AND #range BETWEEN :low AND :high",
)
INDEXES = (
    (None, ("pk", "sk")),
    ("dirty", ("dirtyPk", "dirtySk")),
    ("listing", ("listPk", "listSk")),
)
QUERIES = st.tuples(
    st.sampled_from(INDEXES), st.sampled_from(RANGES), st.sampled_from([1, 2, 10]), st.booleans()
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(STEPS, min_size=1, max_size=12),
    queries=st.lists(QUERIES, min_size=4, max_size=4),
)
def test_writes_are_judged_and_done_and_read_alike(
    both: Both, steps: list[tuple[str, Any]], queries: list[tuple[Any, ...]]
) -> None:
    store, client, tables = both.store, both.client, both.tables
    empty(both)
    for kind, content in steps:
        if kind == "update":
            update = {"TableName": tables.accounts, "ReturnValues": "ALL_NEW", **content}
            assert_alike(both, "update_item", update)
        else:
            writes = [{name: {"TableName": tables.accounts, **w}} for name, w in content]
            token = f"token-{next(_tokens)}"
            transaction = {"TransactItems": writes, "ClientRequestToken": token}
            assert_alike(both, "transact_write_items", transaction)
            assert_alike(both, "transact_write_items", transaction)
    assert all_rows(store, tables) == all_rows(client, tables)
    read_alike(both, queries)


def read_alike(both: Both, queries: Sequence[tuple[Any, ...]]) -> None:
    """Read rows one by one and together, and partitions page by page."""
    for pk, sk in itertools.product("ab", ("1", "20")):
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        assert_alike(
            both,
            "get_item",
            {"TableName": both.tables.accounts, "Key": key, "ConsistentRead": True},
        )
    wanted = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in itertools.product("ab", "12")]
    batch = {"RequestItems": {both.tables.accounts: {"Keys": wanted, "ConsistentRead": True}}}
    assert_alike(both, "batch_get_item", batch)
    for (index, names), condition, limit, forward in queries:
        query = ranged(both, index, condition, names)
        pages(both, {**query, "Limit": limit, "ScanIndexForward": forward})


def ranged(both: Both, index: str | None, condition: str, names: tuple[str, str]) -> dict[str, Any]:
    """Give a query of one range of one partition."""
    given = {":hash": {"S": "a"}, ":low": {"S": "2"}, ":high": {"S": "a"}}
    aliases = {"#hash": names[0], "#range": names[1]}
    return {
        "TableName": both.tables.accounts,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": {k: v for k, v in aliases.items() if k in condition},
        "ExpressionAttributeValues": {k: v for k, v in given.items() if k in condition},
        **({"ConsistentRead": True} if index is None else {"IndexName": index}),
    }


def pages(both: Both, query: dict[str, Any]) -> None:
    """Read page by page to the end.

    Where a page ends at the very bound of its range, DynamoDB Local knows that nothing follows, and
    names no key to go on after; the model does, and then has an empty page.
    """
    while True:
        of_model, of_local = (
            cast("dict[str, Any]", outcome(each, "query", query))
            for each in (both.store, both.client)
        )
        last = of_local.pop("LastEvaluatedKey", None)
        of_models_last = of_model.pop("LastEvaluatedKey", None)
        assert of_model == of_local, query
        if last is None:
            if of_models_last is not None:
                rest = both.store.query(**{**query, "ExclusiveStartKey": of_models_last})
                assert rest["Items"] == []
            return
        assert of_models_last == last, query
        query = {**query, "ExclusiveStartKey": last}


def test_pages_are_cut_alike_at_one_megabyte(both: Both) -> None:
    """On an index of whole items: where there are keys only, DynamoDB Local counts whole items all
    the same, and cuts earlier than DynamoDB is said to.
    """
    table = both.tables.usage
    for number in range(13):
        item = {
            "pk": {"S": "a"},
            "sk": {"S": f"{number:02d}"},
            "t": {"S": "x" * (64 * 1024 + 4096 * number)},
            "tabKey": {"S": "a"},
            "recordedAtEvent": {"S": f"{number % 3}-{number:02d}"},
        }
        put = {"TableName": table, "Item": item}
        write = {"Put": {**put, **request("", "attribute_not_exists(#pk)", {})}}
        token = f"token-{next(_tokens)}"
        done = {"TransactItems": [write], "ClientRequestToken": token}
        assert_alike(both, "transact_write_items", done)
    for index, names in ((None, ("pk", "sk")), ("by-time", ("tabKey", "recordedAtEvent"))):
        for forward in (True, False):
            query = {**ranged(both, index, "#hash = :hash", names), "TableName": table}
            pages(both, {**query, "Limit": 100, "ScanIndexForward": forward})


@pytest.mark.parametrize("excess", [0, 1], ids=["largest", "too-large"])
def test_an_item_may_have_400_kb_and_no_more(both: Both, excess: int) -> None:
    empty(both)
    item = {"pk": {"S": "a"}, "sk": {"S": "1"}, "t": {"S": "x" * (400 * 1024 - 7 + excess)}}
    put = {"TableName": both.tables.accounts, "Item": item}
    write = {"Put": {**put, **request("", "attribute_not_exists(#pk)", {})}}
    token = f"token-{next(_tokens)}"
    answer = assert_alike(
        both, "transact_write_items", {"TransactItems": [write], "ClientRequestToken": token}
    )
    assert isinstance(answer, dict) == (excess == 0)


def assert_alike(both: Both, operation: str, content: dict[str, Any]) -> object:
    """Send a request to both; what they answer must be the same."""
    of_model, of_local = (outcome(each, operation, content) for each in (both.store, both.client))
    assert of_model == of_local, (operation, content)
    return of_model


def outcome(client: object, operation: str, content: dict[str, Any]) -> object:
    """Send a request and give what matters of the answer, with numbers in one form."""
    try:
        answer = getattr(client, operation)(**content)
    except ClientError as error:
        reasons: Any = error.response.get("CancellationReasons", [])
        told = [(reason["Code"], plain(reason.get("Item") or {})) for reason in reasons]
        item: Any = error.response.get("Item", {})
        return error.response["Error"]["Code"], told, plain(item)
    answer.pop("ResponseMetadata", None)
    if operation == "batch_get_item":
        [found] = answer["Responses"].values()
        return sorted(json.dumps(plain(item), sort_keys=True) for item in found)
    return plain(answer)


def plain(value: object) -> Any:  # noqa: ANN401 - as deep as items are
    """Write every number of an answer in one form."""
    if isinstance(value, dict):
        if value.keys() == {"N"}:
            return {"N": str(Decimal(value["N"]).normalize(EXACT))}
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def empty(both: Both) -> None:
    """Remove every row from both."""
    store, client, tables = both.store, both.client, both.tables
    for table in store.tables.values():
        table.undo_to(0)
    for row in all_rows(client, tables):
        key = {"pk": {"S": row[0]}, "sk": {"S": row[1]}}
        client.delete_item(TableName=tables.accounts, Key=cast("Any", key))


def all_rows(client: object, tables: Tables) -> dict[tuple[str, str], Any]:
    """Read the whole table of accounts."""
    return {(item["pk"]["S"], item["sk"]["S"]): plain(item) for item in _items(client, tables)}


def _items(client: object, tables: Tables) -> Iterator[Mapping[str, Any]]:
    if isinstance(client, Store):
        for part in client.tables[tables.accounts].rows.values():
            yield from (row.item for row in part.values())
        return
    pages = cast("DynamoDBClient", client).get_paginator("scan").paginate(TableName=tables.accounts)
    for page in pages:
        yield from page["Items"]
