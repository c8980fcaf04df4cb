"""A module is read in one sitting, a function on one screen."""

import ast
from pathlib import Path

import pytest

from tests.unit.house.code import modules, nodes

LINES_OF_MODULE_MAX = 400
LINES_OF_FUNCTION_MAX = 40

MODULES = pytest.mark.parametrize(
    "module",
    [module for room in ("domain", "services", "storage") for module in modules(room)],
    ids=lambda module: f"{module.parent.name}-{module.stem}",
)


@MODULES
def test_a_module_is_not_too_long(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LINES_OF_MODULE_MAX


@MODULES
def test_no_function_is_longer_than_a_screen(module: Path) -> None:
    functions = [node for node in nodes(module) if isinstance(node, ast.FunctionDef)]
    lines = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}

    assert {name for name, count in lines.items() if count > LINES_OF_FUNCTION_MAX} == set()
