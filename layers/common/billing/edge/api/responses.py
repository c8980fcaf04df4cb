"""What operations answer, as OpenAPI describes it: successes, problems by their codes, headers."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from billing.edge.api.all_routes import published_errors
from billing.edge.api.problem_examples import PROBLEM_EXAMPLES
from billing.edge.http.csv_table import columns_of_list
from billing.edge.http.problems import (
    INTERNAL_ERROR_CODE,
    headers_of,
    internal_problem,
    problem_of,
    status_of,
)
from billing.edge.http.representations import CSV
from billing.edge.http.routes import Route
from billing.edge.http.schema import GatewayMessage, Problem

type Json = dict[str, Any]

SCHEMA_REFERENCE = "#/components/schemas/{model}"

_NO_CONTENT = 204
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_TOO_MANY_REQUESTS_CODE = "too_many_requests"
_EXAMPLE_INSTANCE = "urn:usage-billing:request:Qm9zGg1nliAEM5Q%3D"
_REPLAYED_HEADER = "Idempotent-Replayed"
_LINK_HEADER = "Link"

# What API Gateway answers by itself, before a function is asked.
_GATEWAY_MEANINGS: Mapping[int, str] = {
    401: "the header Authorization is missing",
    403: "the key is unknown or revoked",
    413: "the body is far too large",
    _TOO_MANY_REQUESTS: "there are too many requests",
    _SERVER_ERROR: "the key could not be looked up",
}

_HEADERS: Mapping[str, Json] = {
    "Allow": {
        "description": "The methods that the path has, with commas between them.",
        "schema": {"type": "string"},
    },
    _REPLAYED_HEADER: {
        "description": "There, and `true`, where the same request was carried out before.",
        "schema": {"type": "string", "const": "true"},
    },
    _LINK_HEADER: {
        "description": 'Of CSV, where the list goes on: `<?cursor=...>; rel="next"`, relative to '
        "the path of the request. Not there at the end of the list.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "How many seconds to wait before the same request is sent again.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {
        "description": "How to say who is calling.",
        "schema": {"type": "string", "const": "Bearer"},
    },
}


def response_components() -> Json:
    """Describe each error once, with an example, and each header that is not of HTTP alone."""
    statuses = {error.code: status_of(error) for error in published_errors()}
    statuses[INTERNAL_ERROR_CODE] = _SERVER_ERROR
    responses = {code: _one_problem(status, code) for code, status in statuses.items()}
    responses[_TOO_MANY_REQUESTS_CODE] = _of_gateway(_TOO_MANY_REQUESTS, {"description": ""})
    return {
        "responses": dict(sorted(responses.items())),
        "examples": {code: _example(code) for code in sorted(statuses)},
        "headers": dict(_HEADERS),
    }


def describe_responses(route: Route) -> Json:
    """Describe everything that a route answers, by status."""
    responses = {str(status): _success(route, status) for status in route.statuses}
    for status, codes in _codes_by_status(route).items():
        if len(codes) == 1:
            responses[str(status)] = _reference("responses", codes[0])
        else:
            responses[str(status)] = _several_problems(status, codes, keyed=route.needs_key)
    if route.needs_key and route.needed_scope is None:
        responses["403"] = _of_gateway(403, {"description": ""})
    responses[str(_TOO_MANY_REQUESTS)] = _reference("responses", _TOO_MANY_REQUESTS_CODE)
    return dict(sorted(responses.items()))


def json_content(model: type[BaseModel]) -> Json:
    """Describe content that is a schema's JSON."""
    return {"application/json": {"schema": _schema(model)}}


def _success(route: Route, status: int) -> Json:
    response: Json = {"description": route.statuses[status]}
    if _REPLAYED_HEADER in response["description"]:
        response["headers"] = _headers([_REPLAYED_HEADER])
    if route.lists:
        response["headers"] = _headers([_LINK_HEADER])
    if status != _NO_CONTENT:
        response["content"] = _success_content(route)
    return response


def _success_content(route: Route) -> Json:
    if route.response is not None:
        others = {media_type: _text_content(route, media_type) for media_type in route.writers}
        return json_content(route.response) | others
    kind = "string" if route.media_type.startswith("text/") else "object"
    return {route.media_type: {"schema": {"type": kind}}}


def _text_content(route: Route, media_type: str) -> Json:
    """Describe content that is a text, and that of CSV by its columns."""
    schema: Json = {"type": "string"}
    if media_type == CSV and route.lists and route.response is not None:
        names = ", ".join(column.name for column in columns_of_list(route.response))
        schema["description"] = f"RFC 4180, in UTF-8. The columns: {names}."
    return {"schema": schema}


def _codes_by_status(route: Route) -> Mapping[int, list[str]]:
    codes: dict[int, set[str]] = {_SERVER_ERROR: {INTERNAL_ERROR_CODE}}
    for error in route.errors:
        codes.setdefault(status_of(error), set()).add(error.code)
    return {status: sorted(codes[status]) for status in sorted(codes)}


def _one_problem(status: int, code: str) -> Json:
    # A fault of this system has the same status as one of the authorizer, and another source.
    by_gateway = status in _GATEWAY_MEANINGS and status != _SERVER_ERROR
    return _problems(status, [code], by_gateway=by_gateway)


def _several_problems(status: int, codes: list[str], *, keyed: bool) -> Json:
    by_gateway = status in _GATEWAY_MEANINGS and keyed
    return _problems(status, codes, by_gateway=by_gateway)


def _problems(status: int, codes: list[str], *, by_gateway: bool) -> Json:
    """Describe problems of one status, each with its example."""
    examples = {code: _reference("examples", code) for code in codes}
    response: Json = {
        "description": f"Problem with the code {' or '.join(codes)}.",
        "content": {"application/problem+json": {"schema": _schema(Problem), "examples": examples}},
    }
    headers = {name for code in codes for name in _headers_of_code(code)}
    if headers:
        response["headers"] = _headers(sorted(headers))
    return _of_gateway(status, response) if by_gateway else response


def _of_gateway(status: int, response: Json) -> Json:
    """Add to a response what API Gateway answers by itself with the same status."""
    said = f"{response['description']} Of API Gateway: {_GATEWAY_MEANINGS[status]}.".lstrip()
    content = response.get("content", {}) | json_content(GatewayMessage)
    return {**response, "description": said, "content": content}


def _example(code: str) -> Json:
    if code == INTERNAL_ERROR_CODE:
        problem = internal_problem(instance=_EXAMPLE_INSTANCE)
    else:
        problem = problem_of(PROBLEM_EXAMPLES[code], instance=_EXAMPLE_INSTANCE)
    return {"summary": problem.title, "value": problem.model_dump()}


def _headers_of_code(code: str) -> Iterable[str]:
    return headers_of(PROBLEM_EXAMPLES[code]) if code in PROBLEM_EXAMPLES else ()


def _headers(names: Iterable[str]) -> Json:
    return {name: _reference("headers", name) for name in names}


def _reference(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


def _schema(model: type[BaseModel]) -> Json:
    return {"$ref": SCHEMA_REFERENCE.format(model=model.__name__)}
