"""The edge stays readable: files of moderate length, and no function longer than a screen."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from billing.edge.api.all_routes import ROUTES_OF
from tests.support.lambdas import ROOT

EDGE = ROOT / "layers" / "common" / "billing" / "edge"
FILE_LINES_MAX = 400
RESOURCE_LINES_MAX = 250
FUNCTION_LINES_MAX = 40


def name_of(path: Path) -> str:
    """Name a file for people."""
    return str(path.relative_to(ROOT))


FILES = sorted([*EDGE.rglob("*.py"), *ROOT.glob("functions/*/handler.py")], key=name_of)


def too_long(source: str, *, most: int = FUNCTION_LINES_MAX) -> Iterator[str]:
    """Name the functions that are longer than a screen."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= most:
            yield node.name


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_and_its_functions_are_of_moderate_length(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    is_resource = path.parent == EDGE / "api" and path.stem in ROUTES_OF
    limit = RESOURCE_LINES_MAX if is_resource else FILE_LINES_MAX
    assert len(source.splitlines()) <= limit
    assert list(too_long(source)) == []


def test_a_function_that_is_too_long_is_found() -> None:
    body = "    x = 1\n" * FUNCTION_LINES_MAX
    assert list(too_long(f"def long():\n{body}def short():\n    x = 1\n")) == ["long"]
