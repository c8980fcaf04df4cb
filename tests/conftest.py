"""Where the books of services are kept: on moto, or with --dynamodb=local on DynamoDB Local."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.support.books import Books
from tests.support.local_books import local_books, local_client
from tests.support.moto_books import moto_books, plain_client
from tools import dynamodb_local

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Keeper:
    """Opens empty books, and makes clients of them that nobody watches or strikes."""

    books: Callable[[], AbstractContextManager[Books]]
    plain_client: Callable[[], "DynamoDBClient"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the caller choose."""
    parser.addoption(
        "--dynamodb",
        choices=("moto", "local"),
        default="moto",
        help="keep the books of services on moto, or on DynamoDB Local",
    )


@pytest.fixture(scope="session")
def dynamodb_local_url() -> Iterator[str]:
    """Give the address of DynamoDB Local, started once for all tests."""
    with dynamodb_local.running() as url:
        yield url


@pytest.fixture(scope="session")
def keeper(request: pytest.FixtureRequest) -> Keeper:
    """Give what keeps the books, as the caller chose."""
    if request.config.getoption("dynamodb") == "moto":
        return Keeper(moto_books, plain_client)
    url = request.getfixturevalue("dynamodb_local_url")
    return Keeper(partial(local_books, url), partial(local_client, url))
