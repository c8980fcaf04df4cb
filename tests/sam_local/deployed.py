"""What the functions in containers leave behind, read past them."""

from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from tools.local_cloud.aws_environment import AwsClient, aws_client
from tools.local_cloud.cloud import LocalCloud

type Item = dict[str, Any]

# What the answer of get_schedule has besides the terms that update_schedule takes.
_READ_ONLY = {"Arn", "CreationDate", "LastModificationDate", "ResponseMetadata"}


class Deployed:
    """The tables and the bucket of the stack, as they are right now."""

    def __init__(self, endpoint_url: str, settings: Mapping[str, str]) -> None:
        self._dynamo: AwsClient = aws_client("dynamodb", endpoint_url)
        self._s3: AwsClient = aws_client("s3", endpoint_url)
        self._settings = settings

    def entries(self, customer_id: str) -> list[Item]:
        """Return a customer's ledger entries, oldest first."""
        items = self._partition("LEDGER_TABLE", customer_id)
        return [item for item in items if item["sk"].startswith("ENTRY#")]

    def wallet(self, customer_id: str) -> Item:
        """Return a customer's wallet."""
        [found] = self.of_customer(customer_id, "WALLET")
        return found

    def profile(self, customer_id: str) -> Item:
        """Return a customer's profile."""
        [found] = self.of_customer(customer_id, "PROFILE")
        return found

    def records(self, customer_id: str) -> list[Item]:
        """Return a customer's billing records, oldest first."""
        return self.of_customer(customer_id, "RECORD#")

    def events(self, customer_id: str) -> list[Item]:
        """Return a customer's usage events."""
        return self._partition("USAGE_TABLE", customer_id)

    def put_log_file(self, name: str, content: bytes) -> str:
        """Put a file where log files are read; returns its key."""
        key = f"incoming/{name}"
        self._s3.put_object(Bucket=self._settings["LOGS_BUCKET"], Key=key, Body=content)
        return key

    def of_customer(self, customer_id: str, sk_prefix: str = "") -> list[Item]:
        """Return what the accounts table has of a customer."""
        items = self._partition("ACCOUNTS_TABLE", f"CUSTOMER#{customer_id}")
        return [item for item in items if item["sk"].startswith(sk_prefix)]

    def _partition(self, table: str, pk: str) -> list[Item]:
        pages = self._dynamo.get_paginator("query").paginate(
            TableName=self._settings[table],
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues={":pk": {"S": pk}},
            ConsistentRead=True,
        )
        reader = TypeDeserializer()
        return [
            {name: reader.deserialize(value) for name, value in item.items()}
            for page in pages
            for item in page["Items"]
        ]


def stop_schedules(cloud: LocalCloud) -> None:
    """Switch off what the stack does by itself, so that a test knows who did it."""
    scheduler: AwsClient = aws_client("scheduler", cloud.endpoint_url)
    for summary in scheduler.list_schedules()["Schedules"]:
        schedule = scheduler.get_schedule(Name=summary["Name"], GroupName=summary["GroupName"])
        terms = {name: value for name, value in schedule.items() if name not in _READ_ONLY}
        scheduler.update_schedule(**{**terms, "State": "DISABLED"})
