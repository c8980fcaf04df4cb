"""What requests cost in DynamoDB's request units, by the rules that its developer guide documents.

Sizes ("DynamoDB item sizes and formats"): an item is the sum of its attributes, each the UTF-8
bytes of its name and its value; a string its UTF-8 bytes; null and boolean 1; a list or map 3, and
1 for each element or pair beside what they hold. A number is told as "approximately" 1 byte per two
significant digits and 1 more; measurements on the service found the digits before and behind the
point rounded up apart, and 1 more for a minus, which is what counts here: never less.

Writes ("Capacity unit consumption for write operations"): 1 unit per KB begun of the larger of the
item before and after; twice that in a transaction ("Capacity management for transactional
workloads"); as much when a condition fails ("Capacity units consumed by conditional writes"). A
transaction that is cancelled is counted in full here, which is an upper bound.

Indexes ("Provisioned throughput considerations for global secondary indexes"): 1 unit per KB begun
of the entry to put it, to delete it, or to change what is projected; both where its key changes;
none where nothing projected changes. A transaction does not double these.

Reads ("Capacity unit consumption for read operations"): 1 unit per 4 KB begun, of each item, or of
all items of a query together; half of that eventually consistent; never less than for one item.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.model import OperationModel

from tests.support.faithful import body_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

type TypedItem = Mapping[str, Any]

KB = 1024
TABLE_KEY = ("pk", "sk")
HALF = Decimal("0.5")


def item_size(item: TypedItem) -> int:
    """Count the bytes of an item, as DynamoDB does for what it costs."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(typed: Mapping[str, Any]) -> int:
    [(kind, value)] = typed.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        return _number_size(Decimal(value))
    if kind in {"BOOL", "NULL"}:
        return 1
    if kind == "M":
        return 3 + len(value) + item_size(value)
    if kind == "L":
        return 3 + len(value) + sum(map(_value_size, value))
    raise NotImplementedError(f"this system stores no value of type {kind}")


def _number_size(number: Decimal) -> int:
    whole, _, part = format(abs(number), "f").partition(".")
    whole, part = whole.lstrip("0"), part.rstrip("0")
    whole = whole if part else whole.rstrip("0")
    part = part if whole else part.lstrip("0")
    return 1 + -(-len(whole) // 2) + -(-len(part) // 2) + (number < 0)


@dataclass(frozen=True, slots=True)
class Charge:
    """What one request cost, in request units."""

    operation: str
    write: int
    read: Decimal


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index: the attributes of its key, and those it shows, None for all."""

    key: frozenset[str]
    shown: frozenset[str] | None

    def entry(self, item: TypedItem) -> TypedItem | None:
        """Give what the index shows of an item, None where the item is not in it."""
        if not self.key <= item.keys():
            return None
        return {k: v for k, v in item.items() if self.shown is None or k in self.shown}

    def units(self, before: TypedItem, after: TypedItem) -> int:
        """Tell what a change of an item costs in the index."""
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        if old is not None and new is not None and all(old[k] == new[k] for k in self.key):
            return max(_write_units(old), _write_units(new))
        return sum(_write_units(entry) for entry in (old, new) if entry is not None)


class Meter:
    """Sees every request of a client, and counts what it costs.

    Items are read before and after by another client, which costs nothing here.
    """

    def __init__(self, client: "DynamoDBClient", aside: "DynamoDBClient") -> None:
        """Begin to count."""
        self.charges: list[Charge] = []
        self._aside = aside
        self._indexes = {name: _indexes(aside, name) for name in aside.list_tables()["TableNames"]}
        # After everything that may answer in DynamoDB's place, and before anything that may lose
        # the answer: what is counted here took place.
        client.meta.events.register_last("before-call.dynamodb", self._before)
        client.meta.events.register_first("after-call.dynamodb", self._after)

    @property
    def write(self) -> int:
        """Tell the write units so far."""
        return sum(charge.write for charge in self.charges)

    @property
    def read(self) -> Decimal:
        """Tell the read units so far."""
        return sum((charge.read for charge in self.charges), Decimal(0))

    def restart(self) -> None:
        """Forget what was counted."""
        self.charges.clear()

    def _before(self, *, params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        body = body_of(params)
        writes = _writes(body)
        context["metered"] = (body, writes, self._items(writes))

    def _after(
        self,
        *,
        model: OperationModel,
        http_response: AWSResponse,
        parsed: Mapping[str, Any],
        context: dict[str, Any],
        **_: object,
    ) -> None:
        if "metered" not in context:
            return  # Somebody else answered; DynamoDB never heard of it.
        body, writes, before = context.pop("metered")
        after = self._items(writes)
        done = http_response.status_code == 200
        if not done and writes:
            after = [
                max(old, new, key=item_size) for old, new in zip(before, _wanted(body), strict=True)
            ]
        if body.get("Select") == "COUNT":
            # What is counted is read, though it is not answered.
            parsed = self._aside.query(**{k: v for k, v in body.items() if k != "Select"})
        factor = 2 if "TransactItems" in body else 1
        units = sum(
            factor * max(_write_units(old), _write_units(new))
            for old, new in zip(before, after, strict=True)
        )
        if done:
            units += sum(
                index.units(old, new)
                for (table, _key), old, new in zip(writes, before, after, strict=True)
                for index in self._indexes[table]
            )
        self.charges.append(Charge(model.name, units, _read_units(model.name, body, parsed)))

    def _items(self, writes: Sequence[tuple[str, TypedItem]]) -> list[TypedItem]:
        """Read the items that a request writes, empty ones for those that are not there."""
        wanted: dict[str, Any] = {}
        for table, key in writes:
            wanted.setdefault(table, {"Keys": [], "ConsistentRead": True})["Keys"].append(key)
        found: dict[tuple[str, str], TypedItem] = {}
        if wanted:
            answer = self._aside.batch_get_item(RequestItems=wanted)
            for table, items in answer["Responses"].items():
                found |= {(table, _key_text(item)): item for item in items}
        return [found.get((table, _key_text(key)), {}) for table, key in writes]


def _indexes(client: "DynamoDBClient", table: str) -> list[Index]:
    described = client.describe_table(TableName=table)["Table"]
    table_key = _key_names(described)
    return [
        Index(
            key=_key_names(index),
            shown=None
            if index["Projection"]["ProjectionType"] == "ALL"
            else _key_names(index) | table_key,
        )
        for index in described.get("GlobalSecondaryIndexes", [])
    ]


def _key_text(item: TypedItem) -> str:
    return str([item[name]["S"] for name in TABLE_KEY])


def _key_names(described: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(part["AttributeName"] for part in described["KeySchema"])


def _actions(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "TransactItems" in body:
        return [next(iter(item.values())) for item in body["TransactItems"]]
    return [body] if "Item" in body or "UpdateExpression" in body else []


def _writes(body: Mapping[str, Any]) -> list[tuple[str, TypedItem]]:
    return [
        (action["TableName"], action.get("Key") or {k: action["Item"][k] for k in TABLE_KEY})
        for action in _actions(body)
    ]


def _wanted(body: Mapping[str, Any]) -> Iterable[TypedItem]:
    """Give the items that a refused request wanted to put; an update's is not known."""
    return (action.get("Item", {}) for action in _actions(body))


def _write_units(item: TypedItem) -> int:
    return max(1, -(-item_size(item) // KB))


def _read_units(operation: str, body: Mapping[str, Any], parsed: Mapping[str, Any]) -> Decimal:
    if operation == "GetItem":
        return _blocks([parsed.get("Item", {})]) * _share(body)
    if operation == "Query":
        return _blocks(parsed.get("Items", [])) * _share(body)
    if operation == "BatchGetItem":
        [(table, request)] = body["RequestItems"].items()
        found = parsed["Responses"].get(table, [])
        missing = len(request["Keys"]) - len(found)
        return (missing + sum(_blocks([item]) for item in found)) * _share(request)
    return Decimal(0)


def _blocks(items: Iterable[TypedItem]) -> int:
    return max(1, -(-sum(map(item_size, items)) // (4 * KB)))


def _share(request: Mapping[str, Any]) -> Decimal:
    return Decimal(1) if request.get("ConsistentRead") else HALF
