"""A function loads no more than it uses, so that it is awake sooner: what each start imports."""

import json
import os
import subprocess
import sys
from functools import cache

import pytest

from billing.edge.api.all_routes import ROUTES_OF
from tests.support.lambdas import COMMON_ENVIRONMENT, ENVIRONMENT, FUNCTIONS, ROOT
from tests.support.template import variables_by_folder

LOAD = """
import json, runpy, sys
before = set(sys.modules)
runpy.run_path(sys.argv[1], run_name="handler")
print(json.dumps(sorted(set(sys.modules) - before)))
"""

TRIGGERED = sorted(set(FUNCTIONS) - set(ROUTES_OF))


@cache
def loaded(function: str) -> frozenset[str]:
    """Name the modules that a fresh process has loaded once it imported a function."""
    given = {name: ENVIRONMENT[name] for name in variables_by_folder()[function]}
    told = subprocess.check_output(
        [sys.executable, "-c", LOAD, str(ROOT / "functions" / function / "handler.py")],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "layers" / "common"),
            "LAMBDA_TASK_ROOT": "/var/task",
            **COMMON_ENVIRONMENT,
            **given,
        },
        text=True,
    )
    return frozenset(json.loads(told))


def packages(function: str) -> set[str]:
    """Name the packages that a function loads any part of."""
    return {name.partition(".")[0] for name in loaded(function)}


@pytest.mark.parametrize("function", TRIGGERED)
def test_a_function_that_speaks_no_http_loads_no_schemas(function: str) -> None:
    assert packages(function) & {"pydantic", "pydantic_core"} == set()


@pytest.mark.parametrize("function", sorted(ROUTES_OF))
def test_a_function_that_speaks_http_loads_them(function: str) -> None:
    """So that the test above fails where it looks for the wrong names."""
    assert {"pydantic", "pydantic_core"} <= packages(function)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_loads_what_the_layer_does_not_ship(function: str) -> None:
    """What develops the functions has more beside them than Lambda has."""
    assert packages(function) & {"boto3", "s3transfer", "moto"} == set()
