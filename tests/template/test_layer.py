"""The layer as `sam build` makes it holds what the functions need, and little besides."""

import gzip
import importlib.util
import json
import marshal
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import botocore
import pytest

from tests.support.lambdas import ENVIRONMENT, ROOT
from tools.local_cloud.building import layer_environment
from tools.local_cloud.cloud import build_template
from tools.local_cloud.mine import my_plan
from tools.local_cloud.progress import Progress
from tools.sam_template import read_source

SOURCES = ROOT / "layers" / "common"
# Half a megabyte more than it is, 7 MB of it bytecode; botocore's data of every service would make
# it half as much again.
LAYER_BYTES_MAX = 24_100_000
# How an ELF file names its processor, by the name that the template has for it.
PORTABLE = {".gz", ".json", ".py", ".pyc"}
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
MAKE_ONE_CLIENT = "from botocore.session import Session; Session().create_client(sys.argv[2])"
# Lambda cannot keep what it compiles, so that nothing of the layer may have to be compiled.
START_FUNCTIONS = """
import importlib.machinery, runpy

def refuse(loader, data, path, **options):
    raise RuntimeError(f"{path} would be compiled at each start")

importlib.machinery.SourceFileLoader.source_to_code = refuse
for function in sys.argv[2:]:
    runpy.run_path(function, run_name="handler")
"""
# Where the clients of a region send a request, and for what they sign it; nothing is sent.
TELL_ENDPOINTS = """
import json
from botocore.config import Config
from botocore.session import Session

class Sent(Exception):
    pass

def stop(*, request, **_):
    scope = request.headers["Authorization"].decode().partition(",")[0].split("/")
    raise Sent(request.method, request.url, scope[-3:])

def told(service, region):
    client = session.create_client(service, region, config=config)
    client.meta.events.register("before-send", stop)
    try:
        getattr(client, CALLS[service])()
    except Sent as sent:
        return sent.args

CALLS = {"dynamodb": "list_tables", "s3": "list_buckets", "sqs": "list_queues",
    "stepfunctions": "list_state_machines"}
session, config = Session(), Config(account_id_endpoint_mode="disabled")
session.set_credentials("key", "secret")
print(json.dumps([told(service, region) for region in json.loads(sys.argv[2])
    for service in sys.argv[3:]]))
"""
REGIONS = [
    "eu-central-1", "us-east-1", "ap-southeast-7", "us-gov-west-1", "cn-north-1", "us-iso-east-1",
    "eusc-de-east-1", "eu-nowhere-9",
]  # fmt: skip


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


def told_by(packages: Path, services: Iterable[str]) -> list[list[str]]:
    """Tell where the clients of a botocore send a request, region by region."""
    told = run_with(packages, TELL_ENDPOINTS, json.dumps(REGIONS), *sorted(services))
    assert told.returncode == 0, told.stderr
    answer: list[list[str]] = json.loads(told.stdout)
    return answer


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


def test_with_what_botocore_is_left_with_every_request_goes_where_it_went(layer: Path) -> None:
    whole = Path(botocore.__file__).parents[1]
    told = told_by(layer, shipped_services(layer))

    assert told == told_by(whole, shipped_services(layer))
    assert len({url for _, url, _ in told}) == len(REGIONS) * len(shipped_services(layer))


def test_no_call_to_dynamodb_works_out_its_endpoint(layer: Path) -> None:
    assert [*layer.glob("botocore/data/dynamodb/*/endpoint-rule-set-1.json.gz")] == []
    assert [*layer.glob("botocore/data/s3/*/endpoint-rule-set-1.json.gz")] != []


def test_a_model_of_the_layer_is_the_whole_one_with_empty_texts(layer: Path) -> None:
    [found] = layer.glob("botocore/data/dynamodb/2012-08-10/service-2.json.gz")
    whole = Path(botocore.__file__).parent / found.relative_to(layer / "botocore")

    def emptied(members: dict[str, object]) -> dict[str, object]:
        has_text = isinstance(members.get("documentation"), str)
        return {**members, "documentation": ""} if has_text else members

    before = gzip.decompress(whole.read_bytes())
    after = gzip.decompress(found.read_bytes())
    assert json.loads(after) == json.loads(before, object_hook=emptied)
    assert len(after) < len(before) / 2


def test_every_source_has_its_bytecode_which_is_never_compared_and_knows_its_place(
    layer: Path,
) -> None:
    for source in layer.rglob("*.py"):
        bytecode = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        magic, flags, digest = struct.unpack("4sI8s", bytecode.read_bytes()[:16])
        assert magic == importlib.util.MAGIC_NUMBER
        assert flags == 0b01, "unchecked"
        assert digest == importlib.util.source_hash(source.read_bytes())
        code = marshal.loads(bytecode.read_bytes()[16:])  # noqa: S302 - we made it
        assert code.co_filename == str(Path("/opt/python") / source.relative_to(layer))


def test_the_sources_are_in_the_layer_as_they_are_here(layer: Path) -> None:
    def contents(package: Path) -> dict[Path, bytes]:
        found = (path for path in package.rglob("*") if "__pycache__" not in path.parts)
        return {path.relative_to(package): path.read_bytes() for path in found if path.is_file()}

    assert contents(layer / "billing") == contents(SOURCES / "billing")


def test_the_layer_has_nothing_that_no_function_reads(layer: Path) -> None:
    kinds = {path.name for path in layer.rglob("*") if path.is_dir()}
    size_bytes = sum(path.stat().st_size for path in layer.rglob("*") if path.is_file())

    assert kinds.isdisjoint({"bin", "test", "tests"})
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

    def others(directory: Path) -> dict[str, bytes]:
        found = (path for path in directory.rglob("*") if path.suffix in PORTABLE)
        names = {str(path.relative_to(directory)): path for path in found}
        # What a wheel says about itself names where it was built.
        return {name: names[name].read_bytes() for name in names if ".dist-info" not in name}

    # Made twice, the same bytes: else every deployment would publish a version of its own.
    assert others(other / "python") == others(layer)
    assert {Path(name).suffix for name in others(layer)} == PORTABLE
