"""The states of the code that are measured: as it stands, and as it stood at a revision."""

import compileall
import io
import os
import platform
import py_compile
import shutil
import subprocess
import tarfile
from importlib.metadata import files
from pathlib import Path

from tools.bench.processes import Side
from tools.local_cloud.building import layer_environment
from tools.sam_template import ROOT

WORKSHOP = ROOT / ".local" / "bench"
# As the template names processors, by what machines call themselves.
_PROCESSORS = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
# What boto3 brings along.
_BARE = ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3")


def present() -> Side:
    """Build the layer of the code as it stands."""
    return Side("now", _build_layer(ROOT, WORKSHOP / "now"), ROOT / "functions")


def past(revision: str) -> Side:
    """Build the layer of the code as it stood at a revision, beside its functions."""
    sources = _fresh(WORKSHOP / "past-sources")
    archive = subprocess.run(
        ["git", "archive", revision, "layers", "functions"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(sources, filter="data")
    return Side("before", _build_layer(sources, WORKSHOP / "past"), sources / "functions")


def without_bytecode(side: Side) -> Side:
    """Copy a layer without the bytecode that it brings."""
    bare = _fresh(WORKSHOP / "uncompiled")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(side.layer, bare, ignore=ignored, dirs_exist_ok=True)
    return Side("without its bytecode", bare, side.functions)


def bare_packages() -> Path:
    """Copy boto3 and what it needs, compiled, from where they are installed."""
    target = _fresh(WORKSHOP / "bare")
    for distribution in _BARE:
        for path in files(distribution) or []:
            inside = not path.parts[0].startswith("..") and "__pycache__" not in path.parts
            if inside and path.suffix != ".pyc":
                copied = target / path
                copied.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(path.locate()), copied)
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(target, quiet=1, invalidation_mode=unchecked)
    return target


def _build_layer(sources: Path, target: Path) -> Path:
    """Build a layer as `sam build` does: in a copy, in the folder of this processor."""
    copied = _fresh(WORKSHOP / "sources")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(sources / "layers" / "common", copied, ignore=ignored, dirs_exist_ok=True)
    subprocess.run(
        ["make", "--makefile", str(copied / "Makefile"), "build-CommonLayer"],
        cwd=copied / "processors" / _PROCESSORS[platform.machine().lower()],
        env={**layer_environment(os.environ), "ARTIFACTS_DIR": str(_fresh(target))},
        check=True,
        capture_output=True,
    )
    return target / "python"


def _fresh(directory: Path) -> Path:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory
