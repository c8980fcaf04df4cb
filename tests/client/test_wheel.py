"""The wheel, as others install it: on the oldest Python that it is meant for, and on ours."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.client.meter.server import KEY, running_server
from tests.support.lambdas import ROOT

PROJECT = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text())["project"]
OLDEST = PROJECT["requires-python"].removeprefix(">=")
OURS = f"{sys.version_info.major}.{sys.version_info.minor}"
# What of the environment would have it find this project instead of the wheel.
OF_THE_PROJECT = ("VIRTUAL_ENV", "PYTHONPATH", "UV_PROJECT", "UV_PROJECT_ENVIRONMENT")

PROGRAM = """
import sys
from usage_billing import Meter

with Meter(*sys.argv[1:3], spool=sys.argv[3]) as meter:
    meter.record("acme", "api-calls", 1, id="from-%d.%d" % sys.version_info[:2])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    run("build", "--wheel", "--package", PROJECT["name"], "--out-dir", str(folder), at=ROOT)
    [built] = folder.glob("*.whl")
    return built


def run(*arguments: str, at: Path, code: int = 0) -> str:
    """Run uv; returns what it wrote, once it ended as it should."""
    clean = {name: value for name, value in os.environ.items() if name not in OF_THE_PROJECT}
    ended = subprocess.run(
        [os.environ.get("UV", "uv"), *arguments],
        cwd=at,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    assert ended.returncode == code, f"uv {' '.join(arguments)}: {ended.stdout}{ended.stderr}"
    return ended.stdout + ended.stderr


@pytest.mark.parametrize("python", [OLDEST, OURS], ids=["oldest", "ours"])
def test_the_command_runs_from_the_wheel(wheel: Path, tmp_path: Path, python: str) -> None:
    uvx = ("tool", "run", "--isolated", "--python", python, "--from", f"{wheel}[cli]", "billing")

    version = run(*uvx, "--version", at=tmp_path)
    helped = run(*uvx, "--help", at=tmp_path)
    without_aws = run(*uvx, "keys", "list", at=tmp_path, code=2)

    assert f"billing {PROJECT['version']}\n" in version
    assert "Usage: billing [OPTIONS] COMMAND [ARGS]..." in helped
    assert "usage-billing-client[cli,aws]" in without_aws


@pytest.mark.parametrize("python", [OLDEST, OURS], ids=["oldest", "ours"])
def test_a_meter_from_the_wheel_records(wheel: Path, tmp_path: Path, python: str) -> None:
    alone = ("run", "--no-project", "--isolated", "--python", python, "--with", str(wheel))

    with running_server() as server:
        run(*alone, "python", "-c", PROGRAM, server.url, KEY, str(tmp_path / "spool"), at=tmp_path)

    assert server.ledger.ids() == [f"from-{python}"]


def test_the_command_without_its_extra_says_what_to_install(wheel: Path, tmp_path: Path) -> None:
    alone = ("run", "--no-project", "--isolated", "--python", OURS, "--with", str(wheel))

    said = run(*alone, "billing", "--version", at=tmp_path, code=2)

    assert "usage-billing-client[cli]" in said
    assert "Traceback" not in said
