"""What DynamoDB does and moto leaves out, added to a client, so that a test on moto means more.

- One request at a time: moto undoes a failed transaction by putting whole tables back, which
  would also undo what another thread wrote meanwhile. DynamoDB orders requests itself.
- Client tokens: a transaction repeated with its token changes nothing and succeeds again.
- Pages: a query that found as many items as its limit names the last of them to go on after, even
  where nothing comes after it.
- Limits on expressions ("Constraints in Amazon DynamoDB", section "Expression parameters").
- Ranges of a query: one that ends before it begins is refused.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

EXPRESSION_BYTES_MAX = 4096
OPERATORS_MAX = 300

_EXPRESSIONS = ("UpdateExpression", "ConditionExpression", "KeyConditionExpression")
_PLACEHOLDER = re.compile(r"[#:][A-Za-z0-9_]+")
# Functions, and signs and words between operands; the `AND` of a `BETWEEN` belongs to it.
_OPERATOR = re.compile(
    r"[a-z_]+\s*\(|[+-]|<>|[<>]=?|=|\bBETWEEN\s+\S+\s+AND\b|\bAND\b|\bOR\b|\bNOT\b|\bIN\b"
)

_RANGE = re.compile(r"BETWEEN (:\w+) AND (:\w+)")

type Answer = tuple[AWSResponse, dict[str, Any]]


def answer(status: int, **content: object) -> Answer:
    """Make what botocore hands on as the answer of DynamoDB."""
    # A real answer has a raw stream behind it, which nobody reads once it is parsed.
    http = AWSResponse("https://dynamodb.test", status, HTTPHeaders(), None)
    return http, {**content, "ResponseMetadata": {"HTTPStatusCode": status}}


def refusal(code: str, message: str, *, status: int = 400, **content: object) -> Answer:
    """Make an answer that botocore raises as a ClientError of this code."""
    return answer(status, Error={"Code": code, "Message": message}, **content)


def body_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """Read the request out of what botocore is about to send."""
    body: dict[str, Any] = json.loads(params["body"])
    return body


def make_faithful(client: "DynamoDBClient") -> None:
    """Add to a client of moto what DynamoDB does beyond it."""
    hooks = _Hooks(_key_names(client))
    # The stubs of botocore forget that a handler may answer a call itself.
    events: Any = client.meta.events
    # Faults that tests inject come before all this on the way out, and after it on the way back.
    events.register_last("before-call.dynamodb", hooks.before)
    events.register_first("after-call.dynamodb", hooks.after)
    events.register_first("after-call-error.dynamodb", hooks.after_error)


def _key_names(client: "DynamoDBClient") -> dict[tuple[str, str | None], set[str]]:
    """Name the key attributes of every table and, with those of its table, of every index."""
    names: dict[tuple[str, str | None], set[str]] = {}
    for table in client.list_tables()["TableNames"]:
        described = client.describe_table(TableName=table)["Table"]
        names[table, None] = {key["AttributeName"] for key in described["KeySchema"]}
        for index in described.get("GlobalSecondaryIndexes", []):
            own = {key["AttributeName"] for key in index["KeySchema"]}
            names[table, index["IndexName"]] = own | names[table, None]
    return names


@dataclass
class _Hooks:
    key_names: Mapping[tuple[str, str | None], set[str]]
    turn: threading.RLock = field(default_factory=threading.RLock)
    done: dict[str, dict[str, Any]] = field(default_factory=dict)

    def before(
        self, *, params: Mapping[str, Any], context: dict[str, Any], **_: object
    ) -> Answer | None:
        body = body_of(params)
        fault = next(faults_of(body), None)
        if fault is not None:
            return refusal("ValidationException", fault)
        self.turn.acquire()
        context["holds_turn"] = True
        token = body.get("ClientRequestToken")
        context["body"] = body
        if token not in self.done:
            return None
        if self.done[token] != body:
            return refusal("IdempotentParameterMismatchException", "Same token, other request")
        return answer(200)

    def after(
        self,
        *,
        http_response: AWSResponse,
        parsed: dict[str, Any],
        context: dict[str, Any],
        **_: object,
    ) -> None:
        body = context.pop("body", {})
        if http_response.status_code == 200 and "ClientRequestToken" in body:
            self.done[body["ClientRequestToken"]] = body
        if "Limit" in body and len(parsed.get("Items", [])) == body["Limit"]:
            names = self.key_names[body["TableName"], body.get("IndexName")]
            last = parsed["Items"][-1]
            parsed["LastEvaluatedKey"] = {name: last[name] for name in names}
        self._end_turn(context)

    def after_error(self, *, context: dict[str, Any], **_: object) -> None:
        self._end_turn(context)

    def _end_turn(self, context: dict[str, Any]) -> None:
        if context.pop("holds_turn", False):
            self.turn.release()


def faults_of(body: Mapping[str, Any]) -> Iterator[str]:
    """Tell which limits of DynamoDB a request passes."""
    yield from _faults_of_range(body)
    for part in [body, *(next(iter(item.values())) for item in body.get("TransactItems", []))]:
        yield from _faults_of_expressions(part)


def _faults_of_range(body: Mapping[str, Any]) -> Iterator[str]:
    bounds = _RANGE.search(body.get("KeyConditionExpression", ""))
    if bounds is not None:
        first, last = (body["ExpressionAttributeValues"][name] for name in bounds.groups())
        if list(last.values()) < list(first.values()):
            yield f"The range ends at {last}, before it begins at {first}"


def _faults_of_expressions(part: Mapping[str, Any]) -> Iterator[str]:
    used: set[str] = set()
    for name in _EXPRESSIONS:
        expression = part.get(name, "")
        used.update(_PLACEHOLDER.findall(expression))
        if len(expression.encode()) > EXPRESSION_BYTES_MAX:
            yield f"{name} has {len(expression.encode())} bytes: {expression[:60]}..."
        if _operators(name, expression) > OPERATORS_MAX:
            yield f"{name} has too many operators: {expression[:60]}..."
    names = part.get("ExpressionAttributeNames", {})
    values = part.get("ExpressionAttributeValues", {})
    if used != {*names, *values}:
        yield f"Placeholders defined or used in vain: {used ^ {*names, *values}}"


def _operators(name: str, expression: str) -> int:
    found = _OPERATOR.findall(expression)
    # The `=` of a SET step only assigns.
    return len(found) - (found.count("=") if name == "UpdateExpression" else 0)
