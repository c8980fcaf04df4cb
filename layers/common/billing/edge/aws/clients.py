"""The AWS clients, made once per container, with time-outs that fit into an invocation."""

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore import __version__ as botocore_version
from botocore.config import Config
from botocore.session import Session, get_session

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

# What is sent was written by the stores, not by callers, and to check it again for its types would
# be a fifth of what a batch of usage costs. Tests check it: tests/conftest.py.
VALIDATES_PARAMETERS = False


def make_dynamo_client() -> "DynamoDBClient":
    """Make the DynamoDB client; it never retries, because the gateway above it does, and knows
    how much time the invocation has left.
    """
    client: DynamoDBClient = _make("dynamodb", attempts_max=1)
    return client


def make_queue_client() -> "SQSClient":
    """Make the SQS client; sending twice does no harm, so botocore's own retries serve."""
    client: SQSClient = _make("sqs", attempts_max=3)
    return client


def make_logs_client() -> "S3Client":
    """Make the S3 client; reading twice does no harm, so botocore's own retries serve."""
    client: S3Client = _make("s3", attempts_max=3)
    return client


def make_uploads_client() -> "S3Client":
    """Make the S3 client that signs uploads, for the bucket's own address in its region: any other
    would redirect, which a browser does not follow with a file. In us-east-1 botocore's own choice
    is the address of no region, which the console's page may not call.
    """
    signing = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    )
    client: S3Client = _make("s3", attempts_max=1, more=signing)
    return client


def make_workflow_client() -> "SFNClient":
    """Make the Step Functions client; like that of DynamoDB, it leaves retrying to its user."""
    client: SFNClient = _make("stepfunctions", attempts_max=1)
    return client


def _make(service: str, *, attempts_max: int, more: Config | None = None) -> Any:  # noqa: ANN401 - each service has its own
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": attempts_max, "mode": "standard"},
        max_pool_connections=CONNECTIONS_MAX,
        parameter_validation=VALIDATES_PARAMETERS,
        # Lambda tells no account id to make an endpoint of, so that looking for one is in vain.
        account_id_endpoint_mode="disabled",
        # One that is given is sent as it is; botocore's own is put together for each request.
        user_agent=f"Botocore/{botocore_version} app/usage-billing",
    )
    return _session().create_client(service, config=config.merge(more) if more else config)


@cache
def _session() -> Session:
    """Make the session of this container: each one reads botocore's data anew."""
    return get_session()
