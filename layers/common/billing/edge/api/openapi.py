"""The API's description as OpenAPI 3.1, made from all routes and their schemas."""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from billing import VERSION
from billing.domain.ids import EVENT_ID_PATTERN, ID_PATTERN, IDEMPOTENCY_KEY_LENGTH_MAX
from billing.domain.records import RECORD_ID_PATTERN
from billing.edge.api.all_routes import ROUTES, ROUTES_OF
from billing.edge.api.responses import (
    SCHEMA_REFERENCE,
    describe_responses,
    json_content,
    response_components,
)
from billing.edge.api.schema_examples import with_examples
from billing.edge.http.routes import Route
from billing.edge.http.schema import EmptyRequest, GatewayMessage, Problem
from billing.edge.http.values import COUNTING_PATTERN, MONTH_PATTERN

type Json = dict[str, Any]

_SECURITY_SCHEME = "apiKey"

# What no route names as its own answer.
_OF_ANY_ROUTE = (Problem, GatewayMessage)

DESCRIPTION = (
    "Usage-based billing: record usage events, keep a wallet and a provable ledger for every "
    "customer. Amounts are integer cents where a name ends in Cents, or decimal strings where they "
    "may be finer. Every request but those to /health, /openapi.json and /docs needs "
    "`Authorization: Bearer <API key>` with the scope that the route names; the scope admin "
    "includes all others. API Gateway answers some requests by itself, with a `GatewayMessage` and "
    "not with a problem document: before a key is found good, and where there are too many."
)


# What operations are grouped by, in the order in which they are told of: nouns, and what each is.
TAGS: Mapping[str, str] = {
    "usage": "What customers used, event by event.",
    "customers": "Who is billed, on which terms.",
    "products": "What is metered, its prices, and what units would cost.",
    "wallets": "What customers hold, and the ledger that proves it.",
    "records": "What customers were asked to pay, and how that went.",
    "statements": "What customers were billed, by month and by day.",
    "executions": "Dunning: the workflows that try a charge again.",
    "logs": "Usage that is read from files.",
    "jobs": "What schedules do by themselves, done by hand.",
    "system": "Who calls and may call, how the system is, and the API itself.",
}

# The functions that are not named as the noun that they are about.
_TAG_OF = {
    "credit": "wallets",
    "balance": "wallets",
    "users": "customers",
    "status": "system",
}

# What is about another noun than its function, by the beginning of its path.
_TAG_OF_PATH = {"keys": "system"}


def describe() -> Json:
    """Make the OpenAPI document."""
    paths: dict[str, Json] = {}
    for function, routes in ROUTES_OF.items():
        for route in routes:
            operations = paths.setdefault(route.path, {})
            tag = _tag_of(route, function)
            operations[route.method.lower()] = _operation(route, tag=tag)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Usage billing", "version": VERSION, "description": DESCRIPTION},
        # Relative to where this document was read, so that it is right under any address.
        "servers": [{"url": "."}],
        "tags": [{"name": name, "description": meaning} for name, meaning in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            **response_components(),
            "securitySchemes": {
                _SECURITY_SCHEME: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key. An operation names the scope that it needs; the "
                    "scope admin is good for all.",
                }
            },
        },
    }


def _tag_of(route: Route, function: str) -> str:
    noun = route.path.split("/")[1]
    return _TAG_OF_PATH.get(noun) or _TAG_OF.get(function, function)


def _schemas() -> Json:
    requests = {route.request for route in ROUTES} - {None, EmptyRequest}
    answers = {route.response for route in ROUTES} - {None}
    models = [(model, "validation") for model in requests if model is not None]
    models += [
        (model, "serialization") for model in (*answers, *_OF_ANY_ROUTE) if model is not None
    ]
    in_order = sorted(models, key=lambda entry: entry[0].__name__)
    # Its type wants the mode of each model as a literal, which a list of pairs loses.
    _, document = models_json_schema(in_order, ref_template=SCHEMA_REFERENCE)  # type: ignore[arg-type]
    return dict(with_examples(document["$defs"]))


def _operation(route: Route, *, tag: str) -> Json:
    operation: Json = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "tags": [tag],
        "parameters": _parameters(route),
        "responses": describe_responses(route),
    }
    if not route.needs_key:
        operation["description"] = "Needs no key."
    else:
        needed = route.needed_scope
        operation["description"] = (
            "Needs a key of any scope." if needed is None else f"Needs the scope `{needed}`."
        )
        operation["security"] = [{_SECURITY_SCHEME: [] if needed is None else [needed]}]
    if route.request is not None and route.request is not EmptyRequest:
        content = json_content(route.request)
        operation["requestBody"] = {"required": not route.request_is_optional, "content": content}
    return operation


def _parameters(route: Route) -> list[Json]:
    return [*_path_parameters(route), *_query_parameters(route), *_header_parameters(route)]


# What the names in a path stand for.
_MEANING_OF = {
    "customerId": "The customer's id.",
    "eventId": "The event's id: yours, or the one that was made when it was recorded.",
    "fileId": "The log file's id, made from its name.",
    "keyId": "The key's id, which is no secret.",
    "month": "A month in UTC, such as 2026-01.",
    "productId": "The product's id.",
    "recordId": "The billing record's id, as answers tell it.",
    "userId": "The customer's id.",
    "version": "The number of a version of the product's price.",
}

# What a path parameter looks like, where it is not an id like others.
_PATTERN_OF = {
    "eventId": EVENT_ID_PATTERN,
    "month": MONTH_PATTERN,
    "recordId": RECORD_ID_PATTERN,
    "version": COUNTING_PATTERN,
}


def _path_parameters(route: Route) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _MEANING_OF[name],
            "schema": {"type": "string", "pattern": _PATTERN_OF.get(name, ID_PATTERN)},
        }
        for name in route.path_parameters
    ]


def _query_parameters(route: Route) -> list[Json]:
    schema = route.query.model_json_schema()
    definitions = schema.get("$defs", {})
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": member.pop("description"),
            "schema": _inlined(member, definitions),
        }
        for name, member in schema["properties"].items()
    ]


def _inlined(schema: Json, definitions: Json) -> Json:
    """Write one parameter's schema without references and without null, which no query can say."""
    [own, *_] = schema.get("anyOf", [schema])
    if "$ref" in own:
        return dict(definitions[own["$ref"].rpartition("/")[2]])
    return {key: value for key, value in own.items() if key not in {"title", "default"}}


def _header_parameters(route: Route) -> list[Json]:
    if route.idempotency_key is None:
        return []
    return [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": route.idempotency_key == "required",
            "description": "Your name for the request, for ever, within the customer.",
            "schema": {"type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_LENGTH_MAX},
        }
    ]
