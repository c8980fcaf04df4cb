"""The domain and the services have Python's names alone; JSON's are made at the edge."""

import ast
import re
from pathlib import Path

import pytest

from tests.unit.house.code import modules, nodes

CAMEL_CASE = re.compile(r"[a-z]+[A-Z][A-Za-z]*")


def names(module: Path) -> set[str]:
    """Name what a module defines, reads, or spells as a string that is one word."""
    found: set[str] = set()
    for node in nodes(module):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                found.add(name)
            case ast.keyword(arg=str(name)) | ast.Constant(value=str(name)):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
    return found


@pytest.mark.parametrize(
    "module",
    [module for room in ("domain", "services") for module in modules(room)],
    ids=lambda module: f"{module.parent.name}-{module.stem}",
)
def test_no_name_is_in_camel_case(module: Path) -> None:
    assert {name for name in names(module) if CAMEL_CASE.fullmatch(name)} == set()
