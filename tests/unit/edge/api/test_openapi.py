"""The description says what the code does."""

import json
import re

import pytest
from jsonschema import Draft202012Validator

from billing.edge.api.all_routes import ROUTES
from billing.edge.http.problems import status_of
from billing.edge.http.routes import Route
from billing.edge.http.schema import EmptyRequest
from billing.edge.http.strict_json import parse
from billing.edge.http.validation import validate
from tests.support.description import (
    DOCUMENT,
    SCHEMAS,
    operation_of,
    references,
    route_of,
    validator_of,
)


def test_the_description_has_every_route_and_no_other() -> None:
    described = {
        f"{method.upper()} {path}"
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
    }
    assert described == {route.key for route in ROUTES}
    ids = [operation_of(route)["operationId"] for route in ROUTES]
    assert len(set(ids)) == len(ids)
    assert all(made.isalnum() for made in ids)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.key)
def test_an_operation_says_what_its_route_does(route: Route) -> None:
    operation = operation_of(route)
    statuses = {str(status) for status in route.statuses}
    errors = {str(status_of(error)) for error in route.errors}
    assert set(operation["responses"]) == statuses | errors | {"429", "500"}
    said = " ".join(answer["description"] for answer in operation["responses"].values())
    assert all(error.code in said for error in route.errors)
    assert ("security" in operation) == (route.scope is not None)
    if route.scope is not None:
        assert f"`{route.scope}`" in operation["description"]
    takes_body = route.request not in {None, EmptyRequest}
    assert ("requestBody" in operation) == takes_body
    parameters = {(p["in"], p["name"]): p for p in operation["parameters"]}
    assert {name for kind, name in parameters if kind == "path"} == set(route.path_parameters)
    for parameter in parameters.values():
        Draft202012Validator.check_schema(parameter["schema"])
        assert parameter["schema"]["type"]


def test_the_limit_of_a_list_is_described_as_it_is_checked() -> None:
    [users] = [route for route in ROUTES if route.key == "GET /users"]
    limit, cursor = operation_of(users)["parameters"]
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}
    assert cursor["schema"] == {"type": "string"}


def test_a_key_is_required_where_money_comes_in_and_optional_for_a_charge() -> None:
    required = {
        route.key: parameter["required"]
        for route in ROUTES
        for parameter in operation_of(route)["parameters"]
        if parameter["name"] == "Idempotency-Key"
    }
    assert required == {
        "POST /billing/credit": True,
        "POST /wallets/{userId}/add-funds": True,
        "POST /billing/{recordId}/refund": True,
        "POST /billing": False,
    }


def test_an_answer_without_content_is_described_without() -> None:
    [deleted] = [
        answer
        for status, answer in operation_of(route_of("DELETE /users/{userId}"))["responses"].items()
        if status == "204"
    ]
    assert deleted.keys() == {"description"}


def test_what_the_gateway_answers_by_itself_is_described_beside_what_functions_answer() -> None:
    def of_gateway(key: str) -> set[str]:
        return {
            status
            for status, answer in operation_of(route_of(key))["responses"].items()
            if {"$ref": "#/components/schemas/GatewayMessage"}
            in [kind["schema"] for kind in answer.get("content", {}).values()]
        }

    assert of_gateway("GET /health") == {"429"}
    assert of_gateway("GET /users") == {"401", "403", "429", "500"}
    assert of_gateway("POST /users") == {"401", "403", "413", "429", "500"}
    refused = operation_of(route_of("POST /users"))["responses"]["401"]
    assert refused["content"].keys() == {"application/json", "application/problem+json"}


def test_the_ids_in_a_path_are_described_as_they_are() -> None:
    def pattern(key: str) -> str:
        [parameter] = [p for p in operation_of(route_of(key))["parameters"] if p["in"] == "path"]
        return str(parameter["schema"]["pattern"])

    for record_id in ("acme~0~1", "acme:eu~manual~019bde2e-3c00-7000-8000-000000000001"):
        assert re.search(pattern("GET /billing/{recordId}"), record_id)
        assert re.search(pattern("GET /executions/{recordId}"), record_id)
        assert not re.search(pattern("GET /users/{userId}"), record_id)
    assert not re.search(pattern("GET /billing/{recordId}"), "acme")


def test_every_reference_leads_somewhere() -> None:
    names = {reference.removeprefix("#/components/schemas/") for reference in references(DOCUMENT)}
    assert names <= SCHEMAS.keys()
    assert names


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_schema_is_valid_and_so_are_its_examples(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    for example in SCHEMAS[name].get("examples", ()):
        validator_of(name).validate(example)


def test_the_example_of_every_request_is_one_that_is_accepted() -> None:
    requests = {route.request for route in ROUTES} - {None, EmptyRequest}
    assert len(requests) == 12
    for request in requests:
        assert request is not None
        [example] = SCHEMAS[request.__name__]["examples"]
        validate(request, parse(json.dumps(example)))
