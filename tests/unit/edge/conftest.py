"""The edge by itself: no store, no queue, no workflow."""

from collections.abc import Iterator

import pytest

from tests.support.logged import Logged, catching_logs


@pytest.fixture
def logged() -> Iterator[Logged]:
    """Give what is logged from here on."""
    with catching_logs() as logged:
        yield logged
