"""The town that requests abuse, one for all tests of a worker."""

from collections.abc import Iterator

import pytest

from tests.functions.abuse.town import Town, founded_town


@pytest.fixture(scope="session")
def town() -> Iterator[Town]:
    """Give the town."""
    with founded_town() as town:
        yield town
