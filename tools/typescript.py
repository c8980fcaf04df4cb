"""TypeScript clients made of docs/openapi.json: what makes and compiles them, pinned, by npm."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.java_and_npm import program
from tools.local_cloud.commands import run_quietly
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.locks import FileLock
from tools.local_cloud.progress import Progress

PACKAGES: Mapping[str, str] = {
    "openapi-fetch": "0.17.0",
    "openapi-typescript": "7.13.0",
    "typescript": "5.9.3",
}

HOME = Path(__file__).resolve().parent.parent / ".local" / "typescript"
INSTALL_WAIT_SECONDS = 600.0


def lack(find: Callable[[str], str] = program) -> str | None:
    """Tell what is missing on this machine and how to get it, or None."""
    try:
        find("npm")
    except LocalCloudError as fault:
        return f"install npm: it cannot be fetched: {fault}"
    return None


def install(home: Path = HOME) -> Path:
    """Return the folder with the packages, after fetching them unless they are there already.

    Raises LocalCloudError when they cannot be fetched.
    """
    lock = FileLock(home.with_name(f"{home.name}.lock"))
    if not lock.wait(INSTALL_WAIT_SECONDS):
        raise LocalCloudError("Another run fetches TypeScript without coming to an end")
    try:
        wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
        marker = home / "installed"
        if not marker.exists() or marker.read_text() != " ".join(wanted):
            home.mkdir(parents=True, exist_ok=True)
            (home / "package.json").write_text('{"private": true}\n')
            # What packages would run when they are installed is run by nobody.
            run_quietly(
                [program("npm"), "install", "--no-save", "--no-audit", "--ignore-scripts", *wanted],
                log=home / "install.log",
                environment=os.environ,
                directory=home,
                progress=Progress(),
            )
            marker.write_text(" ".join(wanted))
    finally:
        lock.close()
    return home
