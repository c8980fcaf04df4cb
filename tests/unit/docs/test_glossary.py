"""Every noun of the domain stands in docs/glossary.md once, beside the module that owns it."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.lambdas import ROOT

PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
DOMAIN = ROOT / "layers" / "common" / "billing" / "domain"

# The errors of the domain are listed by code in docs/api.md, which another test holds.
MODULES = sorted(path for path in DOMAIN.glob("*.py") if path.stem not in {"__init__", "errors"})


def public_classes(source: str) -> list[str]:
    """Name the public classes of a module."""
    found = [node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return [name for name in found if not name.startswith("_")]


def _rows() -> list[tuple[str, str]]:
    """List the words of the page, each with what stands as its owner."""
    cells = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| ")]
    return [(row[0].strip(), row[2].strip()) for row in cells if row[0].strip() != "word"]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_every_class_of_the_domain_has_its_word(module: Path) -> None:
    owned = [owner for _, owner in _rows() if f"`domain/{module.name}`" in owner]
    named = set(re.findall(r"`(\w+)`", " ".join(owned)))
    assert set(public_classes(module.read_text(encoding="utf-8"))) <= named


def test_a_word_stands_there_once() -> None:
    words = [word for words, _ in _rows() for word in words.split(", ")]
    assert len(words) > 50
    assert len(words) == len(set(words))
