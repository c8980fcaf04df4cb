"""A state is used again only where it was written whole, in the form that this version reads."""

from pathlib import Path

import pytest

from tools.local_cloud import cloud, emulator
from tools.local_cloud.cloud import Plan, local_cloud
from tools.local_cloud.emulator import EmulatorFiles
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.progress import Progress


class StartedError(Exception):
    """Where these tests end: the emulator would start now."""


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Give a home in which a run left its state."""
    plan = Plan(root=tmp_path, workshop=tmp_path, home=tmp_path, uv="uv")
    plan.files.state.mkdir()
    return plan


@pytest.fixture(autouse=True)
def starts(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Start nothing, and note for each try whether there was a state to start on."""
    seen: list[bool] = []

    def start(_program: Path, files: EmulatorFiles, _port: int) -> None:
        seen.append(files.state.exists())
        if len(seen) == 1 and seen[0]:
            raise LocalCloudError("not this time")
        raise StartedError

    monkeypatch.setattr(cloud, "build", lambda *_: Path())
    monkeypatch.setattr(cloud, "fingerprint", lambda _: "of-now")
    monkeypatch.setattr(emulator, "install", lambda *_, **__: Path())
    monkeypatch.setattr(emulator, "start", start)
    return seen


def run(plan: Plan) -> None:
    """Run the local cloud until its emulator would start."""
    with pytest.raises((StartedError, LocalCloudError)), local_cloud(plan, Progress()):
        pass


def test_a_state_of_this_form_is_used_again(plan: Plan, starts: list[bool]) -> None:
    plan.saved.write_text("of-now")

    run(plan)

    assert starts[0]


def test_a_state_of_an_earlier_form_is_removed_and_says_so(
    plan: Plan, starts: list[bool], capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = plan.home / "saved"
    earlier.write_text("of-now")

    run(plan)

    assert starts == [False]
    assert not earlier.exists()
    assert "Starting from nothing" in capsys.readouterr().out
