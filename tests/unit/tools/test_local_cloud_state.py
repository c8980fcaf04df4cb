"""A state is used again only where it was written whole, in the form that this version reads."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.taken import take
from tools.local_cloud import cloud, emulator
from tools.local_cloud.cloud import Plan, local_cloud
from tools.local_cloud.emulator import EmulatorFiles
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.ports import HOST
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


@pytest.mark.parametrize("is_whole", [True, False])
def test_what_a_run_did_that_was_killed_is_kept_where_its_emulator_wrote_all_of_it(
    plan: Plan,
    starts: list[bool],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    is_whole: bool,  # noqa: FBT001  The value of the parameter.
) -> None:
    monkeypatch.setattr(emulator, "has_orphan", lambda _: True)
    monkeypatch.setattr(emulator, "stop_orphan", lambda _: is_whole)
    monkeypatch.setattr(emulator, "kill_orphan", lambda _: True)
    plan.lock.path.write_text("41\n")
    plan.up.write_text("of-now")
    # What another run left before it is older, and written over.
    plan.saved.write_text("of-now")

    run(plan)

    assert starts[0] is is_whole
    assert f"what it did is {'kept' if is_whole else 'lost'}" in capsys.readouterr().out
    assert not plan.up.exists()


def test_a_run_that_was_killed_before_it_was_up_leaves_the_state_of_the_one_before(
    plan: Plan, starts: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulator, "kill_orphan", lambda _: True)
    plan.lock.path.write_text("41\n")
    plan.saved.write_text("of-now")

    run(plan)

    assert starts[0]


def test_a_port_that_was_taken_since_it_was_chosen_costs_no_state(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports: list[int] = []

    with ExitStack() as stack:

        def start(_program: Path, files: EmulatorFiles, port: int) -> None:
            assert files.state.exists()
            ports.append(port)
            if len(ports) == 1:
                stack.enter_context(take(HOST, port))
                raise LocalCloudError("it is in use")
            raise StartedError

        monkeypatch.setattr(emulator, "start", start)
        plan.saved.write_text("of-now")
        run(plan)

    assert len(set(ports)) == 2


def test_a_state_of_an_earlier_form_is_removed_and_says_so(
    plan: Plan, starts: list[bool], capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = plan.home / "saved"
    earlier.write_text("of-now")

    run(plan)

    assert starts == [False]
    assert not earlier.exists()
    assert "Starting from nothing" in capsys.readouterr().out
