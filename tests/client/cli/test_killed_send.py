"""A process that is killed while it sends loses nothing and doubles nothing: send it again."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from tests.support.served import served
from usage_billing.cli.exits import Exit

COMMAND = [sys.executable, "-c", "from usage_billing.cli import main; main()"]
EVENTS = 7_500


class Recorder:
    """Records batches as the product does, and may kill who sends one when it is recorded."""

    def __init__(self) -> None:
        """Record nothing yet, and kill nobody."""
        self.units: dict[tuple[str, str], int] = {}
        self.batches = 0
        self.kill_at_batch: int | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one batch."""
        body = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        results = [self._record(event) for event in body["events"]]
        self.batches += 1
        if self.batches == self.kill_at_batch:
            os.kill(self.sender, signal.SIGKILL)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"results": results}).encode()]

    def _record(self, event: dict[str, object]) -> dict[str, object]:
        name = (str(event["customerId"]), str(event["id"]))
        known = name in self.units
        self.units.setdefault(name, int(str(event["units"])))
        return {"status": "duplicate" if known else "accepted"}

    sender = 0


@pytest.fixture
def recorder() -> Recorder:
    """Give a recorder."""
    return Recorder()


@pytest.fixture
def url(recorder: Recorder) -> Iterator[str]:
    """Give the address of the recorder."""
    with served(recorder) as url:
        yield url


def send(file: Path, url: str, recorder: Recorder) -> tuple[int, str]:
    """Send a file from a process of its own; returns how it ended and what it wrote."""
    environment = {**os.environ, "BILLING_URL": url, "BILLING_API_KEY": "ub_key"}
    with subprocess.Popen(
        [*COMMAND, "usage", "send", str(file), "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        recorder.sender = process.pid
        data, _ = process.communicate(timeout=60)
    return process.returncode, data


@pytest.mark.parametrize("batch", [1, 4], ids=["first", "later"])
def test_a_file_whose_sending_was_killed_is_sent_again_and_the_totals_agree(
    tmp_path: Path, url: str, recorder: Recorder, batch: int
) -> None:
    file = tmp_path / "usage.ndjson"
    lines = [
        {
            "customerId": f"customer-{number % 7}",
            "productId": "api-calls",
            "units": number % 10,
            "occurredAt": "2026-01-31T09:00:00Z",
        }
        for number in range(EVENTS)
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))

    recorder.kill_at_batch = batch
    killed, _ = send(file, url, recorder)
    before = len(recorder.units)
    recorder.kill_at_batch = None
    code, data = send(file, url, recorder)

    assert (killed, code) == (-signal.SIGKILL, Exit.DONE)
    assert 0 < before < EVENTS
    counts = json.loads(data)
    assert counts["accepted"] + counts["duplicate"] == EVENTS == len(recorder.units)
    assert sum(recorder.units.values()) == sum(int(str(line["units"])) for line in lines)
