"""What the server refused for good: kept in a file, with the problem, for somebody to look at."""

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

logger = logging.getLogger("usage_billing.meter")


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
    """A file of JSON lines. What a crash interrupts is written again: it may stand there twice."""

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
        size = os.fstat(descriptor).st_size
        # Whoever died while writing left half a line.
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            lines = b"\n" + lines
        try:
            while lines:
                # A disk that fills up takes a part, and refuses the next one.
                lines = lines[os.write(descriptor, lines) :]
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
