"""What keeps every AWS program on this machine: the address of the local cloud, and no account."""

import os
from collections.abc import Callable, Mapping
from typing import Any, cast

import boto3

# The types that the project installs for boto3 cover only the services that it ships with.
type AwsClient = Any

REGION = "us-east-1"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


def aws_variables(endpoint_url: str) -> dict[str, str]:
    """Return what points boto3, the AWS tools and SAM at the local cloud, with made-up keys."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        **_CREDENTIALS,
    }


def without_account(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a program that must not reach a real account.

    A profile, a session token or one service's own endpoint of the caller would otherwise decide
    where some of its calls go.
    """
    kept = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    # The functions must import the layer that was built, not the sources beside this program.
    kept.pop("PYTHONPATH", None)
    return {**kept, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def aws_client(service: str, endpoint_url: str) -> AwsClient:
    """Return a boto3 client of the local cloud, whatever this process's environment says."""
    session = boto3.Session(
        aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    make_client = cast("Callable[..., AwsClient]", session.client)
    return make_client(service, endpoint_url=endpoint_url)
