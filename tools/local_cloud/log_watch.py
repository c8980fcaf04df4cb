"""Shows, of all that the functions log, what the person at the terminal wants to know."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.local_cloud.aws_environment import AwsClient

COUNTS = ("Tabs", "Records")
ALARMING_LEVELS = {"WARNING", "ERROR", "CRITICAL"}
# How long after a newer line an older one may still appear.
OVERLAP_MS = 5_000

# Soon enough for who reads the terminal.
REST_SECONDS = 3.0
# What looking may take of the time, of both processes together.
SHARE_OF_TIME = 1 / 200

# What stands for the id of an event: its stream, its time, its text.
type Identity = tuple[str, int, str]


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


def rest_seconds(looked_seconds: float) -> float:
    """Tell how long to wait after a look, so that watching stays a small share of the time.

    A look takes the longer the more was ever logged: the emulator counts all of it.
    """
    return max(REST_SECONDS, looked_seconds / SHARE_OF_TIME)


def _counts(line: Mapping[str, Any]) -> dict[str, int]:
    return {
        name: value
        for name, value in line.items()
        if name.startswith(COUNTS) and type(value) is int
    }


def _identity(event: Mapping[str, Any]) -> Identity:
    """Return what stands for the event's id, which MiniStack does not give."""
    return event["logStreamName"], event["timestamp"], event["message"]


@dataclass
class LogWatch:
    """Reads the new lines of some log groups, each line once.

    ``groups`` names the function that writes each group; ``since`` is the time of the first line
    to show, in milliseconds since 1970.

    The emulator keeps a log stream for each invocation for ever, and goes through all of them to
    find new lines. So it is first asked, once for all groups, how much each holds, and for lines
    only of those that hold more: watching functions that do nothing costs next to nothing.
    """

    client: AwsClient
    groups: Mapping[str, str]
    since: int
    _stored: dict[str, int] = field(default_factory=dict)
    _newest: dict[str, int] = field(default_factory=dict)
    _seen: dict[str, set[Identity]] = field(default_factory=dict)

    def new_lines(self) -> Iterator[str]:
        """Yield what is worth showing of what was logged since the last call."""
        # How much there was before the lines were read: what comes meanwhile is more again.
        stored = self._bytes_by_group()
        for group, function in self.groups.items():
            if stored.get(group) == self._stored.get(group):
                continue
            for event in self._events(group):
                shown = worth_showing(event["message"])
                if shown is not None:
                    yield f"{function}: {shown}"
        self._stored = stored

    def _bytes_by_group(self) -> dict[str, int]:
        pages = self.client.get_paginator("describe_log_groups").paginate()
        return {
            group["logGroupName"]: group["storedBytes"]
            for page in pages
            for group in page["logGroups"]
        }

    def _events(self, group: str) -> list[Mapping[str, Any]]:
        # Not from behind the newest: two invocations write side by side, and neither waits.
        start = max(self.since, self._newest.get(group, 0) - OVERLAP_MS)
        pages = self.client.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=start
        )
        events = [event for page in pages for event in page["events"]]
        seen = self._seen.get(group, set())
        self._seen[group] = {_identity(event) for event in events}
        self._newest[group] = max([start, *(event["timestamp"] for event in events)])
        return [event for event in events if _identity(event) not in seen]
