"""Run suites of tests one after another, and say how many tests each one ran.

A suite that ran nothing fails, and so does one that skipped a test: a test that did not run has
shown nothing.
"""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Outcome:
    """What became of one suite: counts of tests, and pytest's exit code."""

    suite: str
    ran: int
    failed: int
    skipped: int
    exit_code: int

    @property
    def passed(self) -> bool:
        """Whether the suite ran at least one test, skipped none, and all passed."""
        return self.exit_code == 0 and self.ran > 0 and self.failed == 0 and self.skipped == 0

    def __str__(self) -> str:
        verdict = "ok" if self.passed else "FAILED"
        return (
            f"{self.suite:<12} {self.ran:>5} ran {self.failed:>5} failed "
            f"{self.skipped:>5} skipped   {verdict}"
        )


def read_outcome(suite: str, exit_code: int, report: Path) -> Outcome:
    """Count the tests in a JUnit report; a report that pytest never wrote counts none."""
    if not report.exists():
        return Outcome(suite, ran=0, failed=0, skipped=0, exit_code=exit_code)
    totals = ET.parse(report).getroot().find("testsuite")  # noqa: S314  pytest wrote it just now.
    if totals is None:
        raise ValueError(f"{report} is not a report of pytest")
    count = {name: int(totals.attrib[name]) for name in ("tests", "failures", "errors", "skipped")}
    return Outcome(
        suite,
        ran=count["tests"] - count["skipped"],
        failed=count["failures"] + count["errors"],
        skipped=count["skipped"],
        exit_code=exit_code,
    )


def run_suite(suite: str, directory: Path) -> Outcome:
    """Run the tests under tests/<suite>, with the report kept in the directory given."""
    print(f"\n=== {suite}", flush=True)
    report = directory / f"{suite}.xml"
    command = [sys.executable, "-m", "pytest", f"tests/{suite}", f"--junitxml={report}"]
    finished = subprocess.run(command, cwd=ROOT, check=False)
    return read_outcome(suite, finished.returncode, report)


def main(suites: list[str]) -> int:
    """Run the suites, print one line for each, and return 0 only when every one passed."""
    if not suites:
        print("Name the suites to run, for example: unit template", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as directory:
        outcomes = [run_suite(suite, Path(directory)) for suite in suites]
    print("\n=== all suites")
    for outcome in outcomes:
        print(outcome)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
