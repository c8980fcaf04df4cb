"""Locks between processes, which the system lets go of when their holder dies."""

# What is unreachable here is for another system.
# mypy: no-warn-unreachable

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Not on Windows: there two senders at one spool only do each other's work.
    fcntl = None  # type: ignore[assignment]


class TurnLock:
    """A lock that one process holds at a time, by a file beside the spool."""

    def __init__(self, path: Path) -> None:
        """Name the file, which is made when it is first needed, and stays."""
        self._path = path
        self._descriptor: int | None = None

    @contextlib.contextmanager
    def attempt(self) -> Iterator[bool]:
        """Hold the lock where nobody else does; tells whether it is held."""
        if fcntl is None:
            yield True
            return
        descriptor = self._open()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        try:
            yield True
        finally:
            # In a child of a fork that happened meanwhile, it is not ours to let go of.
            if self._descriptor == descriptor:
                fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        return self._descriptor

    def close(self) -> None:
        """Close the file; in the child of a fork this leaves the parent's lock as it is."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock by a file of this name, and wait for whoever holds it."""
    with path.open("ab") as file:
        hold(file.fileno())
        yield


def hold(descriptor: int) -> None:
    """Hold an open file until it is closed, and wait for whoever holds it."""
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
