"""The client has every operation and every error of the description, and no other."""

import inspect
import json
from typing import Any

import pytest

from tests.support.lambdas import ROOT
from tools.client_code.modules import FOLDER, modules
from tools.client_code.operations import REPEATABLE, Operation, operations, snake
from usage_billing import AsyncBilling, Billing, ProblemError
from usage_billing.api.problems import PROBLEM_OF

DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS = operations(DOCUMENT)


def fields(operation: Operation) -> set[str]:
    """List the fields of an operation's body, but for the second way to write an amount."""
    body = operation.described.get("requestBody")
    if body is None:
        return set()
    name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    found = set(DOCUMENT["components"]["schemas"][name]["properties"])
    return found - {"amount"} if "amountCents" in found else found


def test_the_modules_are_those_that_the_description_makes() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py")}
    assert written == modules(), "docs/openapi.json has changed: run 'make client'"


@pytest.mark.parametrize("client", [Billing, AsyncBilling])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_an_operation_has_its_method_with_all_parameters(
    operation: Operation, client: type[Billing | AsyncBilling]
) -> None:
    method = getattr(client, operation.name)

    described = {it["name"] for it in operation.described["parameters"]} | fields(operation)
    taken = set(inspect.signature(method).parameters) - {"self"}
    assert taken == {snake(name) for name in described}


@pytest.mark.parametrize("client", [Billing, AsyncBilling])
def test_a_method_is_an_operation(client: type[Billing | AsyncBilling]) -> None:
    methods = {name for name in vars(client) if not name.startswith("_")}
    assert methods == {operation.name for operation in OPERATIONS}


def test_an_error_code_has_its_class() -> None:
    examples = DOCUMENT["components"]["examples"].values()
    problems = {it["value"]["code"]: it["value"] for it in examples if "code" in it["value"]}
    described = {
        name
        for name, text in DOCUMENT["components"]["responses"].items()
        if "problem+json" in str(text)
    }

    assert set(PROBLEM_OF) == set(problems)
    assert described <= set(PROBLEM_OF)
    assert {code: kind.code for code, kind in PROBLEM_OF.items()} == {it: it for it in problems}
    assert all(issubclass(kind, ProblemError) for kind in PROBLEM_OF.values())


def test_what_may_be_sent_twice_is_described() -> None:
    ids = {operation.id for operation in OPERATIONS}
    assert REPEATABLE - ids <= {"correctUsage", "voidUsage"}


def test_what_makes_something_new_is_not_sent_twice() -> None:
    once = {operation.id for operation in OPERATIONS if not operation.may_repeat}
    assert once == {"createCustomer", "createLogUpload", "createProduct", "deleteCustomer"}
