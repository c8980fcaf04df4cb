"""The local cloud ends what it started, finds what it lost, and keeps away from real accounts."""

import io
import math
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.lambdas import ROOT
from tests.support.polling import eventually
from tools.local_cloud.aws_environment import aws_variables, without_account
from tools.local_cloud.commands import end_group, run_quietly
from tools.local_cloud.emulator import DISCARDED, EmulatorFiles, kill_orphan
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.locks import FileLock
from tools.local_cloud.ports import HOST, choose_port, is_free
from tools.local_cloud.progress import Progress

# Says that it is there, then ignores every polite request to end.
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""


# Starts a program as tools and emulators are started, and waits to be killed.
STARTER = """
import os, signal, sys
from pathlib import Path
from tools.local_cloud.commands import start_bound_to_us
directory = Path(sys.argv[1])
command = [sys.executable, "-c", sys.argv[2]]
start_bound_to_us(command, directory, directory / "log", os.environ)
signal.pause()
"""
# Each of the two, a program and one that it starts, holds a lock as long as it lives.
PROGRAM = """
import fcntl, os, signal
child = os.fork()
lock = open("program" if child else "started-by-it", "w")
fcntl.flock(lock, fcntl.LOCK_EX)
print("ready", flush=True)
signal.pause()
"""


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Return a port that a server listens on."""
    with closing(socket.create_server((HOST, 0))) as server:
        yield server.getsockname()[1]


def test_a_taken_port_leads_to_another_one_that_is_free(taken_port: int) -> None:
    chosen = choose_port(taken_port)
    assert chosen != taken_port
    assert is_free(chosen)


def test_a_free_port_is_chosen(taken_port: int) -> None:
    free = choose_port(taken_port)
    assert choose_port(free) == free


def test_a_lock_has_one_holder_at_a_time(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire()
    first.write_holder(41)
    assert not second.acquire()
    assert second.read_holder() == 41
    first.close()
    assert second.acquire()
    second.write_holder(None)
    assert first.read_holder() is None
    second.close()


def test_waiting_for_a_lock_ends_when_it_takes_too_long(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.wait(0)
    assert not second.wait(0)
    first.close()


def test_an_emulator_whose_starter_was_killed_is_found_and_ended(tmp_path: Path) -> None:
    files = EmulatorFiles(tmp_path)
    lock = files.lock
    assert lock.acquire()
    orphan = subprocess.Popen(
        [sys.executable, "-c", STUBBORN],
        stdout=subprocess.PIPE,
        start_new_session=True,
        pass_fds=[lock.descriptor()],
    )
    lock.write_holder(orphan.pid)
    lock.close()
    with orphan:
        assert kill_orphan(files)
        assert orphan.wait() == -signal.SIGKILL
    assert not kill_orphan(files)


def test_a_program_ends_with_whoever_started_it_even_killed(tmp_path: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, tmp_path, PROGRAM], cwd=ROOT)
    log = tmp_path / "log"
    locks = [FileLock(tmp_path / name) for name in ("program", "started-by-it")]
    try:
        eventually(
            lambda: log.exists() and log.read_text(),
            lambda said: said == "ready\n" * 2,
            seconds=120,
        )
        assert not any(lock.acquire() for lock in locks)
    finally:
        starter.kill()
    assert starter.wait() == -signal.SIGKILL

    for lock in locks:
        assert lock.wait(120)
        lock.close()


def test_the_temporary_directory_is_out_of_the_way_at_once_and_gone_soon(tmp_path: Path) -> None:
    files = EmulatorFiles(tmp_path)
    (files.scratch / "unpacked").mkdir(parents=True)
    (tmp_path / f"{DISCARDED}left-by-a-run-that-was-killed").mkdir()
    files.discard_scratch()
    assert not files.scratch.exists()
    assert eventually(lambda: list(tmp_path.iterdir()), lambda left: not left, seconds=120) == []


def test_a_process_that_ignores_the_request_to_end_is_killed() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        end_group(process, grace_seconds=0.1)
        assert process.returncode == -signal.SIGKILL


def test_a_program_that_fails_is_reported_with_the_end_of_its_output(tmp_path: Path) -> None:
    script = "print('the reason'); raise SystemExit(3)"
    with pytest.raises(LocalCloudError, match=r"exit code 3:\n    the reason"):
        _run(tmp_path, script, Progress(output=io.StringIO()))


def test_a_program_that_stalls_is_ended_and_reported(tmp_path: Path) -> None:
    with pytest.raises(LocalCloudError, match=r"did not end in 0 s"):
        _run(tmp_path, "import time; time.sleep(600)", Progress(output=io.StringIO()), seconds=0)


def test_a_program_that_succeeds_leaves_its_output_in_the_log_only(tmp_path: Path) -> None:
    shown = io.StringIO()
    _run(tmp_path, "print('done')", Progress(output=shown))
    assert shown.getvalue() == ""
    assert (tmp_path / "log").read_text() == "done\n"


def test_progress_tells_the_seconds_and_repeats_a_long_step_now_and_then() -> None:
    now = 100.0
    shown = io.StringIO()
    progress = Progress(clock=lambda: now, output=shown)
    now = 101.25
    progress.say("Building")
    now = 109.0
    progress.still_at_it()
    now = 112.0
    progress.still_at_it()
    assert shown.getvalue().splitlines() == [
        "[  1.2 s] Building",
        "[ 12.0 s] ... still: Building",
    ]


def test_the_environment_of_a_program_names_no_account() -> None:
    caller = {
        "PATH": "/bin",
        "PYTHONPATH": "layers/common",
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ENDPOINT_URL_DYNAMODB": "https://elsewhere",
    }
    environment = without_account(caller) | aws_variables("http://127.0.0.1:4566")
    assert environment == {
        "PATH": "/bin",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }


def _run(directory: Path, script: str, progress: Progress, seconds: float = math.inf) -> None:
    run_quietly(
        [sys.executable, "-c", script],
        log=directory / "log",
        environment=os.environ,
        directory=directory,
        progress=progress,
        seconds=seconds,
    )
