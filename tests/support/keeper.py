"""What keeps the books of a test: moto in this process, or DynamoDB Local beside it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tests.support.books import Books
from tests.support.local_books import local_books, local_client
from tests.support.moto_books import moto_books, plain_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Keeper:
    """Opens empty books, and makes clients of them that nobody watches or strikes."""

    books: Callable[[], AbstractContextManager[Books]]
    plain_client: Callable[[], "DynamoDBClient"]


MOTO = Keeper(moto_books, plain_client)


def local_keeper(url: str) -> Keeper:
    """Give the keeper that a running DynamoDB Local is."""
    return Keeper(partial(local_books, url), partial(local_client, url))
