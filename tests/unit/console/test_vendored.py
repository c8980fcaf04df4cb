"""Third-party files are those that were pinned, with their licences."""

import hashlib
import tarfile
from pathlib import Path

import pytest

from tools import vendor
from tools.local_cloud.errors import LocalCloudError
from tools.vendor import VENDOR, Package, fetch, packages

SHIPPED = [package for package in packages() if package.ships]


def test_every_file_is_the_one_that_was_pinned() -> None:
    pinned = {written: sha256 for each in SHIPPED for written, (_, sha256) in each.files.items()}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "vendored.json"
    }

    assert len(found) > 3
    assert found == pinned


@pytest.mark.parametrize("package", SHIPPED, ids=lambda package: package.name.rpartition("/")[2])
def test_every_package_has_its_licence_beside_it(package: Package) -> None:
    assert f"{package.name.rpartition('/')[2]}-LICENSE" in package.files
    assert package.licence in {"MIT", "Apache-2.0"}


def test_a_package_that_is_not_what_was_pinned_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def pack(command: list[str], **_: object) -> None:
        directory = Path(command[command.index("--pack-destination") + 1])
        with tarfile.open(directory / "made.tgz", "w:gz"):
            pass

    monkeypatch.setattr("tools.vendor.subprocess.run", pack)
    monkeypatch.setattr(vendor, "program", lambda name: name)
    monkeypatch.setattr(vendor, "VENDOR", tmp_path)

    with pytest.raises(LocalCloudError, match="is not what was pinned"):
        fetch(SHIPPED[0])
    assert list(tmp_path.iterdir()) == []
