"""What others install is the client alone, on any Python that it is meant for."""

import ast
from pathlib import Path

import pytest

import usage_billing
from tests.support.lambdas import ROOT

SOURCES = sorted((ROOT / "client" / "src" / "usage_billing").rglob("*.py"))
PYTHON_MIN = (3, 11)


def test_the_client_is_installed_as_its_readers_would_import_it() -> None:
    assert usage_billing.__doc__ is not None


def test_everything_that_is_offered_is_there() -> None:
    assert [name for name in usage_billing.__all__ if not hasattr(usage_billing, name)] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_the_client_is_written_for_python_3_11(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    assert ast.parse(text, feature_version=PYTHON_MIN)
