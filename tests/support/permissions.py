"""What the role of a function allows, asked at each call as IAM does; moto judges no policies."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.model import OperationModel

from billing.storage.stores import Tables
from tests.support.faithful import Answer, body_of, refusal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

# An action of DynamoDB, and a table by its logical id, with `/index/…` behind it for an index.
type Grant = tuple[str, str]

# A transaction needs what its parts would need by themselves.
_ACTION_OF_PART = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def refuse_what_is_not_granted(
    client: "DynamoDBClient", granted: Collection[Grant], tables: Tables
) -> None:
    """Have a client answered as DynamoDB answers a role that may do no more than this."""
    logical_ids = {
        tables.accounts: "AccountsTable",
        tables.ledger: "LedgerTable",
        tables.usage: "UsageTable",
    }

    def judge(*, model: OperationModel, params: Mapping[str, Any], **_: object) -> Answer | None:
        for action, table, index in _needs(model.name, body_of(params)):
            place = logical_ids[table] + (f"/index/{index}" if index else "")
            if (action, place) not in granted:
                message = f"not authorized to perform: dynamodb:{action} on resource: {place}"
                return refusal("AccessDeniedException", message)
        return None

    # The stubs of botocore forget that a handler may answer a call itself.
    events: Any = client.meta.events
    events.register_first("before-call.dynamodb", judge)


def _needs(operation: str, body: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """List the actions that a request needs, each with its table and its index, if any."""
    for item in body.get("TransactItems", []):
        [(kind, part)] = item.items()
        yield _ACTION_OF_PART[kind], part["TableName"], None
    for table in body.get("RequestItems", {}):
        yield operation, table, None
    if "TableName" in body:
        yield operation, body["TableName"], body.get("IndexName")
