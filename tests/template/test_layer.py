"""The layer as `sam build` makes it holds what the functions need, and little besides."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.lambdas import ENVIRONMENT, ROOT
from tools.local_cloud.building import layer_environment
from tools.local_cloud.cloud import build_template
from tools.local_cloud.mine import my_plan
from tools.local_cloud.progress import Progress
from tools.sam_template import read_source

SOURCES = ROOT / "layers" / "common"
# Half a megabyte more than it is; botocore's data of every service would make it twice as much.
LAYER_BYTES_MAX = 19_000_000
# How an ELF file names its processor, by the name that the template has for it.
ELF_MACHINES = {"x86_64": 0x3E, "arm64": 0xB7}

# Finds every maker of a client wherever it stands, and calls it.
MAKE_CLIENTS = """
import importlib, inspect, json, pkgutil
import billing
modules = pkgutil.walk_packages(billing.__path__, "billing.")
members = [each for module in modules for each in inspect.getmembers(
    importlib.import_module(module.name), inspect.isfunction)]
makers = {maker for name, maker in members if name.startswith("make_") and name.endswith("_client")}
print(json.dumps(sorted(maker().meta.service_model.service_name for maker in makers)))
"""
MAKE_ONE_CLIENT = "import boto3, sys; boto3.client(sys.argv[2])"
START_FUNCTIONS = """
import runpy
for function in sys.argv[2:]:
    runpy.run_path(function, run_name="handler")
"""


@pytest.fixture(scope="module")
def layer() -> Path:
    """Build the layer, unless it was built of the same sources before."""
    template = build_template(my_plan(), Progress())
    return template.parent / "CommonLayer" / "python"


def run_with(layer: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter that finds the layer and the standard library alone."""
    return subprocess.run(
        # Isolated, and without the packages that are installed beside the interpreter.
        [
            *(sys.executable, "-I", "-S", "-B", "-c"),
            f"import sys; sys.path.insert(0, sys.argv[1])\n{program}",
            *(str(layer), *arguments),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**ENVIRONMENT, "LAMBDA_TASK_ROOT": "/var/task", "PATH": os.environ["PATH"]},
    )


def shipped_services(layer: Path) -> set[str]:
    """Name the services whose data the layer has."""
    return {path.name for path in (layer / "botocore" / "data").iterdir() if path.is_dir()}


def libraries(layer: Path) -> Iterator[Path]:
    """Find what was compiled for a processor."""
    return layer.rglob("*.so*")


def machine(library: Path) -> int:
    """Read which processor a library was compiled for."""
    return int.from_bytes(library.read_bytes()[18:20], "little")


def test_every_client_is_made_of_the_layer_and_no_service_is_shipped_in_vain(layer: Path) -> None:
    made = run_with(layer, MAKE_CLIENTS)

    assert made.returncode == 0, made.stderr
    assert set(json.loads(made.stdout)) == shipped_services(layer)
    assert json.loads(made.stdout)


def test_a_service_that_is_not_shipped_has_no_client(layer: Path) -> None:
    """So that the test above fails when the functions begin to use another one."""
    made = run_with(layer, MAKE_ONE_CLIENT, "sns")

    assert made.returncode != 0
    assert "UnknownServiceError" in made.stderr


def test_every_function_starts_with_the_layer_alone(layer: Path) -> None:
    handlers = [str(path) for path in sorted(ROOT.glob("functions/*/handler.py"))]

    started = run_with(layer, START_FUNCTIONS, *handlers)

    assert handlers
    assert started.returncode == 0, started.stderr


def test_the_sources_are_in_the_layer_as_they_are_here(layer: Path) -> None:
    def contents(package: Path) -> dict[Path, bytes]:
        found = (path for path in package.rglob("*") if "__pycache__" not in path.parts)
        return {path.relative_to(package): path.read_bytes() for path in found if path.is_file()}

    assert contents(layer / "billing") == contents(SOURCES / "billing")


def test_the_layer_has_nothing_that_no_function_reads(layer: Path) -> None:
    kinds = {path.name for path in layer.rglob("*") if path.is_dir()}
    size_bytes = sum(path.stat().st_size for path in layer.rglob("*") if path.is_file())

    assert kinds.isdisjoint({"__pycache__", "bin", "test", "tests"})
    assert size_bytes < LAYER_BYTES_MAX
    assert [path.name for path in layer.parent.iterdir()] == ["python"]


def test_every_processor_that_the_template_allows_has_wheels() -> None:
    allowed = read_source()["Parameters"]["Architecture"]["AllowedValues"]

    assert {path.parent.name for path in SOURCES.glob("processors/*/wheels.mk")} == set(allowed)
    assert set(allowed) == set(ELF_MACHINES)


def test_the_layer_of_another_processor_differs_in_what_was_compiled_alone(
    layer: Path, tmp_path: Path
) -> None:
    """Made as `sam build` makes it: in a copy, whose folder names the processor."""
    copied = shutil.copytree(SOURCES, tmp_path / "common")
    other = tmp_path / "layer"
    subprocess.run(
        ["make", "--makefile", str(copied / "Makefile"), "build-CommonLayer"],
        cwd=copied / "processors" / "arm64",
        env={**layer_environment(os.environ), "ARTIFACTS_DIR": str(other)},
        check=True,
        capture_output=True,
    )

    assert {machine(each) for each in libraries(layer)} == {ELF_MACHINES["x86_64"]}
    assert {machine(each) for each in libraries(other)} == {ELF_MACHINES["arm64"]}

    def python_files(directory: Path) -> dict[str, bytes]:
        found = directory.rglob("*.py")
        return {str(path.relative_to(directory)): path.read_bytes() for path in found}

    assert python_files(other / "python") == python_files(layer)
