"""The terminal shows what a person wants to know of what the functions log."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tools.local_cloud.log_watch import LogWatch, worth_showing


class FakeLogs:
    """Answers filter_log_events from a list, two events a page."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.asked_from: list[int] = []

    def get_paginator(self, _operation: str) -> "FakeLogs":
        return self

    def paginate(self, *, logGroupName: str, startTime: int) -> Iterator[dict[str, Any]]:  # noqa: N803
        assert logGroupName == "/aws/lambda/run_billing"
        self.asked_from.append(startTime)
        found = [event for event in self.events if event["timestamp"] >= startTime]
        for start in range(0, len(found), 2):
            yield {"events": found[start : start + 2]}

    def log(self, timestamp: int, settled: int) -> None:
        message = json.dumps({"level": "INFO", "TabsSettled": settled})
        event = {"logStreamName": "one", "timestamp": timestamp, "message": message}
        self.events.append(event)


def test_every_line_is_shown_once_also_when_it_shares_its_millisecond() -> None:
    logs = FakeLogs()
    watch = LogWatch(logs, {"/aws/lambda/run_billing": "run_billing"}, since=100)
    logs.log(99, settled=9)
    for settled in (1, 2, 3):
        logs.log(100 + settled, settled)
    assert list(watch.new_lines()) == [f"run_billing: TabsSettled {n}" for n in (1, 2, 3)]
    logs.log(103, settled=4)
    assert list(watch.new_lines()) == ["run_billing: TabsSettled 4"]
    assert list(watch.new_lines()) == []
    assert logs.asked_from == [100, 103, 103]


def test_a_billing_run_that_did_something_is_shown_with_what_it_did() -> None:
    line = {"level": "INFO", "message": "Billing run", "TabsFound": 2, "TabsSettled": 2}
    line |= {"RecordsPaid": 1, "RecordsPending": 0, "cold_start": True, "remaining": 0}
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
