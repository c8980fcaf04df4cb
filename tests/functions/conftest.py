"""Whole functions over moto, each with the environment that the template gives it."""

from collections.abc import Iterator

import pytest

from tests.support.cloud import Cloud, moto_cloud
from tests.support.logged import Logged, catching_logs


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """Give all functions over tables that one module of tests shares."""
    with moto_cloud() as cloud:
        yield cloud


@pytest.fixture
def logged() -> Iterator[Logged]:
    """Give what is logged from here on."""
    with catching_logs() as logged:
        yield logged
