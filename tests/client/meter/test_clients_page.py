"""Every program of docs/clients.md records the usage that it is said to."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.client.meter.server import KEY, Server
from tests.client.meter.test_processes import Invocation
from tests.support.lambdas import ROOT

PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
Program = dict[str, Any]


def programs() -> dict[str, str]:
    """Find the programs of the page by their headings."""
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    return {
        section.partition("\n")[0]: match[1]
        for section in sections
        for match in re.finditer(r"```python\n(.*?)```", section, re.DOTALL)
    }


@pytest.fixture
def start(
    server: Server, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Program]]:
    """Give what starts a program, and closes the meter that it has."""
    monkeypatch.setenv("BILLING_URL", server.url)
    monkeypatch.setenv("BILLING_API_KEY", KEY)
    monkeypatch.setenv("USAGE_SPOOL", str(spool))
    started: list[Program] = []

    def begin(name: str) -> Program:
        program: Program = {"__name__": "program"}
        exec(compile(programs()[name], name, "exec"), program)  # noqa: S102  They are ours.
        started.append(program)
        return program

    yield begin
    for program in started:
        if "meter" in program:
            program["meter"].close()


def told(server: Server) -> list[tuple[str, str, str]]:
    """List what was recorded: customer, product and units."""
    events = server.ledger.events.values()
    return sorted((each["customerId"], each["productId"], each["units"]) for each in events)


def test_all_programs_are_run_here() -> None:
    assert list(programs()) == ["A web server", "A cron job", "A Lambda function", "A log shipper"]


def test_a_web_server(server: Server, start: Callable[[str], Program]) -> None:
    program = start("A web server")
    for _ in range(2):
        assert program["app"]({"REMOTE_USER": "acme"}, lambda *_: None) == [b"Hello\n"]
    program["meter"].close()

    assert told(server) == [("acme", "api-calls", "1")] * 2


def test_a_cron_job_that_runs_twice_counts_once(
    server: Server, start: Callable[[str], Program]
) -> None:
    for _ in range(2):
        start("A cron job")["bill_storage"](date(2026, 1, 31), {"acme": 7, "globex": 8})

    assert told(server) == [("acme", "storage", "7"), ("globex", "storage", "8")]


def test_a_lambda_function_whose_message_comes_twice_counts_once(
    server: Server, start: Callable[[str], Program]
) -> None:
    program = start("A Lambda function")
    event = {"Records": [{"messageId": "m-1", "body": "acme"}]}
    for _ in range(2):
        program["handler"](event, Invocation(30_000))

    assert told(server) == [("acme", "compute", "1")]


def test_a_log_shipper(server: Server, start: Callable[[str], Program]) -> None:
    line = {"customer": "acme", "product": "bandwidth", "units": 5, "id": "line-1"}
    start("A log shipper")["ship"]([json.dumps(line), json.dumps(line)])

    assert told(server) == [("acme", "bandwidth", "5")]
