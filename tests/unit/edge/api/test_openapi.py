"""The description says what the code does."""

import json
import re

import pytest
from jsonschema import Draft202012Validator

from billing.edge.api.all_routes import ROUTES, published_errors
from billing.edge.http.problems import INTERNAL_ERROR_CODE, status_of
from billing.edge.http.routes import Route
from billing.edge.http.schema import EmptyRequest
from billing.edge.http.strict_json import parse
from billing.edge.http.validation import validate
from tests.support.description import (
    DOCUMENT,
    SCHEMAS,
    operation_of,
    references,
    responses_of,
    route_of,
    validator_of,
)
from tools.openapi import COMMITTED, written
from usage_billing.chain import entry_hash

# What is done to something, beside making, showing and changing it.
OWN_VERBS = {
    "activate",
    "add",
    "charge",
    "correct",
    "credit",
    "preview",
    "record",
    "refund",
    "reread",
    "revoke",
    "suspend",
    "verify",
    "void",
    "withdraw",
}


def test_the_description_has_every_route_and_no_other() -> None:
    described = {
        f"{method.upper()} {path}"
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
    }
    assert described == {route.key for route in ROUTES}


def test_an_operation_is_named_by_a_verb_and_a_noun_and_no_two_alike() -> None:
    ids = [operation_of(route)["operationId"] for route in ROUTES]
    assert len(set(ids)) == len(ids)
    verbs = {"get", "list", "create", "update", "delete", "run"} | OWN_VERBS
    named = [re.fullmatch(r"([a-z]+)(?:[A-Z][a-z]+)+", made) for made in ids]
    assert {"" if each is None else each[1] for each in named} == verbs


def test_operations_are_grouped_by_nouns_in_a_fixed_order() -> None:
    groups = [tag["name"] for tag in DOCUMENT["tags"]]
    used = [tag for route in ROUTES for tag in operation_of(route)["tags"]]
    assert set(used) == set(groups)
    assert len(used) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.key)
def test_an_operation_says_what_its_route_does(route: Route) -> None:
    operation = operation_of(route)
    statuses = {str(status) for status in route.statuses}
    errors = {str(status_of(error)) for error in route.errors}
    responses = responses_of(route)
    of_gateway = {"429", "500"} | ({"401", "403"} if route.needs_key else set())
    assert set(responses) == statuses | errors | of_gateway
    said = " ".join(answer["description"] for answer in responses.values())
    assert all(error.code in said for error in route.errors)
    scopes = [] if route.needed_scope is None else [route.needed_scope]
    assert operation.get("security", []) == ([{"apiKey": scopes}] if route.needs_key else [])
    if route.needed_scope is not None:
        assert f"`{route.needed_scope}`" in operation["description"]
    takes_body = route.request not in {None, EmptyRequest}
    assert ("requestBody" in operation) == takes_body
    parameters = {(p["in"], p["name"]): p for p in operation["parameters"]}
    assert {name for kind, name in parameters if kind == "path"} == set(route.path_parameters)
    for parameter in parameters.values():
        Draft202012Validator.check_schema(parameter["schema"])
        assert parameter["schema"]["type"]


def test_the_limit_of_a_list_is_described_as_it_is_checked() -> None:
    limit, cursor = operation_of(route_of("GET /products"))["parameters"]
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}
    assert cursor["schema"] == {"type": "string"}


def test_the_statuses_that_a_list_takes_are_described() -> None:
    def of(key: str) -> object:
        [status] = [p for p in operation_of(route_of(key))["parameters"] if p["name"] == "status"]
        return status["schema"]

    assert of("GET /users") == {"type": "string", "const": "suspended"}
    assert of("GET /billing") == {"type": "string", "enum": ["retrying", "failed"]}


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
        for status, answer in responses_of(route_of("DELETE /users/{userId}")).items()
        if status == "204"
    ]
    assert deleted.keys() == {"description"}


