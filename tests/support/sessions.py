"""The credentials that emulators are called with."""

from functools import cache

import boto3


@cache
def testing_session() -> boto3.Session:
    """Keep one session, because each one reads the models of all services anew."""
    return boto3.Session(
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        region_name="eu-central-1",
    )
