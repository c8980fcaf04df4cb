"""A thin gateway to DynamoDB: its calls, retried inside a deadline.

Faults that pass by themselves (throttling, conflicts, time-outs) are retried here with full jitter
for as long as the invocation has time, then become `UnavailableError`. Failed conditions are data:
`ConditionFailedError` and `TransactionCancelledError` carry the items that failed them.
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotocoreConnectionError

from billing.domain.deadline import Deadline
from billing.domain.errors import UnavailableError
from billing.storage.items import Item, Key, aliases, plain, typed
from billing.storage.throttling import THROTTLING_CODES, THROTTLING_REASONS, Throttling
from billing.storage.writes import (
    ConditionFailedError,
    TransactionCancelledError,
    TransactionThrottledError,
    Update,
    Write,
    transact_item,
    update_request,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

BACKOFF_BASE_SECONDS = 0.025
BACKOFF_CAP_SECONDS = 1.0

# DynamoDB's own limits on one request.
TRANSACTION_WRITES_MAX = 100
BATCH_GET_KEYS_MAX = 100

# Codes for which DynamoDB documents that the same request may succeed later.
_PASSING_CODES = THROTTLING_CODES | {
    "InternalServerError",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "TransactionConflictException",
    "TransactionInProgressException",
}
_PASSING_REASONS = THROTTLING_REASONS | {"None", "TransactionConflict"}


_CANCELLED = "TransactionCanceledException"


def _code_of(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def _is_final(error: ClientError) -> bool:
    return _code_of(error) not in _PASSING_CODES


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Some items in order, and the key to go on after, None at the end."""

    items: list[Item]
    last_key: Key | None


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before trying again: anything up to a bound, so that no two keep step."""

    sleep: Callable[[float], None] = time.sleep
    uniform: Callable[[float, float], float] = random.uniform

    def pause(self, attempt: int, deadline: Deadline) -> bool:
        """Wait for the store to recover; the bound doubles with each attempt, counted from 0.

        False, without waiting, where time runs out.
        """
        bound = min(BACKOFF_CAP_SECONDS, BACKOFF_BASE_SECONDS * 2 ** min(attempt, 16))
        return self.pause_up_to(bound, deadline)

    def pause_up_to(self, bound_seconds: float, deadline: Deadline) -> bool:
        """Wait anything up to a bound; False, without waiting, where time runs out."""
        seconds = self.uniform(0.0, bound_seconds)
        if deadline.remaining_seconds() <= seconds:
            return False
        if seconds > 0:
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
            self.client.get_item, TableName=table, Key=typed(key), ConsistentRead=consistent
        )
        found = answer.get("Item")
        return None if found is None else plain(found)

    def get_many(self, table: str, keys: Sequence[Key], *, consistent: bool = True) -> list[Item]:
        """Read items, in no particular order; missing ones are left out."""
        items: list[Item] = []
        for batch in batched(keys, BATCH_GET_KEYS_MAX, strict=False):
            items.extend(self._get_batch(table, batch, consistent=consistent))
        return items

    def _get_batch(self, table: str, keys: Sequence[Key], *, consistent: bool) -> Iterator[Item]:
        wanted = [typed(key) for key in keys]
        for attempt in range(1_000_000):
            answer = self._call(
                self.client.batch_get_item,
                RequestItems={table: {"Keys": wanted, "ConsistentRead": consistent}},
            )
            yield from (plain(item) for item in answer["Responses"].get(table, []))
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
        """Read one page of a partition in sort-key order; consistent, except on an index.

        DynamoDB may cut a page before its limit, and even name a key to go on after where it found
        nothing: then this goes on, so that a page without items is the last one.
        """
        request: dict[str, Any] = {
            "TableName": table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": aliases(condition),
            "ExpressionAttributeValues": typed(values),
            "Limit": limit,
            "ScanIndexForward": not newest_first,
        }
        if index is None:
            request["ConsistentRead"] = True
        else:
            request["IndexName"] = index
        if start_after is not None:
            request["ExclusiveStartKey"] = typed(start_after)
        while True:
            answer = self._call(self.client.query, **request)
            last_key = answer.get("LastEvaluatedKey")
            if answer["Items"] or last_key is None:
                return QueryResult(
                    [plain(item) for item in answer["Items"]],
                    None if last_key is None else plain(last_key),
                )
            request["ExclusiveStartKey"] = last_key

    def count(
        self, table: str, *, index: str, condition: str, values: Mapping[str, Any], up_to: int
    ) -> int:
        """Count the entries of a partition of an index, no further than a bound: more than there
        are up to it nobody has looked at.
        """
        request: dict[str, Any] = {
            "TableName": table,
            "IndexName": index,
            "Select": "COUNT",
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": aliases(condition),
            "ExpressionAttributeValues": typed(values),
        }
        count = 0
        while True:
            answer = self._call(self.client.query, **request, Limit=up_to - count)
            count += int(answer["Count"])
            if count >= up_to or "LastEvaluatedKey" not in answer:
                return count
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def query_all(
        self,
        table: str,
        *,
        condition: str,
        values: Mapping[str, Any],
        page_size: int,
        index: str | None = None,
    ) -> Iterator[Item]:
        """Read a whole partition range in sort-key order, a page whenever one is asked for."""
        start_after: Key | None = None
        while True:
            page = self.query(
                table,
                condition=condition,
                values=values,
                limit=page_size,
                index=index,
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
            self.client.update_item, **update_request(update), ReturnValues="ALL_NEW"
        )
        return plain(answer["Attributes"])

    def transact(
        self,
        writes: Sequence[Write],
        *,
        retry_conflicts: bool = True,
        retry_throttling: bool = True,
    ) -> None:
        """Carry out all writes or none.

        One client token covers all tries, so that a try whose answer was lost is not done twice.
        Raises TransactionCancelledError when a condition failed. Where the caller wants to go
        elsewhere instead of waiting here, it is raised also when another transaction was in the
        way, and TransactionThrottledError, or the former, when DynamoDB throttled.
        """
        if len(writes) > TRANSACTION_WRITES_MAX:
            raise ValueError(f"a transaction takes at most {TRANSACTION_WRITES_MAX} writes")
        request = {
            "TransactItems": [transact_item(write) for write in writes],
            "ClientRequestToken": str(uuid4()),
        }
        told = frozenset() if retry_conflicts else {"TransactionConflict"}
        told |= frozenset() if retry_throttling else THROTTLING_REASONS | THROTTLING_CODES

        def is_final(error: ClientError) -> bool:
            if _code_of(error) != _CANCELLED:
                return _is_final(error) or _code_of(error) in told
            codes = {str(reason.get("Code")) for reason in _cancellation_reasons(error)}
            return not codes <= _PASSING_REASONS or not codes.isdisjoint(told)

        try:
            self._call(self.client.transact_write_items, is_final=is_final, **request)
        except ClientError as error:
            if _code_of(error) in THROTTLING_CODES:
                raise TransactionThrottledError(Throttling.of(error)) from error
            reasons = _cancellation_reasons(error)
            codes = {str(reason.get("Code")) for reason in reasons}
            if not reasons or not codes <= _PASSING_REASONS | {"ConditionalCheckFailed"}:
                raise
            raise TransactionCancelledError(writes, reasons) from error

    def _call(
        self,
        operation: Callable[..., Any],
        *,
        is_final: Callable[[ClientError], bool] = _is_final,
        **request: object,
    ) -> Any:  # noqa: ANN401 - botocore answers are dictionaries of a shape each operation has
        """Call DynamoDB until it answers; an error that `is_final` is raised at once."""
        attempt = 0
        while True:
            try:
                return operation(**request)
            except ClientError as error:
                if _code_of(error) == "ConditionalCheckFailedException":
                    raise ConditionFailedError(_item_of(error)) from error
                if is_final(error):
                    raise
                cause: Exception = error
            except (BotocoreConnectionError, HTTPClientError) as error:
                cause = error
            if not self.backoff.pause(attempt, self.deadline):
                raise UnavailableError("The store is busy; try again") from cause
            attempt += 1


def _cancellation_reasons(error: ClientError) -> Sequence[Mapping[str, Any]]:
    reasons: Iterable[Mapping[str, Any]] = error.response.get("CancellationReasons", [])
    return list(reasons)


def _item_of(error: ClientError) -> Item | None:
    # botocore's type of an error's answer knows no field that only one service has.
    item: Mapping[str, Any] | None = error.response.get("Item")  # type: ignore[assignment]
    return plain(item) if item else None
