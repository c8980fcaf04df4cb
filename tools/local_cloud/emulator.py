"""MiniStack, the emulator of AWS: installing it, starting it, stopping it."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from tools.local_cloud.aws_environment import REGION, without_account
from tools.local_cloud.commands import (
    check_alive,
    end_group,
    kill_group,
    run_quietly,
    wait_until_up,
)
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.locks import FileLock
from tools.local_cloud.ports import HOST
from tools.local_cloud.progress import Progress

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
NAME = "MiniStack"
# A busy machine may take so long; one that ends by itself is noticed at once.
READY_SECONDS = 300.0
# It writes its whole state when it stops, in a second or three.
STOP_SECONDS = 120.0
# What it logs right after that. It may not exit for a long time then: it waits for every workflow
# that waits, and nothing that comes of those is written any more.
STATE_WRITTEN = b"SFTP: stopped"
STATE_NOT_WRITTEN = b"Persistence: failed to save"
EXIT_SECONDS = 1.0
POLL_SECONDS = 0.1
DISCARDED = "discarded-"
# It says itself who it is, so that it can be found even when its starter is killed right now.
HOLD_AND_BECOME = 'echo $$ >"$1" && exec "$0"'


def install(directory: Path, *, uv: str, progress: Progress) -> Path:
    """Return the program, after installing it into the directory unless it is there already."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    marker = directory / "installed"
    program = directory / "bin" / "ministack"
    if marker.exists() and marker.read_text() == wanted and program.exists():
        return program
    progress.say("Installing MiniStack, the emulator of AWS")
    directory.parent.mkdir(parents=True, exist_ok=True)
    python = str(directory / "bin" / "python")
    steps = [
        [uv, "venv", "--clear", "--python", sys.executable, str(directory)],
        [uv, "pip", "install", "--python", python, "--requirements", str(REQUIREMENTS)],
    ]
    for step in steps:
        run_quietly(
            step,
            log=directory.with_suffix(".install.log"),
            environment=os.environ,
            directory=directory.parent,
            progress=progress,
        )
    marker.write_text(wanted)
    return program


@dataclass(frozen=True)
class EmulatorFiles:
    """Where one emulator keeps what it writes."""

    home: Path

    @property
    def state(self) -> Path:
        """Return the directory that it reads at its start and writes when it stops."""
        return self.home / "state"

    @property
    def scratch(self) -> Path:
        """Return its own temporary directory, where it unpacks the functions."""
        return self.home / "tmp"

    def discard_scratch(self) -> None:
        """Put the temporary directory out of the way, and remove it without waiting for that.

        Every process that runs a function unpacks the layer there; after a busy hour these are
        hundreds of thousands of files, which a slow disk takes a minute to remove.
        """
        if self.scratch.exists():
            self.scratch.rename(self.scratch.with_name(f"{DISCARDED}{time.time_ns()}"))
        discarded = [str(path) for path in self.home.glob(f"{DISCARDED}*")]
        subprocess.run(
            ["/bin/sh", "-c", 'rm -rf "$@" &', "rm", *discarded],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            check=True,
        )

    @property
    def log(self) -> Path:
        """Return the file that takes its output."""
        return self.home / "ministack.log"

    def has_stopped(self) -> bool:
        """Return whether the emulator that was last started has done with writing its state."""
        return STATE_WRITTEN in self._logged()

    def has_whole_state(self) -> bool:
        """Return whether the emulator that was last started has written its whole state."""
        return self.has_stopped() and STATE_NOT_WRITTEN not in self._logged()

    def _logged(self) -> bytes:
        return self.log.read_bytes() if self.log.exists() else b""

    @property
    def lock(self) -> FileLock:
        """Return the lock that the emulator itself holds as long as it lives."""
        return FileLock(self.home / "ministack.lock")


