"""A whole item is put only where there is none: one that is there belongs to other versions too."""

import ast
from collections.abc import Iterator

from tests.support.lambdas import ROOT

STORAGE = ROOT / "layers" / "common" / "billing" / "storage"
WHERE_THERE_IS_NONE = "attribute_not_exists(#pk)"

# What puts a whole item in the place of another one, and why it may.
EXCEPTIONS = {
    "customers.forgetting": "what this code does not know of a customer may be personal",
}


def puts_over_items(module: str, source: str) -> Iterator[str]:
    """Name the functions that put an item under another condition than that there is none."""
    tree = ast.parse(source)
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "Put":
                    condition = ast.unparse(call.args[2])
                    if constants.get(condition) != WHERE_THERE_IS_NONE:
                        yield f"{module}.{function.name}"


def all_puts_over_items() -> set[str]:
    """Go through all stores."""
    paths = sorted(STORAGE.glob("*.py"))
    assert len(paths) > 10
    return {
        name
        for path in paths
        for name in puts_over_items(path.stem, path.read_text(encoding="utf-8"))
    }


def test_what_is_there_is_changed_by_billing_storage_changes_and_not_put_over() -> None:
    assert all_puts_over_items() == EXCEPTIONS.keys()


def test_a_put_over_an_item_is_found() -> None:
    source = """
NONE = "attribute_not_exists(#pk)"
SEEN = "#revision = :seen"
def make(): return Put(t, item, NONE)
def over(): return Put(t, item, SEEN, {})
def passed(condition): return Put(t, item, condition)
"""
    assert list(puts_over_items("m", source)) == ["m.over", "m.passed"]
