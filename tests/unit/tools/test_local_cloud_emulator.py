"""The emulator is started, and stopped with its state whole or known not to be."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.local_cloud import emulator
from tools.local_cloud.emulator import Emulator, EmulatorFiles
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.ports import HOST, any_free_port

# Answers as MiniStack does, and on SIGTERM logs what it is told to, then waits for a workflow.
STAND_IN = """#!{python}
import http.server, os, signal, sys, time

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

def stop(*_):
    print({last_words!r}, flush=True)
    time.sleep(600)

signal.signal(signal.SIGTERM, stop)
http.server.HTTPServer(("127.0.0.1", int(os.environ["EDGE_PORT"])), Ready).serve_forever()
"""
NO_STATE = "Persistence: failed to save dynamodb: no space left\n"
STATE = "Persistence: saved dynamodb\nSFTP: stopped"


@pytest.fixture
def files(tmp_path: Path) -> EmulatorFiles:
    """Return where one emulator keeps its files."""
    return EmulatorFiles(tmp_path)


@pytest.fixture
def running(
    request: pytest.FixtureRequest, tmp_path: Path, files: EmulatorFiles
) -> Iterator[Emulator]:
    """Return a stand-in that runs, whose last words are the parameter."""
    program = tmp_path / "ministack"
    program.write_text(STAND_IN.format(python=sys.executable, last_words=request.param))
    program.chmod(0o755)
    started = emulator.start(program, files, any_free_port())
    yield started
    started.kill()


@pytest.mark.parametrize("running", [STATE], indirect=True)
def test_a_state_that_was_written_counts_though_the_emulator_does_not_exit(
    running: Emulator, files: EmulatorFiles
) -> None:
    assert files.lock.read_holder() is not None
    assert running.stop()
    with pytest.raises(LocalCloudError, match="ended with exit code"):
        running.check_alive()


@pytest.mark.parametrize("running", [NO_STATE + STATE], indirect=True)
def test_a_state_that_was_written_in_part_does_not_count(running: Emulator) -> None:
    assert not running.stop()


@pytest.mark.parametrize(
    ("running", "is_whole"), [(STATE, True), (NO_STATE + STATE, False)], indirect=["running"]
)
@pytest.mark.usefixtures("running")
def test_an_emulator_that_its_starter_left_behind_writes_its_state_when_it_is_found(
    files: EmulatorFiles,
    is_whole: bool,  # noqa: FBT001  A column of the table above.
) -> None:
    assert emulator.has_orphan(files)
    assert emulator.stop_orphan(files) is is_whole

    assert emulator.kill_orphan(files)
    assert not emulator.has_orphan(files)
    # Found again, it has what it had, and nothing is asked of anybody.
    assert emulator.stop_orphan(files) is is_whole


@pytest.mark.parametrize("running", [STATE], indirect=True)
def test_an_emulator_that_was_killed_wrote_no_state(
    running: Emulator, files: EmulatorFiles
) -> None:
    running.kill()
    assert "SFTP" not in files.log.read_text()
    assert not emulator.kill_orphan(files)
    assert not emulator.stop_orphan(files)


def test_an_emulator_that_ends_at_once_is_reported_with_its_output(
    tmp_path: Path, files: EmulatorFiles
) -> None:
    program = tmp_path / "ministack"
    program.write_text("#!/bin/sh\necho no such luck; exit 3\n")
    program.chmod(0o755)
    # Nobody else gets to answer where the port is held.
    with socket.socket() as held:
        held.bind((HOST, 0))
        with pytest.raises(LocalCloudError, match=r"exit code 3:\n    no such luck"):
            emulator.start(program, files, held.getsockname()[1])