def emulator_environment(files: EmulatorFiles, port: int) -> dict[str, str]:
    """Return the environment of the emulator, which its functions inherit."""
    inherited = without_account(os.environ)
    inherited.pop("GATEWAY_PORT", None)
    return {
        **inherited,
        "TMPDIR": str(files.scratch),
        "STATE_DIR": str(files.state),
        "PERSIST_STATE": "1",
        # Objects of S3 are kept apart from the rest of the state, or else not at all.
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(files.state / "s3"),
        "BIND_HOST": HOST,
        # It listens there, and the functions call it there. What it keeps names the other port,
        # GATEWAY_PORT, which stays as it is by default: a queue whose address is of another port
        # than that of the run is read by nobody.
        "EDGE_PORT": str(port),
        "AWS_ENDPOINT_URL": endpoint_url(port),
        "MINISTACK_REGION": REGION,
        "LAMBDA_EXECUTOR": "local",
        # Servers that nothing here uses, on ports of their own.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        # It would look for containers to remove.
        "DOCKER_HOST": "unix:///nonexistent",
    }


def endpoint_url(port: int) -> str:
    """Return the address of every AWS service of an emulator."""
    return f"http://{HOST}:{port}"


class Emulator:
    """One running MiniStack."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, files: EmulatorFiles) -> None:
        self._process = process
        self._files = files
        self.port = port

    @property
    def endpoint_url(self) -> str:
        """Return the address of every AWS service."""
        return endpoint_url(self.port)

    def check_alive(self) -> None:
        """Raise LocalCloudError with the end of its log when it has ended by itself."""
        check_alive(self._process, NAME, self._files.log)

    def wait_until_ready(self) -> None:
        """Return when it answers; raise LocalCloudError when it ends or takes too long."""
        wait_until_up(
            self._process,
            lambda: answers(self.endpoint_url),
            name=NAME,
            log=self._files.log,
            seconds=READY_SECONDS,
        )

    def stop(self) -> bool:
        """Stop it and return whether it wrote its whole state."""
        self._process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            if self._files.has_stopped():
                break
            time.sleep(POLL_SECONDS)
        end_group(self._process, grace_seconds=EXIT_SECONDS)
        self._files.discard_scratch()
        return self._files.has_whole_state()

    def kill(self) -> None:
        """End it at once, without the request that would make it begin to write its state."""
        self._process.kill()
        self._process.wait()
        kill_group(self._process.pid)
        self._files.discard_scratch()


def answers(endpoint_url: str) -> bool:
    """Return whether an emulator that is ready answers there."""
    try:
        answer = httpx.get(f"{endpoint_url}/_ministack/ready", timeout=1.0)
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK


def start(program: Path, files: EmulatorFiles, port: int) -> Emulator:
    """Start the emulator on what its state directory holds, and return when it answers."""
    files.discard_scratch()
    files.scratch.mkdir(parents=True)
    lock = files.lock
    if not lock.acquire():
        raise LocalCloudError(f"Another MiniStack still uses {files.home}")
    # The id of an earlier holder must not be taken for this one's.
    lock.write_holder(None)
    with files.log.open("wb") as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", HOLD_AND_BECOME, program, lock.path],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=emulator_environment(files, port),
            cwd=files.home,
            start_new_session=True,
            pass_fds=[lock.descriptor()],
        )
    lock.close()
    emulator = Emulator(process, port, files)
    try:
        emulator.wait_until_ready()
    except BaseException:
        emulator.kill()
        raise
    return emulator


def has_orphan(files: EmulatorFiles) -> bool:
    """Return whether an emulator lives whose starter was killed.

    Call it, and what follows, only while no other starter can live. The lock tells that it lives,
    so that a process id that went to another program since is never touched.
    """
    lock = files.lock
    is_free = lock.acquire()
    lock.close()
    return not is_free


def stop_orphan(files: EmulatorFiles) -> bool:
    """Have an emulator whose starter was killed write its state; return whether it did, whole."""
    deadline = time.monotonic() + STOP_SECONDS
    pid = files.lock.read_holder()
    if has_orphan(files) and pid is not None:
        os.kill(pid, signal.SIGTERM)
    while has_orphan(files) and not files.has_stopped() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return files.has_whole_state()


def kill_orphan(files: EmulatorFiles) -> bool:
    """End an emulator whose starter was killed; return whether there was one."""
    lock = files.lock
    if lock.acquire():
        lock.close()
        return False
    deadline = time.monotonic() + STOP_SECONDS
    while not lock.acquire():
        # It writes its own id a moment after it takes the lock.
        if (pid := lock.read_holder()) is not None:
            kill_group(pid)
        if time.monotonic() > deadline:
            raise LocalCloudError(f"The MiniStack of an earlier run (process {pid}) does not end")
        time.sleep(POLL_SECONDS)
    lock.close()
    return True
