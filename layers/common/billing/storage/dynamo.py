"""A thin gateway to DynamoDB: typed items, aliased names, and retries inside a deadline.

Faults that pass by themselves (throttling, conflicts, time-outs) are retried here with full jitter
for as long as the invocation has time, then become `UnavailableError`. Failed conditions are data:
`ConditionFailedError` and `TransactionCancelledError` carry the items that failed them.
"""

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotocoreConnectionError

from billing.domain.deadline import Deadline
from billing.domain.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

type Item = dict[str, Any]
type Key = dict[str, str]

BACKOFF_BASE_SECONDS = 0.025
BACKOFF_CAP_SECONDS = 1.0

# DynamoDB's own limits on one request.
TRANSACTION_WRITES_MAX = 100
BATCH_GET_KEYS_MAX = 100

# Codes for which DynamoDB documents that the same request may succeed later.
_PASSING_CODES = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_PASSING_REASONS = frozenset(
    {"None", "ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"}
)

_ALIAS = re.compile(r"#([A-Za-z]+)\b")
_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


class ConditionFailedError(Exception):
    """A single write met an item that failed its condition; `item` is None where there is none."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("The condition of a write failed")
        self.item = item


@dataclass(frozen=True, slots=True)
class Put:
    """One put of a transaction, under a condition."""

    table: str
    item: Item
    condition: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    """One update; `names` are the aliases that are not simply the word behind the `#`."""

    table: str
    key: Key
    expression: str
    condition: str
    values: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a transaction on an item that it does not change."""

    table: str
    key: Key
    condition: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delete:
    """One delete of a transaction, under a condition."""

    table: str
    key: Key
    condition: str
    values: Mapping[str, Any] = field(default_factory=dict)


type Write = Put | Update | Check | Delete


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one write of a cancelled transaction failed its condition: the item as it stands."""

    item: Item | None


class TransactionCancelledError(Exception):
    """A transaction changed nothing: conditions failed, or another transaction was in the way."""

    def __init__(self, writes: Sequence[Write], reasons: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(f"Transaction cancelled: {[reason.get('Code') for reason in reasons]}")
        self._writes = writes
        self._reasons = reasons

    def failure_of(self, write: Write) -> Failure | None:
        """Tell how a write failed its condition, or None where it did not."""
        for candidate, reason in zip(self._writes, self._reasons, strict=True):
            if candidate is write:
                return _failure(reason)
        raise ValueError("the write is not part of this transaction")

    def left_unjudged(self, write: Write) -> bool:
        """Tell whether a write was never judged, its item being held or throttled."""
        return any(
            candidate is write and reason.get("Code") not in {"None", "ConditionalCheckFailed"}
            for candidate, reason in zip(self._writes, self._reasons, strict=True)
        )

    def met_conflict_on(self, write: Write) -> bool:
        """Tell whether another transaction held the item of this write."""
        return any(
            candidate is write and reason.get("Code") == "TransactionConflict"
            for candidate, reason in zip(self._writes, self._reasons, strict=True)
        )


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Some items in order, and the key to go on after, None at the end."""

    items: list[Item]
    last_key: Key | None


@dataclass(frozen=True, slots=True)
class Backoff:
    """Full jitter: wait anything up to a bound that doubles with each try."""

    sleep: Callable[[float], None] = time.sleep
    uniform: Callable[[float, float], float] = random.uniform

    def pause(self, attempt: int, deadline: Deadline) -> bool:
        """Wait before the try after `attempt`; False, without waiting, where time runs out."""
        bound = min(BACKOFF_CAP_SECONDS, BACKOFF_BASE_SECONDS * 2 ** min(attempt, 16))
        seconds = self.uniform(0.0, bound)
        if deadline.remaining_seconds() <= seconds:
            return False
        self.sleep(seconds)
        return True


