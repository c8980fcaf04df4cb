"""What may happen to a call: it is done, or refused, or its answer is lost, or the process dies.

A read that is not consistent may also see rows as they were before the schedule changed them: for
once, or from then on until the index has caught up, which is when the schedule is over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ReadTimeoutError

from tests.prove.requests import key_range, refusal
from tests.prove.store import NO_PINS, TOKENS, AllPins, Store
from tests.prove.tables import Index, RowKey, Table
from tests.prove.values import Row

GET, BATCH, QUERY = "GetItem", "BatchGetItem", "Query"
UPDATE, TRANSACT, START = "UpdateItem", "TransactWriteItems", "StartExecution"
# What Step Functions does by itself when a step has answered it.
GO_ON = "GoOn"
WRITES = frozenset({UPDATE, TRANSACT, START})


@dataclass(frozen=True, slots=True)
class Call:
    """A call on its way; of a batch of keys, each is a call of its own, as nothing ties them."""

    operation: str
    request: Mapping[str, Any]

    def __str__(self) -> str:
        """Tell in a few words what the call is about."""
        return f"{self.operation} {_subject(self.operation, self.request)}"


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to a call.

    `passes` tells that DynamoDB asks to make the same call again, `seconds` how long the answer
    takes; all others take no time.
    """

    name: str
    takes_effect: bool = True
    kills: bool = False
    passes: bool = False
    left_out: bool = False
    conflict_at: int | None = None
    pinned: tuple[RowKey, int] | None = None
    stays: bool = False
    lost: bool = False
    refused: str = ""
    seconds: float = 0.0

    def raise_error(self, call: Call) -> None:
        """Raise what the caller gets to see instead of an answer, if anything."""
        if self.lost:
            raise ReadTimeoutError(endpoint_url="https://dynamodb.test")
        if self.refused:
            raise refusal(call.operation, self.refused, "Not this time")


DONE = Fate("done")
THROTTLED = Fate(
    "throttled",
    takes_effect=False,
    passes=True,
    refused="ProvisionedThroughputExceededException",
)
TIMED_OUT = Fate("timed-out", takes_effect=False, passes=True, lost=True)
CONFLICT = Fate("conflict", takes_effect=False, passes=True, refused="TransactionConflictException")
LOST = Fate("lost", lost=True)
DIED = Fate("died", takes_effect=False, kills=True)
DIED_AFTER = Fate("died-after", kills=True)
SLOW = Fate("slow", seconds=5.0)
LEFT_OUT = Fate("left-out", left_out=True)


def fates_of(store: Store, call: Call) -> Iterator[Fate]:
    """List all that may happen to a call, beside being done."""
    yield DIED
    if call.operation in WRITES:
        yield DIED_AFTER
        yield LOST
    if call.operation == UPDATE:
        yield CONFLICT
    yield THROTTLED
    yield TIMED_OUT
    yield SLOW
    yield from _that_differ(store, call)


def telling_fates_of(store: Store, call: Call) -> Iterator[Fate]:
    """List what leads to places that being done, or done later, does not.

    To die before a call is to have died after the write before it. A call that is only made again
    came later, no more; so did a transaction whose answer was lost, because of its token.
    """
    if call.operation in WRITES:
        yield DIED_AFTER
    if call.operation in {UPDATE, START}:
        yield LOST
    yield from _that_differ(store, call)


def _that_differ(store: Store, call: Call) -> Iterator[Fate]:
    if call.operation == TRANSACT:
        last = len(call.request["TransactItems"]) - 1
        for position in sorted({0, last}):
            yield Fate(f"conflict-{position}", conflict_at=position, passes=True)
    if call.operation == BATCH:
        yield LEFT_OUT
    if call.operation in {QUERY, GET}:
        yield from _stale(store, call)


