"""The local cloud builds and deploys again exactly when what it deploys has changed."""

import os
from pathlib import Path

import pytest

from tools.local_cloud.building import LOCAL_CLOSING_SCHEDULE, fingerprint, for_the_emulator
from tools.sam_template import TEMPLATE, read_source

INPUTS = ("template.yaml", "functions")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a directory with a template and a function."""
    (tmp_path / "functions" / "usage").mkdir(parents=True)
    (tmp_path / "template.yaml").write_text("Resources: {}")
    (tmp_path / "functions" / "usage" / "handler.py").write_text("x = 1")
    return tmp_path


def test_the_fingerprint_is_the_same_for_the_same_files(root: Path) -> None:
    before = fingerprint(root, INPUTS)
    os.utime(root / "template.yaml", (1, 1))
    (root / "unrelated.md").write_text("not deployed")
    assert fingerprint(root, INPUTS) == before


def test_what_python_leaves_behind_does_not_count(root: Path) -> None:
    before = fingerprint(root, INPUTS)
    cache = root / "functions" / "usage" / "__pycache__"
    cache.mkdir()
    (cache / "handler.cpython-313.pyc").write_bytes(b"\0")
    assert fingerprint(root, INPUTS) == before


def test_a_changed_file_changes_the_fingerprint(root: Path) -> None:
    before = fingerprint(root, INPUTS)
    (root / "functions" / "usage" / "handler.py").write_text("x = 2")
    assert fingerprint(root, INPUTS) != before


def test_a_renamed_file_changes_the_fingerprint(root: Path) -> None:
    before = fingerprint(root, INPUTS)
    handler = root / "functions" / "usage" / "handler.py"
    handler.rename(handler.with_name("main.py"))
    assert fingerprint(root, INPUTS) != before


def test_a_new_empty_file_changes_the_fingerprint(root: Path) -> None:
    before = fingerprint(root, INPUTS)
    (root / "functions" / "usage" / "empty.py").touch()
    assert fingerprint(root, INPUTS) != before


def test_the_emulator_is_given_everything_but_alarms_on_expressions(tmp_path: Path) -> None:
    built = tmp_path / TEMPLATE.name
    built.write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    whole = read_source()

    given = read_source(for_the_emulator(built))

    left_out = whole["Resources"].keys() - given["Resources"].keys()
    assert left_out == {
        f"{queue}DeadLetterQueueAlarm"
        for queue in ("Settle", "RunBilling", "IngestLogs", "Closing")
    }
    for name in left_out:
        del whole["Resources"][name]
    schedule = given["Parameters"]["ClosingScheduleExpression"]
    assert schedule.pop("Default") == LOCAL_CLOSING_SCHEDULE
    whole["Parameters"]["ClosingScheduleExpression"].pop("Default")
    assert given == whole
