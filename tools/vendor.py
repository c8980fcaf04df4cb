"""Make the console's third-party files again, each from the package and the version that is pinned.

``make vendor`` writes ``functions/console/vendor``. npm fetches the packages; nothing of them is
run, and what a package or a file of it should be, ``vendored.json`` tells by its SHA-256.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tools.java_and_npm import program
from tools.local_cloud.errors import LocalCloudError

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "functions" / "console" / "vendor"
PINS = VENDOR / "vendored.json"
# What tests load into the page and nobody ships.
FOR_TESTS = ROOT / ".local" / "vendor"


@dataclass(frozen=True)
class Package:
    """A package of npm: where it is from, what its archive hashes to, and what is taken of it.

    ``files`` has, for each file that is written, its path in the package and its SHA-256.
    """

    name: str
    version: str
    licence: str
    sha256: str
    files: Mapping[str, tuple[str, str]]
    ships: bool

    @classmethod
    def of(cls, name: str, pin: Mapping[str, Any]) -> Self:
        """Read one entry of vendored.json."""
        files = {written: (path, sha256) for written, (path, sha256) in pin["files"].items()}
        return cls(name, pin["version"], pin["licence"], pin["sha256"], files, pin["ships"])

    @property
    def home(self) -> Path:
        """Return where its files stand."""
        return VENDOR if self.ships else FOR_TESTS


def packages() -> list[Package]:
    """Return every package that is pinned."""
    pins = json.loads(PINS.read_text(encoding="utf-8"))
    return [Package.of(name, pin) for name, pin in pins.items()]


def fetch(package: Package) -> None:
    """Write a package's files; raise LocalCloudError where one is not what was pinned."""
    with tempfile.TemporaryDirectory() as directory:
        wanted = f"{package.name}@{package.version}"
        subprocess.run(
            [program("npm"), "pack", "--silent", "--pack-destination", directory, wanted],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        [archive] = Path(directory).iterdir()
        _check(archive.read_bytes(), package.sha256, wanted)
        package.home.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as opened:
            for written, (path, sha256) in package.files.items():
                content = _member(opened, path)
                _check(content, sha256, written)
                (package.home / written).write_bytes(content)


def for_tests(name: str) -> Path:
    """Return the file of the package that tests use, fetched where it is not here yet."""
    [package] = [each for each in packages() if each.name == name and not each.ships]
    [(written, (_, sha256))] = package.files.items()
    path = package.home / written
    if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        fetch(package)
    return path


def _member(archive: tarfile.TarFile, path: str) -> bytes:
    member = archive.extractfile(f"package/{path}")
    if member is None:
        raise LocalCloudError(f"{path} is no file of the package")
    return member.read()


def _check(content: bytes, sha256: str, name: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise LocalCloudError(f"{name} is not what was pinned: its SHA-256 is {found}")


def main() -> int:
    """Fetch what ships; return 0, or 1 where something is not what was pinned."""
    try:
        for package in packages():
            if package.ships:
                fetch(package)
    except LocalCloudError as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
