"""The tables of the running local cloud, or of a deployed stack, for whoever operates it."""

import time

import boto3

from billing.domain.deadline import Deadline
from billing.storage.dynamo import Dynamo
from billing.storage.stores import Stores, Tables, open_stores
from tools.local_cloud import env_file
from tools.local_cloud.env_file import ENV_FILE


def open_deployed(stack: str | None, patience_seconds: float) -> Stores:
    """Open the stores of a stack, by the credentials and region of the shell; without a name those
    of the running local cloud.
    """
    environment = _local_environment() if stack is None else {}
    client = boto3.client(
        "dynamodb",
        endpoint_url=environment.get("AWS_ENDPOINT_URL"),
        region_name=environment.get("AWS_REGION"),
        aws_access_key_id=environment.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY"),
    )
    tables = _local_tables(environment) if stack is None else _tables_of(stack)
    return open_stores(Dynamo(client, Deadline.after(patience_seconds, time.monotonic)), tables)


def _local_environment() -> dict[str, str]:
    if not ENV_FILE.exists():
        raise SystemExit(
            "The local cloud is not running: start it with 'make run', or name a --stack"
        )
    return env_file.read(ENV_FILE)


def _local_tables(environment: dict[str, str]) -> Tables:
    return Tables(
        environment["ACCOUNTS_TABLE"], environment["LEDGER_TABLE"], environment["USAGE_TABLE"]
    )


def _tables_of(stack: str) -> Tables:
    stacks = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}
    return Tables(
        outputs["AccountsTableName"], outputs["LedgerTableName"], outputs["UsageTableName"]
    )
