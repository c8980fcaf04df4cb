"""Requests as storage sends them: reading them, and refusing those that DynamoDB would refuse."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from botocore.exceptions import ClientError

from tests.prove.expressions import PLACEHOLDER, Clause, parse_condition
from tests.prove.tables import HASH, RANGE, Index, RowKey
from tests.prove.values import TypedItem, TypedValue

type Request = Mapping[str, Any]

_EXPRESSIONS = ("UpdateExpression", "ConditionExpression", "KeyConditionExpression")
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Write:
    """One write: `item` for a put, `update` for an update."""

    kind: str
    table: str
    key: RowKey
    key_item: TypedItem
    condition: str
    names: Mapping[str, str]
    values: Mapping[str, TypedValue] = field(default_factory=dict)
    item: TypedItem | None = None
    update: str = ""


def refusal(operation: str, code: str, message: str, **more: object) -> ClientError:
    """Make the error of botocore for an answer that refuses a request."""
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 400},
        **more,
    }
    return ClientError(response, operation)


def invalid(operation: str, message: str) -> ClientError:
    """Make the error for a request that can never succeed."""
    return refusal(operation, "ValidationException", message)


def row_key(key: TypedItem, operation: str, *, more: bool = False) -> RowKey:
    """Read a key; with `more` it may have the attributes of an index too."""
    texts = tuple(key.get(name, _NOTHING).get("S", "") for name in (HASH, RANGE))
    if not all(texts) or (len(key) != len(texts) and not more):
        raise invalid(operation, "The provided key element does not match the schema")
    return texts[0], texts[1]


def write_of(operation: str, item: Mapping[str, Request]) -> Write:
    """Read one write of a transaction, or an update, which is one."""
    [(kind, request)] = item.items()
    if request["ReturnValuesOnConditionCheckFailure"] != "ALL_OLD":
        raise NotImplementedError("a failed condition returns the item")
    put = request.get("Item")
    key = request["Key"] if put is None else {name: put.get(name, {}) for name in (HASH, RANGE)}
    return Write(
        kind=kind,
        table=request["TableName"],
        key=row_key(key, operation),
        key_item=key,
        condition=request["ConditionExpression"],
        names=request["ExpressionAttributeNames"],
        values=request.get("ExpressionAttributeValues", _NOTHING),
        item=put,
        update=request.get("UpdateExpression", ""),
    )


def check_placeholders(operation: str, request: Request) -> None:
    """Refuse placeholders that nothing defines, or that no expression uses."""
    used = frozenset[str]().union(*(_placeholders(request.get(name, "")) for name in _EXPRESSIONS))
    names = request.get("ExpressionAttributeNames", _NOTHING)
    values = request.get("ExpressionAttributeValues", _NOTHING)
    if used != names.keys() | values.keys():
        raise invalid(operation, "Placeholders are defined or used in vain")


@lru_cache(maxsize=10_000)
def _placeholders(expression: str) -> frozenset[str]:
    return frozenset(PLACEHOLDER.findall(expression))


def check_key_of_index(indexes: Iterable[Index], item: TypedItem) -> None:
    """Refuse an item whose attribute for an index is no text, as this system never writes it."""
    for index in indexes:
        for name in (index.hash_name, index.range_name):
            if name in item and not item[name].get("S"):
                raise NotImplementedError(f"{name} is the key of an index, and must be a text")


def key_range(index: Index, request: Request) -> tuple[str, Callable[[str], bool]]:
    """Read a key condition: the partition, and which sort keys are wanted."""
    [clauses] = parse_condition(request["KeyConditionExpression"]).alternatives
    names, values = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
    of_hash, *of_range = (clause for clause in clauses if isinstance(clause, Clause))
    if (names[of_hash.path[0]], of_hash.kind, len(of_range) > 1) != (index.hash_name, "=", False):
        raise NotImplementedError("a query names the partition first, then at most one range")
    partition: str = values[of_hash.values[0]]["S"]
    if not of_range:
        return partition, lambda _position: True
    [clause] = of_range
    _check_range(clause, index, request)

    def contains(position: str) -> bool:
        return clause.holds({index.range_name: {"S": position}}, names, values)

    return partition, contains


def _check_range(clause: Clause, index: Index, request: Request) -> None:
    values = request["ExpressionAttributeValues"]
    if request["ExpressionAttributeNames"][clause.path[0]] != index.range_name:
        raise NotImplementedError("the range of a query is of the sort key")
    if clause.kind == "BETWEEN":
        low, high = (values[name]["S"].encode() for name in clause.values)
        if high < low:
            raise invalid("Query", "The BETWEEN condition was provided with a range that is empty")