@dataclass(frozen=True, slots=True)
class Dynamo:
    """DynamoDB as the stores use it, for one invocation with its deadline."""

    client: "DynamoDBClient"
    deadline: Deadline
    backoff: Backoff = field(default_factory=Backoff)

    def get(self, table: str, key: Key, *, consistent: bool = True) -> Item | None:
        """Read one item; None where there is none."""
        answer = self._call(
            self.client.get_item, TableName=table, Key=_typed(key), ConsistentRead=consistent
        )
        found = answer.get("Item")
        return None if found is None else _plain(found)

    def get_many(self, table: str, keys: Sequence[Key]) -> list[Item]:
        """Read items strongly consistent, in no particular order; missing ones are left out."""
        items: list[Item] = []
        for start in range(0, len(keys), BATCH_GET_KEYS_MAX):
            items.extend(self._get_batch(table, keys[start : start + BATCH_GET_KEYS_MAX]))
        return items

    def _get_batch(self, table: str, keys: Sequence[Key]) -> Iterator[Item]:
        wanted = [_typed(key) for key in keys]
        for attempt in range(1_000_000):
            answer = self._call(
                self.client.batch_get_item,
                RequestItems={table: {"Keys": wanted, "ConsistentRead": True}},
            )
            yield from (_plain(item) for item in answer["Responses"].get(table, []))
            wanted = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
            if not wanted:
                return
            if not self.backoff.pause(attempt, self.deadline):
                break
        raise UnavailableError("The store is busy; try again")

    def query(
        self,
        table: str,
        *,
        condition: str,
        values: Mapping[str, Any],
        limit: int,
        index: str | None = None,
        start_after: Key | None = None,
        newest_first: bool = False,
    ) -> QueryResult:
        """Read one page of a partition in sort-key order; consistent, except on an index."""
        request: dict[str, Any] = {
            "TableName": table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": _aliases(condition),
            "ExpressionAttributeValues": _typed(values),
            "Limit": limit,
            "ScanIndexForward": not newest_first,
        }
        if index is None:
            request["ConsistentRead"] = True
        else:
            request["IndexName"] = index
        if start_after is not None:
            request["ExclusiveStartKey"] = _typed(start_after)
        answer = self._call(self.client.query, **request)
        last_key = answer.get("LastEvaluatedKey")
        return QueryResult(
            [_plain(item) for item in answer["Items"]],
            None if last_key is None else _plain(last_key),
        )

    def query_all(
        self, table: str, *, condition: str, values: Mapping[str, Any], page_size: int
    ) -> Iterator[Item]:
        """Read a whole partition range, page by page, oldest first."""
        start_after: Key | None = None
        while True:
            page = self.query(
                table,
                condition=condition,
                values=values,
                limit=page_size,
                start_after=start_after,
            )
            yield from page.items
            start_after = page.last_key
            if start_after is None:
                return

    def update(self, update: Update) -> Item:
        """Carry out one conditional update; returns the item after it.

        Raises ConditionFailedError with the item that stood in the way.
        """
        answer = self._call(
            self.client.update_item, **_update_request(update), ReturnValues="ALL_NEW"
        )
        return _plain(answer["Attributes"])

    def transact(self, writes: Sequence[Write], *, retry_conflicts: bool = True) -> None:
        """Carry out all writes or none.

        One client token covers all tries, so that a try whose answer was lost is not done twice.
        Raises TransactionCancelledError when a condition failed; also when another transaction was
        in the way, if `retry_conflicts` is False and the caller wants to go elsewhere instead.
        """
        if len(writes) > TRANSACTION_WRITES_MAX:
            raise ValueError(f"a transaction takes at most {TRANSACTION_WRITES_MAX} writes")
        request = {
            "TransactItems": [_transact_item(write) for write in writes],
            "ClientRequestToken": str(uuid4()),
        }

        def is_final(error: ClientError) -> bool:
            codes = {str(reason.get("Code")) for reason in _cancellation_reasons(error)}
            met_conflict = "TransactionConflict" in codes
            return not codes <= _PASSING_REASONS or (met_conflict and not retry_conflicts)

        try:
            self._call(self.client.transact_write_items, is_final=is_final, **request)
        except ClientError as error:
            reasons = _cancellation_reasons(error)
            if not reasons:
                raise
            if not {str(reason.get("Code")) for reason in reasons} <= (
                _PASSING_REASONS | {"ConditionalCheckFailed"}
            ):
                raise
            raise TransactionCancelledError(writes, reasons) from error

    def _call(
        self,
        operation: Callable[..., Any],
        *,
        is_final: Callable[[ClientError], bool] = lambda _error: True,
        **request: object,
    ) -> Any:  # noqa: ANN401 - botocore answers are dictionaries of a shape each operation has
        """Call DynamoDB until it answers; `is_final` judges cancelled transactions."""
        attempt = 0
        while True:
            try:
                return operation(**request)
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code", "")
                if code == "ConditionalCheckFailedException":
                    raise ConditionFailedError(_item_of(error)) from error
                if code == "TransactionCanceledException":
                    if is_final(error):
                        raise
                elif code not in _PASSING_CODES:
                    raise
                cause: Exception = error
            except (BotocoreConnectionError, HTTPClientError) as error:
                cause = error
            if not self.backoff.pause(attempt, self.deadline):
                raise UnavailableError("The store is busy; try again") from cause
            attempt += 1


