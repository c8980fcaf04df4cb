"""The API's description as OpenAPI 3.1, made from all routes and their schemas."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from billing.domain.ids import EVENT_ID_PATTERN, ID_PATTERN, IDEMPOTENCY_KEY_LENGTH_MAX
from billing.domain.records import RECORD_ID_PATTERN
from billing.edge.api.all_routes import ROUTES, ROUTES_OF
from billing.edge.http.problems import INTERNAL_ERROR_CODE, status_of
from billing.edge.http.routes import Route
from billing.edge.http.schema import EmptyRequest, GatewayMessage, Problem
from billing.edge.http.values import COUNTING_PATTERN

type Json = dict[str, Any]

# Of the contract, not of the code: it changes when a caller would have to.
API_VERSION = "1"

_REFERENCE = "#/components/schemas/{model}"
_SECURITY_SCHEME = "apiKey"
_NO_CONTENT = 204

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


def describe() -> Json:
    """Make the OpenAPI document."""
    paths: dict[str, Json] = {}
    for function, routes in ROUTES_OF.items():
        for route in routes:
            operations = paths.setdefault(route.path, {})
            operations[route.method.lower()] = _operation(route, tag=function)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Usage billing", "version": API_VERSION, "description": DESCRIPTION},
        # Relative to where this document was read, so that it is right under any address.
        "servers": [{"url": "."}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                _SECURITY_SCHEME: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key; the description of a route names its scope.",
                }
            },
        },
    }


def _schemas() -> Json:
    requests = {route.request for route in ROUTES} - {None, EmptyRequest}
    answers = {route.response for route in ROUTES} - {None}
    models = [(model, "validation") for model in requests if model is not None]
    models += [
        (model, "serialization") for model in (*answers, *_OF_ANY_ROUTE) if model is not None
    ]
    in_order = sorted(models, key=lambda entry: entry[0].__name__)
    # Its type wants the mode of each model as a literal, which a list of pairs loses.
    _, document = models_json_schema(in_order, ref_template=_REFERENCE)  # type: ignore[arg-type]
    schemas: Json = document["$defs"]
    return schemas


def _operation(route: Route, *, tag: str) -> Json:
    operation: Json = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [tag],
        "parameters": _parameters(route),
        "responses": _responses(route),
    }
    if route.scope is not None:
        operation["description"] = f"Needs the scope `{route.scope}`."
        operation["security"] = [{_SECURITY_SCHEME: []}]
    if route.request is not None and route.request is not EmptyRequest:
        content = _content(route.request)
        operation["requestBody"] = {"required": not route.request_is_optional, "content": content}
    return operation


def _operation_id(route: Route) -> str:
    words = re.findall(r"\w+", route.path)
    return route.method.lower() + "".join(word[:1].upper() + word[1:] for word in words)


def _parameters(route: Route) -> list[Json]:
    return [*_path_parameters(route), *_query_parameters(route), *_header_parameters(route)]


# What a path parameter looks like, where it is not an id like others.
_PATTERN_OF = {
    "eventId": EVENT_ID_PATTERN,
    "recordId": RECORD_ID_PATTERN,
    "version": COUNTING_PATTERN,
}


def _path_parameters(route: Route) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {
                "type": "string",
                "pattern": _PATTERN_OF.get(name, ID_PATTERN),
            },
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
            "required": False,
            "description": member.pop("description"),
            "schema": _inlined(member, definitions),
        }
        for name, member in schema["properties"].items()
    ]


def _inlined(schema: Json, definitions: Json) -> Json:
    """Write one parameter's schema without references and without null, which no query can say."""
    [own, *_] = schema.get("anyOf", [schema])
    name = own.get("$ref", "").rpartition("/")[2]
    return dict(definitions.get(name, {"type": own.get("type")}))


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


def _responses(route: Route) -> Json:
    responses: Json = {}
    for status, meaning in route.statuses.items():
        responses[str(status)] = {"description": meaning}
        if status != _NO_CONTENT:
            responses[str(status)]["content"] = _success_content(route)
    for status, problem in _problems(route).items():
        responses[str(status)] = problem
    for status, meaning in _gateway_statuses(route).items():
        answer = responses.setdefault(str(status), {"description": "", "content": {}})
        answer["description"] = f"{answer['description']} Of API Gateway: {meaning}.".lstrip()
        answer["content"] |= _content(GatewayMessage)
    return responses


def _gateway_statuses(route: Route) -> Mapping[int, str]:
    """List what API Gateway answers by itself, before a function is asked."""
    statuses = {429: "there are too many requests"}
    if route.scope is not None:
        statuses |= {
            401: "the header Authorization is missing",
            403: "the key is unknown or revoked",
            500: "the key could not be looked up",
        }
    if route.request is not None:
        statuses[413] = "the body is far too large"
    return statuses


def _problems(route: Route) -> dict[int, Json]:
    """Describe each status that is answered as a problem document."""
    codes: dict[int, list[str]] = {}
    for error in route.errors:
        codes.setdefault(status_of(error), []).append(error.code)
    codes.setdefault(500, []).append(INTERNAL_ERROR_CODE)
    return {
        status: {
            "description": "Problem with the code " + " or ".join(sorted(names)) + ".",
            "content": {"application/problem+json": {"schema": _reference(Problem)}},
        }
        for status, names in sorted(codes.items())
    }


def _success_content(route: Route) -> Json:
    if route.response is not None:
        return _content(route.response)
    kind = "string" if route.media_type.startswith("text/") else "object"
    return {route.media_type: {"schema": {"type": kind}}}


def _content(model: type[BaseModel]) -> Json:
    return {"application/json": {"schema": _reference(model)}}


def _reference(model: type[BaseModel]) -> Json:
    return {"$ref": _REFERENCE.format(model=model.__name__)}
