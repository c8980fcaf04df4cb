"""What the documents point at is there: files, functions, pages, and their headings."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.lambdas import ROOT

PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md")])
# Short for the package that ships, whose rooms are named without the way to them.
PACKAGE = ROOT / "layers" / "common" / "billing"

# `services/settle_tab.py:settle`, with a method behind a dot where there is one.
_DEFINITION = re.compile(r"`([\w/.-]+\.py):(\w+(?:\.\w+)?)`")
_PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|yaml|toml|json))`")
_LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#]*)(#[^)]*)?\)", re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

# Made at run time, or of a place that is not this repository.
NOT_HERE = re.compile(
    r"^(\.local|\.aws-sam|incoming|aws|arn|application|text|layers/common/python)\b"
)


@cache
def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _found(path: str) -> Path | None:
    return next((base / path for base in (ROOT, PACKAGE) if (base / path).exists()), None)


def _definitions(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        yield from _names(node)
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{name}" for inner in node.body for name in _names(inner))


def _names(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case _:
            return []


def missing_definitions(text: str) -> list[str]:
    """Name the functions, classes and constants that a text points at and that are not there."""
    missing = []
    for path, name in _DEFINITION.findall(text):
        found = _found(path)
        if found is None or name not in set(_definitions(found)):
            missing.append(f"{path}:{name}")
    return missing


def missing_paths(text: str) -> list[str]:
    """Name the files and folders that a text points at and that are not there."""
    named = [path for path in _PATH.findall(text) if not NOT_HERE.match(path)]
    return [path for path in named if "/" in path and _found(path.rstrip("/")) is None]


def _anchor(heading: str) -> str:
    """Write a heading as code hosts write its anchor."""
    plain = re.sub(r"[^\w\- ]", "", heading.lower())
    return "#" + plain.replace(" ", "-")


def dead_links(page: Path) -> list[str]:
    """Name the links of a page that lead to no file, or to no heading of it."""
    dead = []
    for target, anchor in _LINK.findall(_text(page)):
        path = page.parent / target if target else page
        if not path.exists():
            dead.append(target)
        elif anchor and anchor not in map(_anchor, _HEADING.findall(_text(path))):
            dead.append(f"{target}{anchor}")
    return dead


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_points_at_what_is_there(page: Path) -> None:
    assert missing_definitions(_text(page)) == []
    if page.stem != "decisions":
        # A decision names things as they were called on its day.
        assert missing_paths(_text(page)) == []
    assert dead_links(page) == []


def test_what_is_not_there_is_found() -> None:
    assert missing_definitions("`domain/money.py:add` `domain/money.py:lose`") == [
        "domain/money.py:lose"
    ]
    assert missing_definitions("`domain/ledger.py:Wallet.covers`") == []
    assert missing_definitions("`domain/nothing.py:add`") == ["domain/nothing.py:add"]
    assert missing_paths("`domain/money.py` `tests/nowhere/` `incoming/`") == ["tests/nowhere/"]


def test_a_link_to_a_heading_that_is_gone_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# The start\n[here](#the-start) [gone](#the-end) [no page](other.md)\n")
    assert dead_links(page) == ["#the-end", "other.md"]
