"""How the lines of a file become batches of named events, and what became of them: pure rules."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from usage_billing.calls import exact
from usage_billing.cli.reading import Line

BATCH_EVENTS_MAX = 1000
# Well below the megabyte that a body may have.
BATCH_BYTES_MAX = 900_000

_NAME_OF_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")

OUTCOMES = ("accepted", "duplicate", "conflict", "rejected")


@dataclass(frozen=True)
class Event:
    """One event with its name, and the place that it came from."""

    number: int
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Trouble:
    """A line that was not accepted, and why."""

    number: int
    outcome: str
    reason: str
    event: Mapping[str, Any] | None

    def shown(self) -> dict[str, object]:
        """Return it as it is written down."""
        content = None if self.event is None else exact(self.event)
        found: dict[str, object] = {"line": self.number, "outcome": self.outcome}
        return {**found, "reason": self.reason, "event": content}


@dataclass
class Names:
    """Names the events of one source that have no id: after it and their place.

    So a file that is sent again, whole or with lines added, names its lines as before. `given`
    tells that somebody has said what the source is called; a name that was only taken from the file
    may be another file's tomorrow, so that lines need `occurredAt` then, which tells them apart.
    """

    source: str
    given: bool

    def event(self, line: Line) -> Event | Trouble:
        """Name the event of a line, unless it is none."""
        if line.event is None:
            return Trouble(line.number, "rejected", line.fault or "is no event", None)
        if line.event.get("id") is not None:
            return Event(line.number, line.event)
        if not self.given and line.event.get("occurredAt") is None:
            reason = "has neither id nor occurredAt: name the source of such lines with --source"
            return Trouble(line.number, "rejected", reason, line.event)
        return Event(line.number, {**line.event, "id": f"{self._prefix}:{line.number}"})

    @property
    def _prefix(self) -> str:
        if _NAME_OF_FILE.fullmatch(self.source):
            return self.source
        return "source-" + hashlib.sha256(self.source.encode()).hexdigest()[:40]


class Batches:
    """Gathers events into batches that the API takes whole, and hands on each that is full."""

    def __init__(self, take: Callable[[list[Event]], None]) -> None:
        """Hand on batches to `take`."""
        self._take = take
        self._batch: list[Event] = []
        self._size = 0

    def add(self, event: Event) -> None:
        """Take an event."""
        length = len(json.dumps(exact(event.content), ensure_ascii=False).encode()) + 1
        if len(self._batch) == BATCH_EVENTS_MAX or self._size + length > BATCH_BYTES_MAX:
            self.flush()
        self._batch.append(event)
        self._size += length

    def flush(self) -> None:
        """Hand on what there is, however little."""
        if self._batch:
            batch, self._batch, self._size = self._batch, [], 0
            self._take(batch)


@dataclass
class Tally:
    """What became of the lines so far; those that wait count nowhere."""

    counts: Counter[str] = field(default_factory=Counter)
    troubles: int = 0

    @property
    def lines(self) -> int:
        """How many lines have ended."""
        return self.counts.total()

    def add(self, trouble: Trouble) -> None:
        """Count a line that was not accepted."""
        self.counts[trouble.outcome] += 1
        self.troubles += 1

    def join(self, other: "Tally") -> None:
        """Count what another one counted."""
        self.counts += other.counts
        self.troubles += other.troubles

    def shown(self) -> dict[str, int]:
        """Return the counts by outcome."""
        return {"lines": self.lines, **{name: self.counts[name] for name in OUTCOMES}}


def sort_out(
    batch: Sequence[Event], results: Sequence[Mapping[str, Any]], tally: Tally
) -> tuple[list[Event], list[Trouble]]:
    """Count what became of a batch; returns what to send again, and what was not accepted."""
    again, troubles = [], []
    for event, result in zip(batch, results, strict=True):
        problem = result.get("problem") or {}
        if result["status"] in {"accepted", "duplicate"}:
            tally.counts[result["status"]] += 1
        elif problem.get("code") == "unavailable":
            again.append(event)
        else:
            reason = str(problem.get("detail"))
            trouble = Trouble(event.number, result["status"], reason, event.content)
            tally.add(trouble)
            troubles.append(trouble)
    return again, troubles
