"""A suite counts as passed only when it ran tests, skipped none, and none failed.

One that this machine cannot run is told as such, and fails where CI is set.
"""

from pathlib import Path

import pytest

from tools.run_suites import SLOWEST_SHOWN, NotRun, Outcome, Timing, main, read_outcome, slowest

PASSED = Outcome("unit", ran=3, failed=0, skipped=0, exit_code=0, seconds=4.2)


def _report(directory: Path, **counts: float) -> Path:
    attributes = " ".join(f'{name}="{count}"' for name, count in counts.items())
    path = directory / "unit.xml"
    path.write_text(f"<testsuites><testsuite {attributes}/></testsuites>", encoding="utf-8")
    return path


def test_counts_are_read_from_the_report(tmp_path: Path) -> None:
    report = _report(tmp_path, tests=10, failures=2, errors=1, skipped=3, time=12.5)

    assert read_outcome("unit", 1, report) == Outcome(
        "unit", ran=7, failed=3, skipped=3, exit_code=1, seconds=12.5
    )


def test_a_report_that_was_never_written_counts_no_test(tmp_path: Path) -> None:
    assert read_outcome("unit", 4, tmp_path / "absent.xml") == Outcome(
        "unit", ran=0, failed=0, skipped=0, exit_code=4
    )


def test_a_suite_whose_tests_all_passed_has_passed() -> None:
    assert PASSED.passed
    assert " ".join(str(PASSED).split()) == "unit 3 ran 0 failed 0 skipped 4 s ok"


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome("unit", ran=0, failed=0, skipped=0, exit_code=0),
        Outcome("unit", ran=3, failed=1, skipped=0, exit_code=1),
        Outcome("unit", ran=3, failed=0, skipped=1, exit_code=0),
        Outcome("unit", ran=3, failed=0, skipped=0, exit_code=2),
    ],
    ids=["ran nothing", "a failure", "a skipped test", "pytest itself failed"],
)
def test_anything_else_has_not(outcome: Outcome) -> None:
    assert not outcome.passed
    assert str(outcome).endswith("FAILED")


def _timed(directory: Path, suite: str, *seconds: float) -> None:
    cases = "".join(
        f'<testcase classname="tests.{suite}.test_x" name="test_{number}" time="{each}"/>'
        for number, each in enumerate(seconds)
    )
    text = f"<testsuites><testsuite>{cases}</testsuite></testsuites>"
    (directory / f"{suite}.xml").write_text(text, encoding="utf-8")


def test_the_slowest_tests_of_all_suites_are_told_slowest_first(tmp_path: Path) -> None:
    _timed(tmp_path, "unit", 0.5, 2.25, 0.1)
    _timed(tmp_path, "faults", 1.0, 3.0)

    told = slowest(tmp_path)

    assert [timing.seconds for timing in told] == [3.0, 2.25, 1.0, 0.5, 0.1]
    assert told[0] == Timing(3.0, "faults", "test_x::test_1")
    assert " ".join(str(told[0]).split()) == "3.0 s faults test_x::test_1"


def test_no_more_of_them_are_told_than_one_reads(tmp_path: Path) -> None:
    _timed(tmp_path, "unit", *range(2 * SLOWEST_SHOWN))

    assert len(slowest(tmp_path)) == SLOWEST_SHOWN


def test_what_did_not_pass_is_named_with_its_place_and_its_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = 'file="tests/unit/test_x.py" classname="tests.unit.test_x"'
    cases = (
        f'<testcase {place} name="test_good" time="1"/>'
        f'<testcase {place} name="test_bad[a case]" time="1">'
        '<failure message="assert 1 == 2&#10;  more">a trace</failure></testcase>'
        f'<testcase {place} name="test_unset" time="1"><error message="no port"/></testcase>'
        f'<testcase {place} name="test_lazy" time="1"><skipped message="no disk"/></testcase>'
    )

    def run(_suite: str, directory: Path) -> Outcome:
        (directory / "unit.xml").write_text(f"<testsuites>{cases}</testsuites>", encoding="utf-8")
        return Outcome("unit", ran=3, failed=2, skipped=1, exit_code=1)

    monkeypatch.setattr("tools.run_suites.run_suite", run)

    assert main(["unit"]) == 1

    _, told = capsys.readouterr().out.split("=== tests that did not pass")
    assert [line.strip() for line in told.splitlines()[1:]] == [
        "failed   tests/unit/test_x.py::test_bad[a case]",
        "assert 1 == 2",
        "broke    tests/unit/test_x.py::test_unset",
        "no port",
        "skipped  tests/unit/test_x.py::test_lazy",
        "no disk",
    ]


def test_naming_no_suite_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Name the suites" in capsys.readouterr().err


def _no_java() -> str:
    return "it needs Java: install a JRE"


def test_a_suite_that_cannot_run_here_is_told_with_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)

    assert main(["emulated"], {"emulated": _no_java}) == 0
    assert "emulated       NOT RUN: it needs Java: install a JRE\n" in capsys.readouterr().out


def test_a_suite_that_cannot_run_is_a_failure_where_ci_is_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", "1")

    assert main(["emulated"], {"emulated": _no_java}) == 1
    assert "FAILURE where CI is set: it needs Java" in capsys.readouterr().out


def test_a_suite_that_lacks_nothing_is_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.run_suites.run_suite", lambda _suite, _directory: PASSED)

    assert main(["unit"], {"unit": lambda: None}) == 0
    assert str(PASSED) in capsys.readouterr().out


def test_a_suite_that_cannot_run_does_not_hide_that_another_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    failed = Outcome("unit", ran=3, failed=1, skipped=0, exit_code=1)
    monkeypatch.setattr("tools.run_suites.run_suite", lambda _suite, _directory: failed)

    assert NotRun("emulated", "it needs Java", required=False).passed
    assert main(["emulated", "unit"], {"emulated": _no_java}) == 1
