"""Running other programs, quietly, and ending them with us."""

import math
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.progress import Progress

POLL_SECONDS = 0.5
ANSWER_POLL_SECONDS = 0.1
END_SECONDS = 5.0
SHOWN_LINES = 40

# The program takes the place of the shell; what is left watches a pipe that closes when whoever
# started the program ends, even killed, and then ends the program and all that it started.
_END_GROUP = '{ cat <&3 >/dev/null; kill -s KILL -- "-$$"; } 2>/dev/null'
END_WITH_STARTER = f'exec 3<&0; {_END_GROUP} & exec "$@" 3<&- </dev/null'


def run_quietly(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    directory: Path,
    progress: Progress,
    seconds: float = math.inf,
) -> None:
    """Run a program to its end with its output in a log file, shown only when it fails.

    Raises LocalCloudError with the end of the log when the program fails, or takes longer.
    """
    with start_bound_to_us(command, directory, log, environment) as process:
        try:
            code = _wait(process, progress, seconds)
        finally:
            end_group(process, grace_seconds=END_SECONDS)
    if code != 0:
        how = f"did not end in {seconds:.0f} s" if code is None else f"failed with exit code {code}"
        name = " ".join([Path(command[0]).name, *command[1:3]])
        raise LocalCloudError(f"'{name}' {how}:\n{last_lines(log)}")


def start_bound_to_us(
    command: Sequence[str], directory: Path, log: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a program that ends when this process does, whatever it ends of."""
    with log.open("wb") as output:
        return subprocess.Popen(
            ["/bin/sh", "-c", END_WITH_STARTER, "sh", *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=directory,
            # In a session of its own, so that Ctrl-C reaches only us and we end it in good order.
            start_new_session=True,
        )


def check_alive(process: subprocess.Popen[bytes], name: str, log: Path | None) -> None:
    """Raise LocalCloudError, with the end of its log if it has one, when a program has ended."""
    if process.poll() is not None:
        end = f":\n{last_lines(log)}" if log else ""
        raise LocalCloudError(f"{name} ended with exit code {process.returncode}{end}")


def wait_until_up(
    process: subprocess.Popen[bytes],
    answers: Callable[[], bool],
    *,
    name: str,
    log: Path | None,
    seconds: float,
) -> None:
    """Return when a program answers; raise LocalCloudError when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not answers():
        check_alive(process, name, log)
        if time.monotonic() > deadline:
            raise LocalCloudError(f"{name} did not answer for {seconds:.0f} s")
        time.sleep(ANSWER_POLL_SECONDS)


def last_lines(log: Path) -> str:
    """Return the end of a log file, indented."""
    lines = log.read_text(errors="replace").splitlines()[-SHOWN_LINES:]
    return "\n".join(f"    {line}" for line in lines)


def end_group(process: subprocess.Popen[bytes], *, grace_seconds: float) -> None:
    """End a program that leads its own session, and whatever it started.

    It is asked with SIGTERM, and killed when it still runs after the grace.
    """
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=grace_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    kill_group(process.pid)


def kill_group(leader_pid: int) -> None:
    """Kill what is left of the group that a program led."""
    try:
        os.killpg(leader_pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _wait(process: subprocess.Popen[bytes], progress: Progress, seconds: float) -> int | None:
    """Return the exit code, or None where the program takes longer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            return process.wait(timeout=POLL_SECONDS)
        except subprocess.TimeoutExpired:
            progress.still_at_it()
    return None
