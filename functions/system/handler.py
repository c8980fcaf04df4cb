"""Health, the API's description, and the answer to a request that no route serves."""

import json
from functools import cache

from billing.edge.api import system
from billing.edge.api.all_routes import ROUTES
from billing.edge.api.docs_page import CONTENT_SECURITY_POLICY, render
from billing.edge.api.openapi import describe
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler


def get_health(_request: Request) -> Answer:
    """Tell that the API answers; no store is asked, so that this is true of the API alone."""
    return Answer.of(200, system.HealthAnswer(status="ok"))


@cache
def _document() -> str:
    return json.dumps(describe())


@cache
def _page() -> str:
    return render(describe())


def get_openapi(_request: Request) -> Answer:
    """Describe the API to programs."""
    return Answer(200, _document())


def get_docs(_request: Request) -> Answer:
    """Describe the API to people."""
    headers = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    return Answer(200, _page(), "text/html; charset=utf-8", headers)


# Whatever else reaches this function came by the default route, and is refused.
handler = http_handler(
    {
        system.HEALTH: get_health,
        system.OPENAPI: get_openapi,
        system.DOCS: get_docs,
    },
    unrouted=ROUTES,
)
