"""Writes under a condition, and how they are refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from billing.storage.items import Item, Key, aliases, plain, typed
from billing.storage.throttling import THROTTLING_REASONS, Throttling


@dataclass(frozen=True, slots=True)
class Put:
    """One put of a transaction, under a condition."""

    table: str
    item: Item
    condition: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    """One update; `names` are the aliases that are not simply the word after the `#`."""

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


class ConditionFailedError(Exception):
    """A single write met an item that failed its condition; `item` is None where there is none."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("The condition of a write failed")
        self.item = item


@dataclass(frozen=True, slots=True)
class FailedCondition:
    """Why one write of a cancelled transaction failed its condition: the item as it stands."""

    item: Item | None


class TransactionCancelledError(Exception):
    """A transaction changed nothing: conditions failed, or another transaction was in the way."""

    def __init__(self, writes: Sequence[Write], reasons: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(f"Transaction cancelled: {[reason.get('Code') for reason in reasons]}")
        self._writes = writes
        self._reasons = reasons

    def failure_of(self, write: Write) -> FailedCondition | None:
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

    def contention_on(self, write: Write) -> bool:
        """Tell whether another transaction held the item of this write: contention, no refusal."""
        return any(
            candidate is write and reason.get("Code") == "TransactionConflict"
            for candidate, reason in zip(self._writes, self._reasons, strict=True)
        )

    def throttled(self, write: Write) -> bool:
        """Tell whether there was no room for this write, in its table or in an index of it."""
        return any(
            candidate is write and reason.get("Code") in THROTTLING_REASONS
            for candidate, reason in zip(self._writes, self._reasons, strict=True)
        )


class TransactionThrottledError(Exception):
    """A transaction changed nothing, because DynamoDB throttled it as a whole."""

    def __init__(self, throttling: Throttling) -> None:
        super().__init__("A transaction was throttled")
        self.throttling = throttling


def update_request(update: Update) -> dict[str, Any]:
    request: dict[str, Any] = {
        "TableName": update.table,
        "Key": typed(update.key),
        "UpdateExpression": update.expression,
        "ConditionExpression": update.condition,
        "ExpressionAttributeNames": {
            **aliases(update.expression, update.condition),
            **update.names,
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if update.values:
        request["ExpressionAttributeValues"] = typed(update.values)
    return request


def transact_item(write: Write) -> dict[str, Any]:
    if isinstance(write, Update):
        return {"Update": update_request(write)}
    request: dict[str, Any] = {
        "TableName": write.table,
        "ConditionExpression": write.condition,
        "ExpressionAttributeNames": aliases(write.condition),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if write.values:
        request["ExpressionAttributeValues"] = typed(write.values)
    if isinstance(write, Put):
        return {"Put": {**request, "Item": typed(write.item)}}
    operation = "Delete" if isinstance(write, Delete) else "ConditionCheck"
    return {operation: {**request, "Key": typed(write.key)}}


def _failure(reason: Mapping[str, Any]) -> FailedCondition | None:
    if reason.get("Code") != "ConditionalCheckFailed":
        return None
    item = reason.get("Item")
    return FailedCondition(plain(item) if item else None)
