"""Files are about one thing and functions fit on a screen: counted, so that it stays so."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.lambdas import ROOT

FILE_LINES_MAX = 400
RESOURCE_LINES_MAX = 250
# Without the docstring, which is read before the code and not with it.
FUNCTION_LINES_MAX = 40
# A test tells a story, line by line, which nothing is gained by taking apart.
TEST_LINES_MAX = 50

RESOURCES = ROOT / "layers" / "common" / "billing" / "edge" / "api"
ROOMS = ("layers/common/billing", "functions", "ops", "tools", "tests", "client/src")
# Made from the description of the API, and read there.
MADE = ROOT / "client" / "src" / "usage_billing" / "api"

# What puts the resources together, and is none.
NOT_A_RESOURCE = {"__init__", "all_routes", "docs_page", "openapi", "shared"}


def _files() -> list[Path]:
    everything = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return sorted(path for path in everything if not path.is_relative_to(MADE))


def _resources() -> list[Path]:
    return sorted(path for path in RESOURCES.glob("*.py") if path.stem not in NOT_A_RESOURCE)


def _lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, _code_lines(node)


def _code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def too_long(functions: Iterator[tuple[str, int]]) -> list[str]:
    """Name the functions that do not fit on a screen."""
    return [
        f"{name}: {lines} lines"
        for name, lines in functions
        if lines > (TEST_LINES_MAX if name.startswith("test_") else FUNCTION_LINES_MAX)
    ]


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {str(path): _lines(path) for path in _files() if _lines(path) > FILE_LINES_MAX}
    assert long == {}


def test_no_resource_of_the_api_is_longer_than_two_hundred_and_fifty_lines() -> None:
    assert len(_resources()) > 1
    long = {path.stem: _lines(path) for path in _resources() if _lines(path) > RESOURCE_LINES_MAX}
    assert long == {}


def test_every_function_fits_on_a_screen() -> None:
    long = {str(path): too_long(_functions(path)) for path in _files()}
    assert {path: names for path, names in long.items() if names} == {}


def test_a_docstring_does_not_count_and_every_other_line_does(tmp_path: Path) -> None:
    docstring = '    """Say what.\n\n    And more.\n    """\n'
    path = tmp_path / "made.py"
    path.write_text("def made() -> None:\n" + docstring + "    made()\n" * (FUNCTION_LINES_MAX - 1))
    assert too_long(_functions(path)) == []

    path.write_text("def made() -> None:\n" + docstring + "    made()\n" * FUNCTION_LINES_MAX)
    assert too_long(_functions(path)) == [f"made: {FUNCTION_LINES_MAX + 1} lines"]
