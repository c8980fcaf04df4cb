"""Run suites of tests one after another; say how many tests each ran, and which did not pass.

A suite that ran nothing fails, and so does one that skipped a test: a test that did not run has
shown nothing. A suite that needs a program which this machine lacks is not run, and the summary
says so; where CI is set, everything must be there, so that it fails.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from tools import chromium, dynamodb_local, typescript
from tools.sam_local.engine import missing_engine

ROOT = Path(__file__).resolve().parent.parent

# Tells what a suite needs and this machine lacks, and how to get it; None where nothing is missing.
type Lack = Callable[[], str | None]

# Suites that need more than Python, make and a package registry.
LACKS: Mapping[str, Lack] = {
    "browser": chromium.lack,
    "dynamodb_local": dynamodb_local.lack,
    "sam_local": missing_engine,
    "typescript": typescript.lack,
}

# What pytest is told where a suite is more than the tests under tests/<suite>.
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "dynamodb_local": ("tests/dynamodb_local", "tests/services", "--dynamodb=local"),
}


# Suites whose tests share nothing, so that each processor takes a part of them.
SPREAD = frozenset(
    {"unit", "services", "functions", "client", "faults", "prove", "dynamodb_local", "template"}
)
EACH_PROCESSOR = ("--numprocesses=auto", "--dist=worksteal")
# Its tests share one cloud and mostly wait for it: a worker for each of the lanes that its
# conftest.py makes.
LANES: Mapping[str, tuple[str, ...]] = {"local_cloud": ("--numprocesses=4", "--dist=loadscope")}

# It fills disks of its own, and only root may mount one: others become root of a namespace.
MOUNTING = frozenset({"client"})
AS_ROOT = ("unshare", "--map-root-user", "--mount")

SLOWEST_SHOWN = 10


@dataclass(frozen=True)
class Outcome:
    """What became of one suite: counts of tests, how long they took, and pytest's exit code."""

    suite: str
    ran: int
    failed: int
    skipped: int
    exit_code: int
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether the suite ran at least one test, skipped none, and all passed."""
        return self.exit_code == 0 and self.ran > 0 and self.failed == 0 and self.skipped == 0

    def __str__(self) -> str:
        verdict = "ok" if self.passed else "FAILED"
        return (
            f"{self.suite:<14} {self.ran:>5} ran {self.failed:>5} failed "
            f"{self.skipped:>5} skipped {self.seconds:>6.0f} s   {verdict}"
        )


@dataclass(frozen=True)
class NotRun:
    """A suite that cannot run on this machine, and why; that is a failure only where CI is set."""

    suite: str
    reason: str
    required: bool

    @property
    def passed(self) -> bool:
        """Whether the run of all suites may succeed without this one."""
        return not self.required

    def __str__(self) -> str:
        verdict = "NOT RUN" if self.passed else "NOT RUN, which is a FAILURE where CI is set"
        return f"{self.suite:<14} {verdict}: {self.reason}"


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
        seconds=float(totals.attrib["time"]),
    )


@dataclass(frozen=True, order=True)
class Timing:
    """How long one test took, with what it set up and took down."""

    seconds: float
    suite: str
    test: str

    def __str__(self) -> str:
        return f"{self.seconds:>6.1f} s   {self.suite:<14} {self.test}"


def _cases(report: Path) -> Iterator[ET.Element]:
    return ET.parse(report).getroot().iter("testcase")  # noqa: S314  pytest wrote it just now.


def read_timings(suite: str, report: Path) -> list[Timing]:
    """Read from a JUnit report how long each test took."""
    return [
        Timing(
            float(case.attrib["time"]),
            suite,
            f"{case.attrib['classname'].rpartition('.')[2]}::{case.attrib['name']}",
        )
        for case in _cases(report)
    ]


def slowest(directory: Path) -> list[Timing]:
    """Find the slowest tests of all suites whose reports a directory has, the slowest first."""
    reports = sorted(directory.glob("*.xml"))
    timings = [each for report in reports for each in read_timings(report.stem, report)]
    return sorted(timings, reverse=True)[:SLOWEST_SHOWN]


# What a report has where a test did not simply pass, and what it is called in the summary.
TROUBLES: Mapping[str, str] = {"failure": "failed", "error": "broke", "skipped": "skipped"}


@dataclass(frozen=True)
class Trouble:
    """What became of a test that did not pass, where it stands, and why in a line."""

    kind: str
    test: str
    reason: str

    def __str__(self) -> str:
        return f"{self.kind:<8} {self.test}\n           {self.reason}"


def read_troubles(report: Path) -> list[Trouble]:
    """Read from a JUnit report which tests did not pass."""
    return [
        Trouble(
            TROUBLES[each.tag],
            f"{case.get('file', case.get('classname'))}::{case.get('name')}",
            (each.get("message") or "").partition("\n")[0],
        )
        for case in _cases(report)
        for each in case
        if each.tag in TROUBLES
    ]


def troubles_in(directory: Path) -> list[Trouble]:
    """Find what did not pass, in all suites whose reports a directory has."""
    reports = sorted(directory.glob("*.xml"))
    return [trouble for report in reports for trouble in read_troubles(report)]


def run_suite(suite: str, directory: Path) -> Outcome:
    """Run the tests of a suite, with the report kept in the directory given."""
    print(f"\n=== {suite}", flush=True)
    report = directory / f"{suite}.xml"
    arguments = ARGUMENTS.get(suite, (f"tests/{suite}",))
    spread = EACH_PROCESSOR if suite in SPREAD else LANES.get(suite, ())
    as_root = AS_ROOT if suite in MOUNTING and os.geteuid() != 0 else ()
    pytest = (sys.executable, "-m", "pytest", *arguments, *spread, f"--junitxml={report}")
    command = [*as_root, *pytest]
    finished = subprocess.run(command, cwd=ROOT, check=False)
    return read_outcome(suite, finished.returncode, report)


def run_where_possible(
    suite: str, directory: Path, environment: Mapping[str, str], lacks: Mapping[str, Lack]
) -> Outcome | NotRun:
    """Run a suite, or tell what it needs that this machine lacks."""
    reason = lacks[suite]() if suite in lacks else None
    if reason is None:
        return run_suite(suite, directory)
    return NotRun(suite, reason, required=bool(environment.get("CI")))


def main(suites: list[str], lacks: Mapping[str, Lack] = LACKS) -> int:
    """Run the suites, print one line for each, and return 0 only when every one passed."""
    if not suites:
        print("Name the suites to run, for example: unit template", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as directory:
        outcomes = [
            run_where_possible(suite, Path(directory), os.environ, lacks) for suite in suites
        ]
        timings = slowest(Path(directory))
        troubles = troubles_in(Path(directory))
    print("\n=== all suites")
    for outcome in outcomes:
        print(outcome)
    print("\n=== slowest tests")
    for timing in timings:
        print(timing)
    if troubles:
        # Last, where whoever opens the log looks first.
        print("\n=== tests that did not pass; uv run pytest 'test' runs one again")
    for trouble in troubles:
        print(trouble)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
