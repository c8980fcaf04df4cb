"""A server to send usage to, and meters that do not wait long for it."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.client.meter.server import KEY, Server, running_server
from usage_billing import Meter
from usage_billing.meter import Backoff

QUICK = Backoff(first_seconds=0.001, most_seconds=0.01)


class Looks:
    """A monotonic clock by which a second passes with each look, however slow the machine is."""

    def __init__(self) -> None:
        """Begin."""
        self._seconds = itertools.count()

    def __call__(self) -> float:
        """Tell the time."""
        return next(self._seconds)


class MakeMeter(Protocol):
    """Makes a meter of the server of a test."""

    def __call__(self, **changed: object) -> Meter:
        """Make one, with some arguments of its own."""


@pytest.fixture
def server() -> Iterator[Server]:
    """Give a server that is up."""
    with running_server() as server:
        yield server


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """Name a spool that is not there yet."""
    return tmp_path / "usage.spool"


@pytest.fixture
def make_meter(server: Server, spool: Path) -> Iterator[MakeMeter]:
    """Give what makes meters, each of which is closed in the end."""
    made: list[Meter] = []

    def make(**changed: object) -> Meter:
        arguments: dict[str, Any] = {"spool": spool, "background": False, "backoff": QUICK}
        meter = Meter(server.url, KEY, **arguments | changed)
        made.append(meter)
        return meter

    yield make
    for meter in made:
        meter.close()
