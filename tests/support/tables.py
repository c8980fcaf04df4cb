"""The three tables, made from the template's own definitions, so that neither drifts."""

from typing import TYPE_CHECKING, Any

from billing.storage.stores import Tables
from tests.support import template

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

# What shapes a table; protection, backups and policies would only keep a test from cleaning up.
_SHAPE = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")


def create_tables(client: "DynamoDBClient", suffix: str = "") -> Tables:
    """Create the accounts, ledger and usage tables and wait until they can be used.

    `suffix` ends each table's name, so that several sets can stand beside each other.
    """
    resources = template.resources()
    return Tables(
        accounts=_create(client, f"accounts{suffix}", resources["AccountsTable"]),
        ledger=_create(client, f"ledger{suffix}", resources["LedgerTable"]),
        usage=_create(client, f"usage{suffix}", resources["UsageTable"]),
    )


def _create(client: "DynamoDBClient", name: str, resource: dict[str, Any]) -> str:
    properties = resource["Properties"]
    shape = {key: properties[key] for key in _SHAPE if key in properties}
    client.create_table(TableName=name, **shape)
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return name
