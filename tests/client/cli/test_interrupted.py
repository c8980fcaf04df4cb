"""Whoever interrupts a command, or reads no more of it, is told where it stands, in words."""

import json
import operator
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import IO
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from typer.testing import CliRunner

from tests.support.polling import eventually
from tests.support.served import served
from usage_billing.cli.app import app
from usage_billing.cli.exits import Exit
from usage_billing.cli.output import Columns, Output, counted

# Whoever runs these tests in the background of a shell has the interrupt ignored, and so have all
# that they start; `hears_interrupts` is for what runs in the process of the tests.
PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from usage_billing.cli import main
main()
"""
COMMAND = [sys.executable, "-c", PROGRAM]
RUNNING = {
    "recordId": "acme~0~1",
    "amountCents": 100,
    "recordStatus": "retrying",
    "status": "running",
    "attempts": [],
    "nextAttemptAt": None,
}


class Backend:
    """Answers what commands ask; `asked` is set with each request, and `may_go` lets it go on."""

    def __init__(self) -> None:
        """Let everything go on, and have recorded nothing."""
        self.ids: list[str] = []
        self.pages = 0
        self.asked = Event()
        self.may_go = Event()
        self.may_go.set()
        self.reads = Event()
        self.may_end_reading = Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        answer = self._answer(environ)
        self.asked.set()
        assert self.may_go.wait(60)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def _answer(self, environ: WSGIEnvironment) -> dict[str, object]:
        path = environ["PATH_INFO"]
        # Closed with something unread, a connection is reset, perhaps before the answer is read.
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if path.startswith("/executions/"):
            return RUNNING
        if path == "/logs/uploads":
            url = f"http://{environ['HTTP_HOST']}/bucket"
            return {
                "fileId": "file-1",
                "key": "incoming/f",
                "url": url,
                "fields": {},
                "maxBytes": 9,
            }
        if path == "/jobs/process-logs":
            self.reads.set()
            assert self.may_end_reading.wait(120)
        if path in {"/bucket", "/logs/files/file-1", "/jobs/process-logs"}:
            return {"state": "processing", "lines": 0}
        if path == "/users":
            self.pages += 1
            return {"items": [customer(number) for number in range(100)], "cursor": str(self.pages)}
        body = json.loads(sent)
        self.ids += [event["id"] for event in body["events"]]
        return {"results": [{"status": "accepted"}] * len(body["events"])}


def customer(number: int) -> dict[str, object]:
    """Make a customer of a list that has no end."""
    told: dict[str, object] = {"id": f"customer-{number}", "name": "n" * 500, "mode": "prepaid"}
    return {**told, "status": "active", "createdAt": "2026-01-31T09:00:00Z"}


@pytest.fixture
def backend() -> Backend:
    """Give what answers."""
    return Backend()


type Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(backend: Backend) -> Iterator[Start]:
    """Give what starts `billing` in a process of its own, whose streams are pipes."""
    with served(backend) as url:
        environment = {**os.environ, "BILLING_URL": url, "BILLING_API_KEY": "ub_key"}

        def begin(
            *arguments: str, stdout: int | IO[bytes] = subprocess.PIPE
        ) -> "subprocess.Popen[bytes]":
            return subprocess.Popen(
                [*COMMAND, *arguments],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=stdout,
                stderr=subprocess.PIPE,
            )

        yield begin
        backend.may_go.set()


@contextmanager
def ended(process: "subprocess.Popen[bytes]") -> Iterator["subprocess.Popen[bytes]"]:
    """Kill a process that is still there in the end."""
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def lines(count: int) -> bytes:
    """Write events as lines."""
    event = '{"id": "e%d", "customerId": "acme", "productId": "api-calls", "units": 1}\n'
    return "".join(event % number for number in range(count)).encode()


def test_an_interrupted_file_says_what_was_sent_and_sends_no_more(
    start: Start, backend: Backend, tmp_path: Path
) -> None:
    file = tmp_path / "usage.ndjson"
    file.write_bytes(lines(5000))
    backend.may_go.clear()
    with ended(start("usage", "send", str(file), "--parallel", "1", "--json")) as process:
        assert backend.asked.wait(60)
        process.send_signal(signal.SIGINT)
        backend.may_go.set()
        data, words = process.communicate(timeout=60)

    assert process.returncode == Exit.INTERRUPTED
    assert json.loads(data)["accepted"] == 1000 == len(backend.ids)
    assert words.decode().splitlines()[-1] == "Interrupted: send it again to go on"
    assert b"Traceback" not in words


@pytest.fixture
def hears_interrupts() -> Iterator[None]:
    """Have an interrupt raised in this process, as Python does where nobody said otherwise."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_interrupts")