def _stale(store: Store, call: Call) -> Iterator[Fate]:
    """List the rows that a read may see as they were, and how many versions ago."""
    name = call.request.get("IndexName")
    if name is None and call.request.get("ConsistentRead"):
        return
    table = store.tables[call.request["TableName"]]
    index = table.indexes[name]
    since = store.new_since[table.name]
    for key in dict.fromkeys(change.key for change in table.log[since:]):
        for age, row in enumerate(differing(table, index, key, since)):
            if not _concerns(call, index, key, (row, table.row(key))):
                continue
            yield Fate(f"stale-{key[0]}/{key[1]}-{age}", pinned=(key, age))
            yield Fate(f"lags-{key[0]}/{key[1]}-{age}", pinned=(key, age), stays=True)


def _concerns(call: Call, index: Index, key: RowKey, versions: Sequence[Row | None]) -> bool:
    """Tell whether a row, in one of two versions, may be what is read at all."""
    wanted = call.request.get("Key")
    if wanted is not None:
        return (wanted["pk"]["S"], wanted["sk"]["S"]) == key
    partition, _ = key_range(index, call.request)
    return any(
        row is not None and row.item.get(index.hash_name, {}).get("S") == partition
        for row in versions
    )


def pinned_by(store: Store, call: Call, fate: Fate) -> AllPins:
    """Give what the reads of a place show as it was, once a fate has made them."""
    if fate.pinned is None:
        raise AssertionError("a stale read is stale in some row")
    table = store.tables[call.request["TableName"]]
    index = table.indexes[call.request.get("IndexName")]
    key, age = fate.pinned
    row = differing(table, index, key, store.new_since[table.name])[age]
    before = store.pins_of(table.name, index.name)
    return {**store.pins, (table.name, index.name): {**before, key: row}}


def standing_of(store: Store, call: Call) -> object:
    """Tell apart what a call may meet: the rows that it is about, as it would see them now."""
    request = call.request
    if call.operation == TRANSACT:
        writes = [next(iter(item.values())) for item in request["TransactItems"]]
        token = store.tables[TOKENS].row((TOKENS, request["ClientRequestToken"]))
        return (token is None, *(_digest(store, write, consistent=True) for write in writes))
    if call.operation == QUERY:
        table = store.tables[request["TableName"]]
        index = table.indexes[request.get("IndexName")]
        consistent = index.name is None and request.get("ConsistentRead", False)
        pins = NO_PINS if consistent else store.pins_of(table.name, index.name)
        partition, _ = key_range(index, request)
        return tuple([(k, row.digest) for _, k, row in table.entries(index, partition, pins)])
    consistent = call.operation != GET or request.get("ConsistentRead", False)
    return _digest(store, request, consistent=consistent)


def _digest(store: Store, request: Mapping[str, Any], *, consistent: bool) -> int:
    table = store.tables[request["TableName"]]
    key = request.get("Key") or request["Item"]
    place = (key["pk"]["S"], key["sk"]["S"])
    pins = NO_PINS if consistent else store.pins_of(table.name, None)
    row = pins[place] if place in pins else table.row(place)
    return 0 if row is None else row.digest


def differing(table: Table, index: Index, key: RowKey, since: int) -> list[Row | None]:
    """List the earlier versions of a row that look different in an index."""
    now = index.shown(table.row(key))
    return [row for row in table.versions(key, since) if index.shown(row) != now]


def _subject(operation: str, request: Mapping[str, Any]) -> str:
    if operation == TRANSACT:
        writes = [next(iter(item.items())) for item in request["TransactItems"]]
        return ", ".join(f"{kind} {_place(write)}" for kind, write in writes)
    if operation == QUERY:
        values = request["ExpressionAttributeValues"].values()
        index = request.get("IndexName", request["TableName"])
        return f"{index} {' '.join(value['S'] for value in values)}"
    if operation == START:
        return str(request["start"])
    return _place(request)


def _place(request: Mapping[str, Any]) -> str:
    key = request.get("Key") or request["Item"]
    return f"{key['pk']['S']}/{key['sk']['S']}"
