"""What import-linter cannot hold, because functions are no packages: what each of them imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.lambdas import FUNCTIONS, ROOT

API = "billing.edge.api"
RESOURCES = {path.stem for path in (ROOT / "layers/common/billing/edge/api").glob("*.py")}

# A resource without a function of its own is served by that of another.
ALSO_SERVED = {
    "logs": {f"{API}.uploads"},
    "products": {f"{API}.pricing"},
    "statements": {f"{API}.series"},
    "status": {f"{API}.system_status"},
    "users": {f"{API}.keys"},
}

# The function of the default route tells which routes there are, and describes them.
OF_THE_WHOLE_API = {f"{API}.all_routes", f"{API}.docs_page", f"{API}.openapi"}

# What a function may use, each with all below it.
FOR_EVERYBODY = {
    "billing.edge.composition",
    "billing.edge.http",
    "billing.edge.observability",
    "billing.services",
}
FOR_OTHER_TRIGGERS = FOR_EVERYBODY | {
    "billing.domain.errors",
    "billing.edge.aws",
    "billing.edge.reports",
}


def imported(source: str) -> set[str]:
    """List what a module imports of ours, each module under its full name."""
    return {name for name in _imported(ast.parse(source)) if name.split(".")[0] == "billing"}


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == API:
            yield from (f"{API}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def allowed(function: str) -> set[str]:
    """List what a function may import: its own resource, the machinery, and services."""
    if function not in RESOURCES:
        return FOR_OTHER_TRIGGERS
    own = {f"{API}.{function}"} | ALSO_SERVED.get(function, set())
    if function == "system":
        own |= OF_THE_WHOLE_API
    return own | FOR_EVERYBODY


def strays(function: str, source: str) -> list[str]:
    """List what a function imports and should not."""
    return sorted(
        name
        for name in imported(source)
        if not any(f"{name}.".startswith(f"{good}.") for good in allowed(function))
    )


def source_of(function: str) -> str:
    """Read a function."""
    return (ROOT / "functions" / function / "handler.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_imports_its_own_resource_the_machinery_and_services(function: str) -> None:
    assert strays(function, source_of(function)) == []


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if name in RESOURCES])
def test_a_function_that_a_resource_is_named_after_serves_it(function: str) -> None:
    assert f"{API}.{function}" in imported(source_of(function))


@pytest.mark.parametrize(
    ("function", "line", "stray"),
    [
        ("users", "from billing.edge.api import credit", f"{API}.credit"),
        ("users", "from billing.edge.api import credit as users", f"{API}.credit"),
        ("users", "from billing.edge.api.wallets import READ", f"{API}.wallets"),
        ("users", "from billing.edge.api import pricing", f"{API}.pricing"),
        ("users", "import billing.edge.api.shared", f"{API}.shared"),
        ("users", "from billing.edge.api.all_routes import ROUTES", f"{API}.all_routes"),
        ("users", "from billing.edge.aws import clients", "billing.edge.aws"),
        ("users", "from billing.storage.stores import Stores", "billing.storage.stores"),
        ("system", "from billing.edge.api import users", f"{API}.users"),
        ("jobs", "from billing.edge.aws import clients", "billing.edge.aws"),
        ("jobs", "from billing.domain.money import MAX_CENTS", "billing.domain.money"),
        ("settle_tab", "from billing.edge.api import usage", f"{API}.usage"),
    ],
    ids=lambda value: value.replace(" ", "_"),
)
def test_what_a_function_should_not_import_is_found(function: str, line: str, stray: str) -> None:
    assert strays(function, f"{source_of(function)}\n{line}\n") == [stray]


def shipped() -> Iterator[Path]:
    """List the modules that are deployed, and those that developers and operators run."""
    for folder in ("layers/common/billing", "functions", "ops", "tools"):
        yield from (ROOT / folder).rglob("*.py")


def test_only_the_system_function_and_the_description_know_all_routes() -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in shipped()
        if f"{API}.all_routes" in imported(path.read_text(encoding="utf-8"))
    }
    assert users == {
        "functions/system/handler.py",
        "layers/common/billing/edge/api/docs_page.py",
        "layers/common/billing/edge/api/openapi.py",
        "layers/common/billing/edge/api/responses.py",
    }
