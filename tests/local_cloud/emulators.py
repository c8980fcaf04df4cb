"""Emulators beside the local cloud, for tests that would get into each other's way on one."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.lambdas import ROOT
from tools.local_cloud.emulator import EmulatorFiles, install, start
from tools.local_cloud.locks import FileLock
from tools.local_cloud.ports import any_free_port
from tools.local_cloud.progress import Progress

WORKSHOP_SECONDS = 600.0


def program() -> Path:
    """Return the emulator's program, installed where it is not yet."""
    workshop = ROOT / ".local"
    lock = FileLock(workshop / "workshop.lock")
    assert lock.wait(WORKSHOP_SECONDS)
    try:
        uv = os.environ.get("UV") or shutil.which("uv") or "uv"
        return install(workshop / "ministack", uv=uv, progress=Progress())
    finally:
        lock.close()


@contextmanager
def emulator(home: Path, variables: Mapping[str, str]) -> Iterator[str]:
    """Run an empty emulator with variables of its own, and give its address."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in variables.items():
            environment.setenv(name, value)
        running = start(program(), EmulatorFiles(home), any_free_port())
    try:
        yield running.endpoint_url
    finally:
        running.kill()
