"""The API key that the local cloud hands to its user."""

import os
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from billing.domain.api_keys import Scope
from billing.domain.deadline import Deadline
from billing.domain.ids import uuid7
from billing.services.api_keys import SECRET_BYTES, create_api_key, find_api_key
from billing.storage.dynamo import Dynamo
from billing.storage.stores import Stores, Tables, open_stores
from tools.local_cloud.aws_environment import aws_client

NAME = "make run"
PATIENCE_SECONDS = 20.0


def admin_key(endpoint_url: str, settings: Mapping[str, str], known: str | None) -> str:
    """Return the secret of an admin key: the known one if it is still good, else a new one."""
    if (
        known is not None
        and find_api_key(known, stores=_stores(endpoint_url, settings)) is not None
    ):
        return known
    return create_key(endpoint_url, settings, NAME, [Scope.ADMIN])


def create_key(
    endpoint_url: str, settings: Mapping[str, str], name: str, scopes: Sequence[Scope]
) -> str:
    """Create a key in the deployed accounts table and return its secret."""
    secret, _ = create_api_key(
        key_id=uuid7(_now(), os.urandom(10)),
        name=name,
        scopes=scopes,
        random=os.urandom(SECRET_BYTES),
        stores=_stores(endpoint_url, settings),
        clock=_now,
    )
    return secret


def _stores(endpoint_url: str, settings: Mapping[str, str]) -> Stores:
    dynamo = Dynamo(
        aws_client("dynamodb", endpoint_url), Deadline.after(PATIENCE_SECONDS, time.monotonic)
    )
    tables = Tables(
        accounts=settings["ACCOUNTS_TABLE"],
        ledger=settings["LEDGER_TABLE"],
        usage=settings["USAGE_TABLE"],
    )
    return open_stores(dynamo, tables)


def _now() -> datetime:
    return datetime.now(UTC)
