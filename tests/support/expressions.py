"""The shapes of what services ask of DynamoDB: which operation, on what, by which expressions.

moto does not judge expressions as DynamoDB does, so that each shape is sent to DynamoDB Local by
some story, once for each outcome that it has: a condition that holds, and one that does not.
Stories that ask nothing new run on moto alone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.model import OperationModel

from tests.support.faithful import body_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

# An operation, a table, an index or none, its expressions with what they leave open, the members
# that change what it means, and what DynamoDB said to it.
type Shape = tuple[str, ...]

_EXPRESSIONS = (
    "KeyConditionExpression",
    "FilterExpression",
    "ConditionExpression",
    "UpdateExpression",
    "ProjectionExpression",
)
_MEMBERS = (
    "ConsistentRead",
    "ExclusiveStartKey",
    "Limit",
    "ReturnValues",
    "ReturnValuesOnConditionCheckFailure",
    "ScanIndexForward",
)
_NUMBERED = re.compile(r"(?<=[#:])_?(\w*?)_?\d+\b")
# What an item has is set, what it is without is removed: which attributes these are says nothing.
_ASSIGNED = re.compile(r"#(\w+) = (:\1\b|list_append\(#\1, :\1\))")
_CLAUSES = re.compile(r" (?=REMOVE )")
_REMOVED = re.compile(r"(?<=REMOVE )#\w+(, #\w+)*")
# Tests themselves look by scans, and tamper by writes of these kinds that ask nothing back.
_OF_TESTS = frozenset({"Scan", "PutItem", "DeleteItem", "UpdateItem"})
_BLANKS = re.compile(r"\s+")


def shapes_of(operation: str, body: Mapping[str, Any]) -> Iterator[Shape]:
    """Tell the shapes in a request, one for each part of a transaction."""
    if "TransactItems" in body:
        for item in body["TransactItems"]:
            [(kind, part)] = item.items()
            yield _shape(f"{operation} {kind}", part)
    elif "RequestItems" in body:
        for table, part in body["RequestItems"].items():
            yield _shape(operation, {"TableName": table, **part})
    elif operation not in _OF_TESTS or "ReturnValues" in body:
        yield _shape(operation, body)


def _shape(operation: str, part: Mapping[str, Any]) -> Shape:
    return (
        operation,
        part["TableName"].partition("-")[0],
        part.get("IndexName", ""),
        *(_pattern(part.get(name, "")) for name in _EXPRESSIONS),
        " ".join(f"{name}={_told(part[name])}" for name in _MEMBERS if name in part),
    )


def _told(value: object) -> str:
    return str(value) if isinstance(value, bool | str) else "given"


def _pattern(expression: str) -> str:
    """Return an expression whatever the number of lines that it repeats its steps for, and whatever
    the attributes that an update merely sets and removes.
    """
    unnumbered = _NUMBERED.sub(r"\1_n", _BLANKS.sub(" ", expression))
    if not unnumbered.startswith(("SET ", "REMOVE ")):
        return unnumbered
    formed = _ASSIGNED.sub(_form_of_step, _REMOVED.sub("#…", unnumbered))
    return " ".join(map(_of_each_step_one, _CLAUSES.split(formed)))


def _of_each_step_one(clause: str) -> str:
    verb, _, steps = clause.partition(" ")
    return f"{verb} {', '.join(sorted(set(steps.split(', '))))}"


def _form_of_step(assigned: re.Match[str]) -> str:
    return "#… = list_append(#…)" if assigned[2].startswith("list") else "#… = :…"


def record_shapes(client: "DynamoDBClient", into: set[Shape]) -> None:
    """Add to a set the shape and the outcome of every request of a client that reaches DynamoDB."""

    def sent(
        *, params: Mapping[str, Any], model: OperationModel, context: dict[str, Any], **_: object
    ) -> None:
        context["shapes"] = list(shapes_of(model.name, body_of(params)))

    def answered(*, parsed: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        # Where a test answers in DynamoDB's place, nothing was sent.
        shapes: list[Shape] = context.pop("shapes", [])
        code = parsed.get("Error", {}).get("Code", "taken")
        reasons = [reason["Code"] for reason in parsed.get("CancellationReasons", [])]
        outcomes = reasons or [code] * len(shapes)
        # A part that would have been taken says nothing about its own condition where others fail.
        into.update(
            (*shape, outcome)
            for shape, outcome in zip(shapes, outcomes, strict=False)
            if outcome != "None"
        )

    # After everything that may answer in DynamoDB's place, and before what may lose the answer.
    client.meta.events.register_last("before-call.dynamodb", sent)
    client.meta.events.register_first("after-call.dynamodb", answered)


@dataclass
class SentShapes:
    """What stories sent: those that go to DynamoDB Local too, and those that run on moto alone."""

    also_local: set[Shape] = field(default_factory=set)
    moto_alone: dict[Shape, str] = field(default_factory=dict)

    def add(self, story: str, shapes: set[Shape], *, also_local: bool) -> None:
        """Keep what a story sent."""
        if also_local:
            self.also_local |= shapes
        else:
            self.moto_alone |= dict.fromkeys(shapes, story)

    def merge(self, other: "SentShapes") -> None:
        """Add what another process kept."""
        self.also_local |= other.also_local
        self.moto_alone |= other.moto_alone

    def judged_by_none(self) -> list[str]:
        """Name each shape that DynamoDB Local never hears, with a story that sends it."""
        return sorted(
            f"{story}: {' | '.join(filter(None, shape))}"
            for shape, story in self.moto_alone.items()
            if shape not in self.also_local
        )
