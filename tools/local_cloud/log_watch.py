"""Shows, of all that the functions log, what the person at the terminal wants to know."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.local_cloud.aws_environment import AwsClient

COUNTS = ("Tabs", "Records")
ALARMING_LEVELS = {"WARNING", "ERROR", "CRITICAL"}


def worth_showing(message: str) -> str | None:
    """Return what to show of one logged line, or None when it tells nothing new.

    Shown are warnings and faults, and every report of a billing run that did something: a line
    with counts of which one is not 0.
    """
    try:
        line = json.loads(message)
    except ValueError:
        return None
    if not isinstance(line, dict):
        return None
    if line.get("level") in ALARMING_LEVELS:
        fault = line.get("exception_name")
        return f"{line['level']}: {line.get('message')}" + (f" ({fault})" if fault else "")
    counts = _counts(line)
    if any(counts.values()):
        return ", ".join(f"{name} {count}" for name, count in counts.items() if count)
    return None


def _counts(line: Mapping[str, Any]) -> dict[str, int]:
    return {
        name: value
        for name, value in line.items()
        if name.startswith(COUNTS) and type(value) is int
    }


def _identity(event: Mapping[str, Any]) -> tuple[str, int, str]:
    """Return what stands for the event's id, which MiniStack does not give."""
    return event["logStreamName"], event["timestamp"], event["message"]


@dataclass
class LogWatch:
    """Reads the new lines of some log groups, each line once.

    ``groups`` names the function that writes each group; ``since`` is the time of the first line
    to show, in milliseconds since 1970.
    """

    client: AwsClient
    groups: Mapping[str, str]
    since: int
    _newest: dict[str, int] = field(default_factory=dict)
    _seen: set[tuple[str, int, str]] = field(default_factory=set)

    def new_lines(self) -> Iterator[str]:
        """Yield what is worth showing of what was logged since the last call."""
        for group, function in self.groups.items():
            for event in self._events(group):
                shown = worth_showing(event["message"])
                if shown is not None:
                    yield f"{function}: {shown}"

    def _events(self, group: str) -> list[Mapping[str, Any]]:
        # From the newest time on, not after it: more lines of that millisecond may have come.
        start = self._newest.get(group, self.since)
        pages = self.client.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=start
        )
        events = [event for page in pages for event in page["events"]]
        fresh = [event for event in events if _identity(event) not in self._seen]
        self._seen.update(_identity(event) for event in fresh)
        self._newest[group] = max([start, *(event["timestamp"] for event in events)])
        return fresh
