"""Books on DynamoDB Local, whatever keeps those of the other suites."""

from collections.abc import Iterator

import pytest

from tests.support.books import Books
from tests.support.local_books import local_books


@pytest.fixture
def books(dynamodb_local_url: str) -> Iterator[Books]:
    """Give empty books."""
    with local_books(dynamodb_local_url) as books:
        yield books
