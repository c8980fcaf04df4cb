"""Every test of the proof sees services that do one thing after another."""

from collections.abc import Iterator

import pytest

from tests.prove.flows import deterministic


@pytest.fixture(autouse=True)
def one_thing_after_another() -> Iterator[None]:
    """Let the services do one thing after another."""
    with deterministic():
        yield
