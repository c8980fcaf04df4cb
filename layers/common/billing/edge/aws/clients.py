"""The AWS clients, made once per container, with time-outs that fit into an invocation."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_stepfunctions.client import SFNClient

CONNECT_TIMEOUT_SECONDS = 1
READ_TIMEOUT_SECONDS = 3

# As many as the services start threads side by side; with fewer, threads would make a connection
# for each request and throw it away.
CONNECTIONS_MAX = 8


def make_dynamo_client() -> "DynamoDBClient":
    """Make the DynamoDB client; it never retries, because the gateway above it does, and knows
    how much time the invocation has left.
    """
    return boto3.client("dynamodb", config=_config(attempts_max=1))


def make_queue_client() -> "SQSClient":
    """Make the SQS client; sending twice does no harm, so botocore's own retries serve."""
    return boto3.client("sqs", config=_config(attempts_max=3))


def make_logs_client() -> "S3Client":
    """Make the S3 client; reading twice does no harm, so botocore's own retries serve."""
    return boto3.client("s3", config=_config(attempts_max=3))


def make_workflow_client() -> "SFNClient":
    """Make the Step Functions client; like that of DynamoDB, it leaves retrying to its user."""
    return boto3.client("stepfunctions", config=_config(attempts_max=1))


def _config(*, attempts_max: int) -> Config:
    return Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": attempts_max, "mode": "standard"},
        max_pool_connections=CONNECTIONS_MAX,
    )
