"""The description of the API, and how tests find their way in it."""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from billing.edge.api.all_routes import ROUTES
from billing.edge.api.openapi import describe
from billing.edge.http.routes import Route

DOCUMENT = describe()
SCHEMAS = DOCUMENT["components"]["schemas"]


def operation_of(route: Route) -> Mapping[str, Any]:
    """Find a route in the description."""
    operation: Mapping[str, Any] = DOCUMENT["paths"][route.path][route.method.lower()]
    return operation


def responses_of(route: Route) -> Mapping[str, Mapping[str, Any]]:
    """Find what a route answers by status, references followed."""
    responses = operation_of(route)["responses"]
    return {status: resolved(response) for status, response in responses.items()}


def resolved(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, where it is one."""
    if "$ref" not in holder:
        return holder
    found: Any = DOCUMENT
    for step in holder["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    named: Mapping[str, Any] = found
    return named


def route_of(key: str) -> Route:
    """Find a route by its key."""
    [found] = [route for route in ROUTES if route.key == key]
    return found


def references(value: object) -> Iterator[str]:
    """Give every reference in a document."""
    if isinstance(value, dict):
        yield from (str(v) for key, v in value.items() if key == "$ref")
        for member in value.values():
            yield from references(member)
    elif isinstance(value, list):
        for member in value:
            yield from references(member)


def validator_of(name: str) -> Draft202012Validator:
    """Make a validator of one schema among the others."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return Draft202012Validator(schema)
