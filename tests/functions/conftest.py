"""Whole functions over moto, with the environment that the template gives to every function."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from billing.edge.observability import logger
from tests.support.cloud import Cloud, moto_cloud


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """Give all functions over tables that one module of tests shares."""
    with moto_cloud() as cloud:
        yield cloud


class Logged:
    """What the functions wrote to their log, line by line."""

    def __init__(self) -> None:
        """Begin with an empty log."""
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        """Everything written."""
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines, each of which is JSON."""
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The lines that are errors."""
        return [line for line in self.lines if line["level"] == "ERROR"]


@pytest.fixture
def logged() -> Iterator[Logged]:
    """Give what is logged from here on."""
    # The logger keeps the stream that stood when it was made, so that capsys sees none of it.
    handler = logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    logged = Logged()
    before = handler.setStream(logged.stream)
    yield logged
    handler.setStream(before)
