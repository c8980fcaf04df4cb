"""A function loads no more than it uses, so that it is awake sooner: what each start imports."""

import builtins
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest

from billing.edge.api.all_routes import ROUTES_OF
from tests.functions.test_variables import Caller, call_everything
from tests.support.cloud import Cloud, moto_cloud
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


class Watch:
    """Notes what each function imports while it is at work."""

    def __init__(self) -> None:
        """Note nothing yet."""
        self.imported: defaultdict[str, set[str]] = defaultdict(set)
        self._at_work: str | None = None
        self._import = builtins.__import__

    def take(self, name: str, *rest: Any, **named: Any) -> object:  # noqa: ANN401 - as Python's own
        """Import as Python does, and note what of ours is named."""
        if self._at_work is not None and name.startswith("billing."):
            self.imported[self._at_work].add(name)
        return self._import(name, *rest, **named)

    @contextmanager
    def over(self, function: str) -> Iterator[None]:
        """Watch a function for as long as the block lasts."""
        self._at_work = function
        try:
            yield
        finally:
            self._at_work = None


@pytest.fixture(scope="module")
def watch() -> Watch:
    """Send every request and trigger, and give what the functions imported meanwhile."""
    watch = Watch()
    invoke = Cloud.invoke

    def watched(cloud: Cloud, function: str, *rest: Any) -> object:  # noqa: ANN401 - passed on
        with watch.over(function):
            return invoke(cloud, function, *rest)

    with moto_cloud() as cloud, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cloud, "invoke", watched)
        patch.setattr(builtins, "__import__", watch.take)
        call_everything(Caller(cloud))
    return watch


def test_no_request_waits_for_what_its_function_could_have_loaded(watch: Watch) -> None:
    """At its start a function has the whole of a processor, and a part of one from then on."""
    late = {name: watch.imported[name] - loaded(name) for name in FUNCTIONS}

    assert {name: modules for name, modules in late.items() if modules} == {}


def test_no_function_loads_a_store_that_none_of_its_requests_asks_for(watch: Watch) -> None:
    source = (ROOT / "layers/common/billing/storage/stores.py").read_text(encoding="utf-8")
    stores = set(re.findall(r"^        from (billing\.storage\.\w+) import", source, re.MULTILINE))
    # What describes the whole API loads all of it.
    others = set(FUNCTIONS) - {"system"}
    in_vain = {name: loaded(name) & stores - watch.imported[name] for name in others}

    assert "billing.storage.wallets" in stores
    assert {name: modules for name, modules in in_vain.items() if modules} == {}
