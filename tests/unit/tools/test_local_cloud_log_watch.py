"""The terminal shows what a person wants to know of what the functions log."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tools.local_cloud.log_watch import (
    OVERLAP_MS,
    REST_SECONDS,
    LogWatch,
    rest_seconds,
    worth_showing,
)

RUN, USAGE = "/aws/lambda/run_billing", "/aws/lambda/usage"


class FakeLogs:
    """Answers from a list, two events or groups a page, and counts what it is asked."""

    def __init__(self) -> None:
        self.events: dict[str, list[dict[str, Any]]] = {RUN: [], USAGE: [], "/aws/vendedlogs": []}
        self.asked: list[tuple[str, int]] = []
        self.descriptions = 0

    def get_paginator(self, operation: str) -> "FakePages":
        return FakePages(getattr(self, operation))

    def describe_log_groups(self) -> list[dict[str, Any]]:
        self.descriptions += 1
        return [{"logGroups": [self.describe(name)]} for name in self.events]

    def describe(self, name: str) -> dict[str, Any]:
        stored = sum(len(event["message"]) for event in self.events[name])
        return {"logGroupName": name, "storedBytes": stored}

    def filter_log_events(self, *, logGroupName: str, startTime: int) -> list[dict[str, Any]]:  # noqa: N803
        self.asked.append((logGroupName, startTime))
        events = self.events[logGroupName]
        found = [event for event in events if event["timestamp"] >= startTime]
        return [{"events": found[start : start + 2]} for start in range(0, len(found), 2)]

    def log(self, timestamp: int, settled: int, group: str = RUN, stream: str = "one") -> None:
        message = json.dumps({"level": "INFO", "TabsSettled": settled})
        event = {"logStreamName": stream, "timestamp": timestamp, "message": message}
        self.events[group].append(event)


@dataclass
class FakePages:
    """Hands out the pages of one operation."""

    paginate: Callable[..., list[dict[str, Any]]]


def watch_of(logs: FakeLogs, since: int = 100) -> LogWatch:
    return LogWatch(logs, {RUN: "run_billing", USAGE: "usage"}, since)


def test_every_line_is_shown_once_also_when_it_shares_its_millisecond() -> None:
    logs = FakeLogs()
    watch = watch_of(logs)
    logs.log(99, settled=9)
    for settled in (1, 2, 3):
        logs.log(100 + settled, settled)
    assert list(watch.new_lines()) == [f"run_billing: TabsSettled {n}" for n in (1, 2, 3)]
    logs.log(103, settled=4)
    assert list(watch.new_lines()) == ["run_billing: TabsSettled 4"]
    assert list(watch.new_lines()) == []


def test_nothing_is_asked_of_a_group_that_holds_no_more_than_before() -> None:
    logs = FakeLogs()
    watch = watch_of(logs)
    logs.log(200_000, settled=1)
    logs.log(200_000, settled=1, group=USAGE)
    list(watch.new_lines())
    logs.asked.clear()

    for _ in range(3):
        assert list(watch.new_lines()) == []
    assert (logs.asked, logs.descriptions) == ([], 4)
    logs.log(300_000, settled=2, group=USAGE)
    assert list(watch.new_lines()) == ["usage: TabsSettled 2"]
    assert logs.asked == [(USAGE, 200_000 - OVERLAP_MS)]


def test_a_line_of_an_invocation_that_wrote_late_is_shown() -> None:
    """Two invocations end at once, and the one with the earlier time writes behind the other."""
    logs = FakeLogs()
    watch = watch_of(logs)
    logs.log(200_000, settled=2)
    assert list(watch.new_lines()) == ["run_billing: TabsSettled 2"]
    logs.log(199_999, settled=1, stream="two")
    assert list(watch.new_lines()) == ["run_billing: TabsSettled 1"]


def test_watching_stays_a_small_share_of_the_time_however_much_was_logged() -> None:
    assert rest_seconds(0.001) == REST_SECONDS
    assert rest_seconds(0.1) == 20


def test_a_billing_run_that_did_something_is_shown_with_what_it_did() -> None:
    line = {"level": "INFO", "message": "Billing run", "TabsFound": 2, "TabsSettled": 2}
    line |= {"RecordsPaid": 1, "RecordsUnpaid": 0, "cold_start": True, "remaining": 0}
    assert worth_showing(json.dumps(line)) == "TabsFound 2, TabsSettled 2, RecordsPaid 1"


def test_warnings_and_faults_are_shown() -> None:
    line = {"level": "ERROR", "message": "Unhandled", "exception_name": "KeyError"}
    assert worth_showing(json.dumps(line)) == "ERROR: Unhandled (KeyError)"
    assert worth_showing('{"level": "WARNING", "message": "Slow"}') == "WARNING: Slow"


@pytest.mark.parametrize(
    "message",
    [
        "START RequestId: 1 Version: $LATEST",
        '{"level": "INFO", "message": "Billing run", "TabsFound": 0, "TabsSettled": 0}',
        '{"level": "INFO", "message": "Recorded"}',
        '{"level": "INFO", "TabsFound": true}',
        "[1, 2]",
        "",
    ],
)
def test_everything_else_is_not_shown(message: str) -> None:
    assert worth_showing(message) is None
