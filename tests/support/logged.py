"""What functions write to their log, caught line by line."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from billing.edge.observability import logger


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


@contextmanager
def catching_logs() -> Iterator[Logged]:
    """Catch what is logged from here on."""
    # The logger keeps the stream that stood when it was made, so that capsys sees none of it.
    handler = logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    logged = Logged()
    before = handler.setStream(logged.stream)
    yield logged
    handler.setStream(before)
