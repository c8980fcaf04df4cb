"""How requests are let in and dispatched to the function that serves their route."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from billing.edge.api.all_routes import ROUTES, ROUTES_OF
from billing.edge.http.handler import Endpoint
from billing.edge.http.routes import Route
from tests.support.cloud import Cloud
from tests.support.lambdas import http_event, load_handler
from tests.support.logged import Logged

SCOPED = [route for route in ROUTES if route.needed_scope is not None]
OPEN = [route for route in ROUTES if not route.needs_key]


def event_for(route: Route, scopes: str | None) -> dict[str, Any]:
    """Make a request that its route lets in as far as its scope."""
    names = dict.fromkeys(route.path_parameters, "nobody")
    return http_event(route.key, path_parameters=names, scopes=scopes)


@pytest.mark.parametrize("route", SCOPED, ids=lambda route: route.key)
def test_a_route_asks_for_its_scope(cloud: Cloud, route: Route) -> None:
    assert cloud.send(event_for(route, None)).json["code"] == "unauthenticated"
    others = "usage:write billing:read billing:write".replace(str(route.scope), "")
    for scopes in ("", others, "administrator", str(route.scope).upper()):
        refused = cloud.send(event_for(route, scopes))
        assert (refused.status, refused.json["code"]) == (403, "scope_missing")
    for scopes in (str(route.scope), f"{others} {route.scope}", "admin"):
        assert cloud.send(event_for(route, scopes)).status not in {401, 403}


@pytest.mark.parametrize("route", OPEN, ids=lambda route: route.key)
def test_a_route_without_a_scope_answers_anybody(cloud: Cloud, route: Route) -> None:
    assert cloud.send(event_for(route, None)).status == 200


def test_the_gateway_s_route_decides_and_not_the_path(cloud: Cloud) -> None:
    """API Gateway decodes the path, so `/billing/ledger/acme%2Fverify` looks like another one."""
    event = http_event(
        "GET /billing/ledger/{customerId}",
        path="/billing/ledger/acme/verify",
        path_parameters={"customerId": "acme"},
    )
    assert "items" in cloud.send(event).json


def test_a_path_parameter_may_arrive_decoded_or_not(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "acme:eu"})
    for written in ("acme:eu", "acme%3Aeu"):
        assert cloud.get("/users/{userId}", userId=written).json["id"] == "acme:eu"


def test_logs_hold_neither_bodies_nor_keys(cloud: Cloud, logged: Logged) -> None:
    headers = {"Authorization": "Bearer ub_secret-of-the-caller", "Idempotency-Key": "secret-key"}
    cloud.post("/billing/credit", {"customerId": "secret-customer", "amountCents": 1}, headers)
    assert [line["status"] for line in logged.lines] == [404]
    assert "secret" not in logged.text


@pytest.mark.parametrize("function", sorted(ROUTES_OF))
def test_a_function_serves_its_routes_and_no_others(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    """The cloud gives the environment in which a function starts."""
    assert function in cloud.functions
    served: list[Route] = []

    def note_routes(endpoints: Mapping[Route, Endpoint], **_named: object) -> None:
        served.extend(endpoints)

    monkeypatch.setattr("billing.edge.http.handler.http_handler", note_routes)
    load_handler(function)
    assert set(served) == set(ROUTES_OF[function])


@pytest.mark.parametrize("function", sorted(ROUTES_OF.keys() - {"system"}))
def test_a_function_refuses_a_route_that_is_another_s(cloud: Cloud, function: str) -> None:
    for route in ("GET /health", "GET /nothing", "$default"):
        answer = cloud.invoke(function, http_event(route, path="/health"))
        assert answer["statusCode"] == 404
        assert json.loads(answer["body"])["code"] == "route_not_found"


def test_a_function_knows_the_other_methods_of_its_own_paths(cloud: Cloud) -> None:
    answer = cloud.invoke("credit", http_event("GET /billing/credit"))
    assert (answer["statusCode"], answer["headers"]["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("/users", {"name": "Ann"}, "userId"),
        ("/products", {"name": "Calls", "unitPriceCents": 1}, "productId"),
    ],
    ids=["customer", "product"],
)
def test_what_is_made_without_an_id_is_given_one(
    cloud: Cloud, path: str, body: dict[str, object], name: str
) -> None:
    made = cloud.post(path, body)

    assert made.status == 201
    assert UUID(made.json["id"]).version == 7
    found = cloud.get(f"{path}/{{{name}}}", None, **{name: made.json["id"]})
    assert (found.status, found.json) == (200, made.json)
