"""Books on DynamoDB Local, which judges requests as DynamoDB does; nothing is added to it."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.config import Config

from tests.support.books import Books
from tests.support.sessions import testing_session
from tests.support.tables import create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_CONFIG = Config(user_agent="tests")
_numbers = itertools.count(1)


@contextmanager
def local_books(endpoint_url: str) -> Iterator[Books]:
    """Give empty books over tables of their own, which are gone afterwards."""
    client = local_client(endpoint_url)
    tables = create_tables(client, suffix=f"-{next(_numbers)}")
    yield Books(client, tables)
    for name in (tables.accounts, tables.ledger, tables.usage):
        client.delete_table(TableName=name)


def local_client(endpoint_url: str) -> "DynamoDBClient":
    """Make another client of the same tables."""
    return testing_session().client("dynamodb", endpoint_url=endpoint_url, config=_CONFIG)
