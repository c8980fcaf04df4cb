"""What the server refused for good: kept in a file, with the problem, for somebody to look at."""

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from usage_billing.meter.locks import hold

logger = logging.getLogger("usage_billing.meter")

_LOOK_BACK_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Reject:
    """An event that will never be recorded as it is, and the problem document that says why.

    `event` is as it was sent. `is_conflict` where its id was used with other content.
    """

    event: Mapping[str, Any]
    problem: Mapping[str, Any]
    is_conflict: bool

    def line(self) -> bytes:
        """Write it as a line of JSON."""
        status = "conflict" if self.is_conflict else "rejected"
        told = {"status": status, "event": self.event, "problem": self.problem}
        return json.dumps(told, separators=(",", ":"), default=str).encode() + b"\n"


class Rejects(Protocol):
    """Where rejects go."""

    def write(self, rejects: Sequence[Reject]) -> None:
        """Keep them; raises OSError where they are not kept, none of them."""


class RejectsLog:
    """Writes rejects to the log, where a meter has no file."""

    def write(self, rejects: Sequence[Reject]) -> None:
        """Log each of them whole."""
        for reject in rejects:
            logger.error("Rejected, and kept nowhere else: %s", reject.line().decode().rstrip())


class RejectsFile:
    """A file of JSON lines, which several meters may share.

    A batch that a crash interrupts is written again: whole lines of it may stand there twice.
    """

    def __init__(self, path: Path) -> None:
        """Name the file, which is made with the first reject."""
        self._path = path

    def write(self, rejects: Sequence[Reject]) -> None:
        """Add them, and have them on the disk before this returns; all, or none and an OSError."""
        lines = b"".join(reject.line() for reject in rejects)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            self._append(descriptor, lines)
        finally:
            os.close(descriptor)
        logger.error("%d events were rejected: see %s", len(rejects), self._path)

    def _append(self, descriptor: int, lines: bytes) -> None:
        hold(descriptor)
        size = os.fstat(descriptor).st_size
        last = _after_last_newline(descriptor, size)
        if last and _is_json(last):
            lines = b"\n" + lines
        elif last:
            size -= len(last)
            os.ftruncate(descriptor, size)
            logger.warning("Who wrote to %s died at it: half a line is cut off", self._path)
        try:
            while lines:
                # A disk that fills up takes a part, and refuses the next one.
                lines = lines[os.write(descriptor, lines) :]
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise


def _after_last_newline(descriptor: int, size: int) -> bytes:
    last = b""
    while len(last) < size and b"\n" not in last:
        length = min(size, len(last) + _LOOK_BACK_BYTES)
        last = os.pread(descriptor, length, size - length)
    return last.rpartition(b"\n")[2]


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
