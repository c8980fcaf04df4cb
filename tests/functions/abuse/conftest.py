"""The town that requests abuse, one for the tests of a module.

Were it there for longer, other tests would find its moto: that begins anew only once all have left.
"""

from collections.abc import Iterator

import pytest

from tests.functions.abuse.town import Town, founded_town


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """Give the town."""
    with founded_town() as town:
        yield town
