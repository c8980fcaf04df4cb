"""Processes that have the layer and the standard library alone, as those of Lambda have."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tests.support.lambdas import ENVIRONMENT
from tools.local_cloud.aws_environment import aws_variables
from tools.sam_template import ROOT

TABLE_VARIABLES = ("ACCOUNTS_TABLE", "LEDGER_TABLE", "USAGE_TABLE")

# Isolated, without the packages beside the interpreter, and leaving nothing beside the sources.
_PYTHON = (sys.executable, "-I", "-S", "-B", "-c")
_MEASURE = """
import sys
sys.path[:0] = sys.argv[1:]
from tools.bench.inside import main
main()
"""
_START = """
import runpy, sys, time
sys.path.insert(0, sys.argv[1])
before = time.process_time()
if sys.argv[2:]:
    runpy.run_path(sys.argv[2], run_name="handler")
else:
    import boto3
    boto3.client("dynamodb")
print(time.process_time() - before)
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One state of the code: its layer, its functions, and what it is called in a table."""

    name: str
    layer: Path
    functions: Path

    def handler(self, function: str) -> Path:
        """Tell where a function is."""
        return self.functions / function / "handler.py"

    def start(self, function: str) -> float:
        """Start a function, and tell the seconds of CPU that took."""
        return float(_run(_START, [str(self.layer), str(self.handler(function))]))

    def measure(self, endpoint_url: str, task: Mapping[str, object]) -> dict[str, list[float]]:
        """Carry out a task of tools/bench/inside.py, on tables of this side."""
        variables = {
            "AWS_ENDPOINT_URL": endpoint_url,
            **{name: ENVIRONMENT[name] + self.tables for name in TABLE_VARIABLES},
        }
        whole = json.dumps({"functions": str(self.functions), **task})
        said = _run(_MEASURE, [str(self.layer), str(ROOT)], variables, whole)
        answer: dict[str, list[float]] = json.loads(said)
        return answer

    @property
    def tables(self) -> str:
        """What the names of its tables end with."""
        return f"-{self.name}"


def start_bare_client(packages: Path) -> float:
    """Start what every function needs, and no more: the yardstick."""
    return float(_run(_START, [str(packages)]))


def _run(
    program: str,
    arguments: Sequence[str],
    variables: Mapping[str, str] = MappingProxyType({}),
    given: str = "",
) -> str:
    done = subprocess.run(
        [*_PYTHON, program, *arguments],
        input=given,
        env={**_environment(), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def _environment() -> Mapping[str, str]:
    aws = aws_variables("")
    del aws["AWS_ENDPOINT_URL"]
    return {
        **ENVIRONMENT,
        **aws,
        # Without it the X-Ray SDK, where there is one, makes a client of its own.
        "LAMBDA_TASK_ROOT": "/var/task",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "PATH": os.environ["PATH"],
    }
