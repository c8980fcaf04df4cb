"""API Gateway before the functions, as a WSGI application, which tools that speak HTTP can drive.

It does what is documented of an HTTP API: it matches the path as it was written, decodes its
parameters, joins what stands twice by commas, asks the authorizer, and answers itself where that
says no.
"""

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote
from wsgiref.types import StartResponse, WSGIEnvironment

from billing.edge.api.all_routes import ROUTES
from billing.edge.http.routes import Route
from tests.support.lambdas import Event, http_event, text_of

# Invokes a function with the payload of its trigger.
type Invoke = Callable[[str, Event], Mapping[str, Any]]

_TEXT = re.compile(r"text/.*|application/(.*\+)?(json|xml|javascript)")


class Gateway:
    """Routes requests to functions, by way of the authorizer where a route wants a key."""

    def __init__(self, invoke: Invoke, function_of: Mapping[str, str]) -> None:
        """Route to the functions by the keys of their routes, and anything else to `$default`."""
        self._invoke = invoke
        self._function_of = function_of
        # Of two paths that match, the one with fewer parameters stands first.
        self._routes = sorted(ROUTES, key=lambda route: len(route.path_parameters))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        method, path = environ["REQUEST_METHOD"], _raw_path(environ)
        route = next((r for r in self._routes if r.method == method and r.matches(path)), None)
        event = _event(environ, method, path, route)
        refused = None if route is None or not route.needs_key else self._authorize(event)
        function = "system" if route is None else self._function_of[route.key]
        answer = refused or self._invoke(function, event)
        status = HTTPStatus(answer["statusCode"])
        # Unpacked here already: who drives this application is no client that does it.
        headers = [each for each in answer["headers"].items() if each[0] != "Content-Encoding"]
        start_response(f"{status.value} {status.phrase}", headers)
        return [text_of(answer).encode()]

    def _authorize(self, event: Event) -> Mapping[str, Any] | None:
        """Ask the authorizer, and keep what it says about the caller; or refuse."""
        if not event["headers"].get("authorization"):
            return _message(401, "Unauthorized")
        answer = self._invoke("authorizer", event)
        if not answer["isAuthorized"]:
            return _message(403, "Forbidden")
        event["requestContext"]["authorizer"] = {"lambda": answer["context"]}
        return None


def _message(status: int, text: str) -> Mapping[str, Any]:
    headers = {"Content-Type": "application/json"}
    body = json.dumps({"message": text})
    return {"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": False}


def _raw_path(environ: WSGIEnvironment) -> str:
    """Give the path as it was written; PATH_INFO is what it says once decoded."""
    written: str = environ.get("REQUEST_URI") or environ["PATH_INFO"]
    return written.partition("?")[0]


def _event(environ: WSGIEnvironment, method: str, path: str, route: Route | None) -> Event:
    content_type = environ.get("CONTENT_TYPE", "")
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    is_text = _TEXT.fullmatch(content_type.partition(";")[0].strip().lower()) is not None
    headers = {
        name.removeprefix("HTTP_").replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    event = http_event(
        f"{method} {path}" if route is None else route.key,
        path=unquote(path),
        path_parameters=_path_parameters(route, path),
        query=_query(environ.get("QUERY_STRING", "")),
        headers=headers | ({"content-type": content_type} if content_type else {}),
        body=(body.decode(errors="replace") if is_text else base64.b64encode(body).decode())
        or None,
        is_base64=not is_text,
        scopes=None,
    )
    if route is None:
        event["routeKey"] = event["requestContext"]["routeKey"] = "$default"
    return event


def _path_parameters(route: Route | None, path: str) -> dict[str, str]:
    if route is None:
        return {}
    parts = zip(route.path.split("/"), path.split("/"), strict=True)
    return {name.strip("{}"): unquote(value) for name, value in parts if name.startswith("{")}


def _query(text: str) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined
