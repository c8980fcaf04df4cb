"""DynamoDB in memory, as storage uses it: a quick and exact stand-in for the client of boto3.

It does what is documented of DynamoDB with the requests that storage sends, one request at a time,
and raises NotImplementedError for everything else. What DynamoDB leaves open, such as an index that
lags or a transaction in conflict, is decided by whoever calls: see `pins` and `conflicts`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.prove.expressions import PathError, holds, updated
from tests.prove.requests import (
    Write,
    check_key_of_index,
    check_placeholders,
    invalid,
    key_range,
    refusal,
    row_key,
    write_of,
)
from tests.prove.tables import HASH, RANGE, Index, Pins, RowKey, Table
from tests.prove.values import (
    NumberError,
    Row,
    TypedItem,
    in_one_form,
    row_of,
)
from tests.support.write_units import item_size

type Request = Mapping[str, Any]
type Response = dict[str, Any]

# By table and index, None for the table itself.
type AllPins = Mapping[tuple[str, str | None], Pins]

PAGE_BYTES_MAX = 1024 * 1024
WRITES_MAX = 100
KEYS_MAX = 100

NO_PINS: Pins = {}
TOKENS = "client tokens"
_NOT_THERE: TypedItem = {}


@dataclass(slots=True)
class Store:
    """The tables, one of which keeps the transactions that were done by their client tokens.

    `pins` tells for a table and an index (None: the table itself, read without consistency) which
    rows are seen as they were before. `begun` tells how long each table's log was at the mark that
    `rewind` goes back to, and `new_since` from where on an index may still show rows as they were.
    """

    tables: dict[str, Table] = field(default_factory=lambda: {TOKENS: Table(TOKENS, {})})
    pins: AllPins = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    new_since: dict[str, int] = field(default_factory=dict)

    def create_table(self, **request: object) -> None:
        """Make a table with a partition key `pk` and a sort key `sk`."""
        asked: Request = request
        indexes: dict[str | None, Index] = {None: Index(None, HASH, RANGE, shows_all=True)}
        for index in asked.get("GlobalSecondaryIndexes", ()):
            hash_name, range_name = (part["AttributeName"] for part in index["KeySchema"])
            shows_all = index["Projection"]["ProjectionType"] == "ALL"
            name = index["IndexName"]
            indexes[name] = Index(name, hash_name, range_name, shows_all)
        self.tables[asked["TableName"]] = Table(asked["TableName"], indexes)

    def get_waiter(self, _name: str) -> "Store":
        """Give what waits until a table can be used, which is at once."""
        return self

    def wait(self, **_request: object) -> None:
        """Wait for nothing."""

    @property
    def digest(self) -> int:
        """Tell different contents apart, whatever led there, within a process."""
        return hash(tuple([t.digest for t in self.tables.values() if t.name != TOKENS]))

    @property
    def digest_of_all(self) -> int:
        """Tell apart everything that an answer may depend on."""
        parts = [(table.digest, table.digest_of_past) for table in self.tables.values()]
        return hash((tuple(parts), self.digest_of_pins))

    @property
    def digest_of_pins(self) -> int:
        """Tell different pins apart."""
        if not self.pins:
            return 0
        return hash(
            frozenset(
                (place, key, 0 if row is None else row.digest)
                for place, pins in self.pins.items()
                for key, row in pins.items()
            )
        )

    @property
    def lengths(self) -> dict[str, int]:
        """Tell how much has changed so far, for `undo_to`."""
        return {name: len(table.log) for name, table in self.tables.items()}

    def undo_to(self, lengths: Mapping[str, int]) -> None:
        """Go back to when so much had changed, as if nothing had happened since."""
        for name, length in lengths.items():
            self.tables[name].undo_to(length)

    def mark(self) -> None:
        """Let what comes begin here."""
        self.begun = self.lengths
        self.new_since = self.new_since or self.begun

    def mark_as_new(self) -> None:
        """Let what comes be so new that an index may not show it at the mark yet."""
        self.new_since = self.lengths

    def rewind(self) -> None:
        """Go back to the mark."""
        self.undo_to(self.begun)
        self.pins = {}

    def get_item(self, **request: object) -> Response:
        """Read one item."""
        asked: Request = request
        table = self.tables[asked["TableName"]]
        key = row_key(asked["Key"], "GetItem")
        pins = NO_PINS if asked.get("ConsistentRead") else self.pins_of(table.name, None)
        row = pins[key] if key in pins else table.row(key)
        return {} if row is None else {"Item": row.item}

    def batch_get_item(self, **request: object) -> Response:
        """Read some items of one table, consistently."""
        asked: Request = request
        [(name, wanted)] = asked["RequestItems"].items()
        keys = [row_key(key, "BatchGetItem") for key in wanted["Keys"]]
        if not wanted["ConsistentRead"]:
            raise NotImplementedError("batches are read consistently")
        if not 0 < len(keys) <= KEYS_MAX or len(set(keys)) < len(keys):
            raise invalid("BatchGetItem", "Keys must be 1 to 100 different ones")
        rows = [self.tables[name].row(key) for key in keys]
        items = [row.item for row in rows if row is not None]
        return {"Responses": {name: items}, "UnprocessedKeys": {}}

    def query(self, **asked: object) -> Response:
        """Read one page of a partition of a table or an index."""
        request: Request = asked
        table = self.tables[request["TableName"]]
        index = table.indexes[request.get("IndexName")]
        check_placeholders("Query", request)
        partition, contains = key_range(index, request)
        consistent = index.name is None and request.get("ConsistentRead", False)
        pins = NO_PINS if consistent else self.pins_of(table.name, index.name)
        entries = [
            (position, key, row)
            for position, key, row in table.entries(index, partition, pins)
            if contains(position)
        ]
        if not request.get("ScanIndexForward", True):
            entries.reverse()
        if "ExclusiveStartKey" in request:
            entries = _behind(entries, index, request)
        return _page(entries, index, request["Limit"])

    def update_item(self, **asked: object) -> Response:
        """Change one item under a condition, and return it as it is then."""
        request: Request = asked
        if request["ReturnValues"] != "ALL_NEW":
            raise NotImplementedError("an update returns all that is new")
        check_placeholders("UpdateItem", request)
        write = write_of("UpdateItem", {"Update": request})
        row = self._row(write)
        if not self._passes(write, row):
            item = {} if row is None else {"Item": row.item}
            code = "ConditionalCheckFailedException"
            raise refusal("UpdateItem", code, "The conditional request failed", **item)
        after = self._after("UpdateItem", write, row)
        self.tables[write.table].put(write.key, after)
        return {"Attributes": after.item}

    def transact_write_items(self, **request: object) -> Response:
        """Carry out all writes or none, once per client token."""
        return self.transact(request)

    def transact(self, request: Request, conflicts: Iterable[int] = ()) -> Response:
        """Carry out a transaction; at the positions in `conflicts` another one is in the way."""
        token = (TOKENS, request["ClientRequestToken"])
        done = self.tables[TOKENS].row(token)
        if done is not None:
            if done.item != request:
                code = "IdempotentParameterMismatchException"
                raise refusal("TransactWriteItems", code, "Same token, other request")
            return {}
        writes = _writes(request)
        planned = [self._planned(write) for write in writes]
        reasons = [reason for _, reason in planned]
        for position in conflicts:
            reasons[position] = {"Code": "TransactionConflict", "Message": "Transaction is ongoing"}
        if any(reason["Code"] != "None" for reason in reasons):
            code = "TransactionCanceledException"
            raise refusal("TransactWriteItems", code, str(reasons), CancellationReasons=reasons)
        for write, (after, _) in zip(writes, planned, strict=True):
            if write.kind != "ConditionCheck":
                self.tables[write.table].put(write.key, after)
        self.tables[TOKENS].put(token, Row(request, hash(token), 0))
        return {}

    def _planned(self, write: Write) -> tuple[Row | None, dict[str, Any]]:
        """Work out one write of a transaction: the row after it, or why it cannot be."""
        row = self._row(write)
        if not self._passes(write, row):
            item = {} if row is None else {"Item": row.item}
            message = "The conditional request failed"
            return None, {"Code": "ConditionalCheckFailed", "Message": message, **item}
        if write.kind in {"ConditionCheck", "Delete"}:
            return None, {"Code": "None"}
        return self._after("TransactWriteItems", write, row), {"Code": "None"}

    def _after(self, operation: str, write: Write, before: Row | None) -> Row:
        """Give the row that a put or an update leaves, or refuse the request."""
        try:
            if write.item is not None:
                after = in_one_form(write.item)
            else:
                item = write.key_item if before is None else before.item
                after = in_one_form(updated(write.update, item, write.names, write.values))
        except (PathError, NumberError) as error:
            raise invalid(operation, str(error)) from error
        check_key_of_index(self.tables[write.table].indexes.values(), after)
        row = row_of(after)
        if row.is_too_large:
            raise invalid(operation, "Item size has exceeded the maximum allowed size")
        return row

    def _row(self, write: Write) -> Row | None:
        return self.tables[write.table].row(write.key)

    def _passes(self, write: Write, row: Row | None) -> bool:
        item = _NOT_THERE if row is None else row.item
        return holds(write.condition, item, write.names, write.values)

    def pins_of(self, table: str, index: str | None) -> Pins:
        """Give the rows that an index, or the table itself, shows as they were."""
        return self.pins.get((table, index), NO_PINS)


def _writes(request: Request) -> list[Write]:
    writes = [write_of("TransactWriteItems", item) for item in request["TransactItems"]]
    for item in request["TransactItems"]:
        check_placeholders("TransactWriteItems", next(iter(item.values())))
    if not 0 < len(writes) <= WRITES_MAX:
        raise invalid("TransactWriteItems", "A transaction takes 1 to 100 writes")
    if len({(write.table, write.key) for write in writes}) < len(writes):
        raise invalid("TransactWriteItems", "A transaction cannot write one item twice")
    return writes


def _behind(
    entries: list[tuple[str, RowKey, Row]], index: Index, request: Request
) -> list[tuple[str, RowKey, Row]]:
    """Leave out what stands up to the key that a page before this one ended with."""
    start = request["ExclusiveStartKey"]
    last = (start[index.range_name]["S"].encode(), row_key(start, "Query", more=True))
    forward = request.get("ScanIndexForward", True)
    return [
        entry
        for entry in entries
        if (
            (entry[0].encode(), entry[1]) > last
            if forward
            else (entry[0].encode(), entry[1]) < last
        )
    ]


def _page(entries: Sequence[tuple[str, RowKey, Row]], index: Index, limit: int) -> Response:
    """Cut a page at its limit, and at 1 MB."""
    items: list[TypedItem] = []
    fits = sum(row.bytes_max for _, _, row in entries[:limit]) <= PAGE_BYTES_MAX
    size = 0
    last: Row | None = None
    for _, _, row in entries:
        shown = index.shown(row)
        if shown is None:
            raise AssertionError("an entry of an index is shown by it")
        items.append(shown)
        size += 0 if fits else item_size(shown)
        if len(items) == limit or size > PAGE_BYTES_MAX:
            last = row
            break
    response: Response = {"Items": items, "Count": len(items), "ScannedCount": len(items)}
    if last is not None:
        names = {HASH, RANGE, index.hash_name, index.range_name}
        response["LastEvaluatedKey"] = {name: last.item[name] for name in sorted(names)}
    return response
