"""The product's own source, as a tree that tests walk through."""

import ast
from collections.abc import Iterator
from pathlib import Path

BILLING = Path(__file__).resolve().parents[3] / "layers" / "common" / "billing"


def modules(room: str) -> list[Path]:
    """List the modules of a room, for instance `domain`."""
    return sorted((BILLING / room).rglob("*.py"))


def nodes(module: Path) -> Iterator[ast.AST]:
    """Walk through a module's syntax tree."""
    return ast.walk(ast.parse(module.read_text(encoding="utf-8")))


def called(module: Path) -> set[str]:
    """Name the functions and methods that a module calls."""
    calls = (node.func for node in nodes(module) if isinstance(node, ast.Call))
    names = {_name(function) for function in calls}
    return {name for name in names if name is not None}


def mentioned(module: Path) -> set[str]:
    """Name everything that a module refers to, as a name or as an attribute."""
    return {name for name in map(_name, nodes(module)) if name is not None}


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None