def _aliases(*expressions: str) -> dict[str, str]:
    """Alias every `#word` of the expressions to the attribute `word`.

    Every attribute name is aliased, so that no reserved word of DynamoDB, of today or tomorrow,
    can break an expression.
    """
    return {f"#{word}": word for expression in expressions for word in _ALIAS.findall(expression)}


def _typed(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _serializer.serialize(value) for name, value in plain.items()}


def _plain(typed: Mapping[str, Any]) -> Item:
    return {name: _deserializer.deserialize(value) for name, value in typed.items()}


def whole(number: Decimal) -> int:
    """Read a stored number that is an integer by construction."""
    as_int = int(number)
    if as_int != number:
        raise ValueError(f"{number} is not an integer")
    return as_int


def _update_request(update: Update) -> dict[str, Any]:
    request: dict[str, Any] = {
        "TableName": update.table,
        "Key": _typed(update.key),
        "UpdateExpression": update.expression,
        "ConditionExpression": update.condition,
        "ExpressionAttributeNames": {
            **_aliases(update.expression, update.condition),
            **update.names,
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if update.values:
        request["ExpressionAttributeValues"] = _typed(update.values)
    return request


def _transact_item(write: Write) -> dict[str, Any]:
    if isinstance(write, Update):
        return {"Update": _update_request(write)}
    request: dict[str, Any] = {
        "TableName": write.table,
        "ConditionExpression": write.condition,
        "ExpressionAttributeNames": _aliases(write.condition),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if write.values:
        request["ExpressionAttributeValues"] = _typed(write.values)
    if isinstance(write, Put):
        return {"Put": {**request, "Item": _typed(write.item)}}
    operation = "Delete" if isinstance(write, Delete) else "ConditionCheck"
    return {operation: {**request, "Key": _typed(write.key)}}


def _cancellation_reasons(error: ClientError) -> Sequence[Mapping[str, Any]]:
    reasons: Iterable[Mapping[str, Any]] = error.response.get("CancellationReasons", [])
    return list(reasons)


def _failure(reason: Mapping[str, Any]) -> Failure | None:
    if reason.get("Code") != "ConditionalCheckFailed":
        return None
    item = reason.get("Item")
    return Failure(_plain(item) if item else None)


def _item_of(error: ClientError) -> Item | None:
    # botocore's type of an error's answer knows no field that only one service has.
    item: Mapping[str, Any] | None = error.response.get("Item")  # type: ignore[assignment]
    return _plain(item) if item else None