def test_what_the_gateway_answers_by_itself_is_described_beside_what_functions_answer() -> None:
    def of_gateway(key: str) -> set[str]:
        return {
            status
            for status, answer in responses_of(route_of(key)).items()
            if {"$ref": "#/components/schemas/GatewayMessage"}
            in [kind["schema"] for kind in answer.get("content", {}).values()]
        }

    assert of_gateway("GET /health") == {"429"}
    assert of_gateway("GET /users") == {"401", "403", "429", "500"}
    assert of_gateway("POST /users") == {"401", "403", "413", "429", "500"}
    refused = responses_of(route_of("POST /users"))["401"]
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
    named = set(references(DOCUMENT))
    kinds = ("schemas", "responses", "examples", "headers")
    components = {f"#/components/{k}/{name}" for k in kinds for name in DOCUMENT["components"][k]}
    assert named <= components
    # The methods of a path are told by 405 alone, which no operation answers.
    headers = {name for name in components if name.startswith("#/components/headers/")}
    assert headers <= named


@pytest.mark.parametrize("code", sorted(DOCUMENT["components"]["examples"]))
def test_every_error_has_an_example_that_is_answered_so(code: str) -> None:
    example = DOCUMENT["components"]["examples"][code]["value"]
    validator_of("Problem").validate(example)
    assert example["code"] == code


def test_every_error_is_described_once_with_its_example_and_its_headers() -> None:
    responses = DOCUMENT["components"]["responses"]
    codes = {error.code for error in published_errors()} | {INTERNAL_ERROR_CODE}
    assert responses.keys() == codes | {"too_many_requests"}
    for code in codes:
        [examples] = [
            kind["examples"] for kind in responses[code]["content"].values() if "examples" in kind
        ]
        assert examples == {code: {"$ref": f"#/components/examples/{code}"}}
    with_headers = {
        code: set(said["headers"]) for code, said in responses.items() if "headers" in said
    }
    assert with_headers == {
        "closing_behind": {"Retry-After"},
        "method_not_allowed": {"Allow"},
        "run_in_progress": {"Retry-After"},
        "unauthenticated": {"WWW-Authenticate"},
        "unavailable": {"Retry-After"},
    }


def test_a_header_of_repetition_is_described_where_a_key_makes_one() -> None:
    described = {
        route.key
        for route in ROUTES
        for response in responses_of(route).values()
        if "Idempotent-Replayed" in response.get("headers", {})
    }
    assert described == {route.key for route in ROUTES if route.idempotency_key is not None}


def test_the_committed_description_is_the_one_that_is_served() -> None:
    """Where it is not: `make openapi` writes it."""
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == DOCUMENT
    assert COMMITTED.read_text(encoding="utf-8") == written(DOCUMENT)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_schema_is_valid_and_so_are_its_examples(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    for example in SCHEMAS[name].get("examples", ()):
        validator_of(name).validate(example)


def test_the_example_of_every_request_is_one_that_is_accepted() -> None:
    requests = {route.request for route in ROUTES} - {None, EmptyRequest}
    assert len(requests) == 14
    for request in requests:
        assert request is not None
        [example] = SCHEMAS[request.__name__]["examples"]
        validate(request, parse(json.dumps(example)))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation_id)
def test_every_answer_has_an_example_in_the_order_of_its_fields(route: Route) -> None:
    if route.response is not None:
        schema = SCHEMAS[route.response.__name__]
        [example] = schema["examples"]
        assert list(example) == [name for name in schema["properties"] if name in example]


def test_the_example_of_a_ledger_proves_itself_by_the_rule_that_is_published() -> None:
    [ledger] = SCHEMAS["LedgerAnswer"]["examples"]
    [proof] = SCHEMAS["ProofAnswer"]["examples"]
    [entry] = ledger["items"]
    assert entry["hash"] == entry_hash("acme", entry) == proof["headHash"]
    assert ledger["balanceCents"] == entry["balanceCents"] == proof["sumCents"]


def test_what_stands_in_a_path_is_told() -> None:
    untold = [
        (path, parameter["name"])
        for path, methods in DOCUMENT["paths"].items()
        for operation in methods.values()
        for parameter in operation["parameters"]
        if not parameter.get("description")
    ]
    assert untold == []
