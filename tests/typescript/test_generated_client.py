"""A client in TypeScript, made of the description alone, compiles as docs/clients.md shows it."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.lambdas import ROOT
from tools.typescript import PACKAGES, install

PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")

COMPILE = (
    "tsc --noEmit --strict --module esnext --moduleResolution bundler --target es2022 "
    "--lib es2022,dom"
)


def run(home: Path, command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of the packages in their folder."""
    name, *arguments = command.split()
    program = home / "node_modules" / ".bin" / name
    return subprocess.run(
        [program, *arguments], cwd=home, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def home() -> Path:
    """Give the folder of the packages, with types made by the command that the page shows."""
    home = install()
    (home / "openapi.json").write_bytes((ROOT / "docs" / "openapi.json").read_bytes())
    [command] = re.findall(r"^npx (openapi-typescript .+)$", PAGE, re.MULTILINE)
    made = run(home, command)
    assert made.returncode == 0, made.stdout + made.stderr
    return home


def example() -> str:
    """Read the module that the page shows."""
    module: str
    [module] = re.findall(r"^```ts\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return module


def compiled(home: Path, name: str, module: str) -> "subprocess.CompletedProcess[str]":
    """Compile a module beside the types."""
    (home / name).write_text(module, encoding="utf-8")
    return run(home, f"{COMPILE} {name} billing.ts")


def test_what_the_page_shows_compiles(home: Path) -> None:
    done = compiled(home, "example.ts", example())

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('productId: "api-calls"', 'product: "api-calls"'),
        ('status: "suspended"', 'status: "gone"'),
        ("customer.id", "customer.key"),
        ('"refundRecord"', '"refundEverything"'),
    ],
    ids=["field-of-a-request", "value-of-a-query", "field-of-an-answer", "operation"],
)
def test_what_the_api_does_not_have_does_not_compile(home: Path, right: str, wrong: str) -> None:
    assert example().count(right) == 1

    assert compiled(home, "wrong.ts", example().replace(right, wrong)).returncode != 0


def test_the_page_names_the_packages_as_they_are_tried() -> None:
    for name, version in PACKAGES.items():
        assert f"{name}@{version}" in PAGE