@pytest.mark.parametrize("step", ["submit", "result"], ids=["begun", "counted"])
def test_a_batch_that_is_begun_or_counted_when_an_interrupt_comes_is_in_the_summary(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    file = tmp_path / "usage.ndjson"
    file.write_bytes(lines(5000))

    def interrupted(step: Callable[..., object]) -> Callable[..., object]:
        def act(*arguments: object) -> object:
            done = step(*arguments)
            signal.raise_signal(signal.SIGINT)
            return done

        return act

    owner = ThreadPoolExecutor if step == "submit" else Future
    monkeypatch.setattr(owner, step, interrupted(getattr(owner, step)))
    with served(backend) as url:
        monkeypatch.setenv("BILLING_URL", url)
        monkeypatch.setenv("BILLING_API_KEY", "ub_key")
        ran = CliRunner().invoke(app, ["usage", "send", str(file), "--parallel", "1", "--json"])

    assert ran.exit_code == Exit.INTERRUPTED
    assert json.loads(ran.stdout)["accepted"] == 1000 == len(backend.ids)


def test_watching_retries_ends_with_an_interrupt(start: Start, backend: Backend) -> None:
    with ended(start("retries", "watch", "acme~0~1")) as process:
        assert backend.asked.wait(60)
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=60)

    assert (process.returncode, words) == (Exit.INTERRUPTED, b"Interrupted\n")


def test_who_interrupts_the_reading_of_a_file_waits_for_nothing(
    start: Start, backend: Backend, tmp_path: Path
) -> None:
    file = tmp_path / "log"
    file.write_bytes(b"[]")
    with ended(start("logs", "upload", str(file), "--read")) as process:
        assert backend.reads.wait(60)
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=60)
    backend.may_end_reading.set()

    assert process.returncode == Exit.INTERRUPTED
    assert words.startswith(b"Interrupted: the file is in the bucket")


def test_what_a_slow_writer_wrote_is_sent_while_it_writes_nothing(
    start: Start, backend: Backend
) -> None:
    with ended(start("usage", "send", "-", "--json")) as process:
        assert process.stdin is not None
        for number in range(2):
            process.stdin.write(lines(1).replace(b"e0", b"slow-%d" % number))
            process.stdin.flush()
            eventually(lambda: len(backend.ids), partial(operator.eq, number + 1), seconds=60)
        assert backend.ids == ["slow-0", "slow-1"]
        process.stdin.write(b'{"id": "half a li')
        data, words = process.communicate(timeout=60)

    assert process.returncode == Exit.WRONG
    assert json.loads(data)["accepted"] == 2
    assert words.startswith(
        b"line 3: rejected: is not JSON: Unterminated string starting at: column 8"
    )


@pytest.mark.parametrize("as_json", [("--json",), ()], ids=["json", "table"])
def test_a_reader_that_wants_no_more_ends_a_list_without_a_word(
    start: Start, as_json: tuple[str, ...]
) -> None:
    with ended(start("customer", "list", *as_json, "--limit", "2000")) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        process.stdout = None
        _, words = process.communicate(timeout=60)

    assert (process.returncode, words) == (Exit.CLOSED, b"")


@pytest.mark.parametrize("as_json", [("--json",), ()], ids=["json", "table"])
def test_a_disk_that_is_full_is_told_in_a_sentence(start: Start, as_json: tuple[str, ...]) -> None:
    with (
        Path("/dev/full").open("wb") as disk,
        ended(start("customer", "list", *as_json, "--limit", "200", stdout=disk)) as process,
    ):
        _, words = process.communicate(timeout=60)

    assert process.returncode == Exit.USAGE
    assert words == b"Reading or writing failed: No space left on device\n"


def test_a_list_that_is_interrupted_shows_what_was_found(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def found() -> Iterator[dict[str, object]]:
        yield {"name": "first"}
        raise KeyboardInterrupt

    columns = Columns(("name", lambda it: it["name"]), none="Nothing")
    with pytest.raises(KeyboardInterrupt):
        Output(as_json=False).many(found(), columns)

    assert capsys.readouterr().out == "name\nfirst\n"


@pytest.mark.parametrize(("length", "folded"), [(36, False), (64, True)], ids=["usual", "longest"])
def test_a_name_is_folded_last_of_all_columns(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    length: int,
    folded: bool,  # noqa: FBT001  A value of a parameter.
) -> None:
    monkeypatch.setattr("usage_billing.cli.output._WIDTH_OF_PIPES", 80)
    rows = [{"id": "x" * length, "reason": "is too long for the line " * 5}]
    columns = Columns(
        ("id", lambda it: it["id"]), ("reason", lambda it: it["reason"]), none="Nothing"
    )

    Output(as_json=False).many(rows, columns)

    shown = capsys.readouterr().out
    assert ("x" * length not in shown) is folded
    assert shown.count("x") == length
    assert shown.count("long") == 5


def test_whoever_waits_at_a_terminal_is_told_for_what() -> None:
    terminal, side = pty.openpty()
    # Nobody listens there.
    nowhere = {**os.environ, "BILLING_URL": "http://127.0.0.1:9", "COLUMNS": "200"}
    with ended(subprocess.Popen([*COMMAND, "whoami"], env=nowhere, stdout=side, stderr=side)):
        # The last one that has it open is the command: reading fails once it ends.
        os.close(side)
        shown = b""
        while b"Connection refused; trying again in " not in shown:
            shown += os.read(terminal, 65_536)
    os.close(terminal)


def test_a_count_has_its_noun() -> None:
    assert counted(0, "line") == "0 lines"
    assert counted(1, "entry", "entries") == "1 entry"
    assert counted(2000, "entry", "entries") == "2,000 entries"
