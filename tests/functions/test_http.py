"""How requests are let in, dispatched and answered, whatever the endpoint does."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from billing.domain.api_keys import Scope
from billing.domain.errors import CustomerNotFoundError, IntegrityError, UnavailableError
from billing.edge.api.all_routes import ROUTES, ROUTES_OF
from billing.edge.api.system import HEALTH, HealthAnswer
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import Endpoint, http_handler
from billing.edge.http.routes import Route
from tests.functions.conftest import Logged
from tests.support.cloud import Cloud
from tests.support.lambdas import FUNCTIONS, Context, http_event, load_handler

KEYED = [route for route in ROUTES if route.scope is not None]
OPEN = [route for route in ROUTES if route.scope is None]


def event_for(route: Route, scopes: str | None) -> dict[str, Any]:
    """Make a request that its route lets in as far as its scope."""
    names = dict.fromkeys(route.path_parameters, "nobody")
    return http_event(route.key, path_parameters=names, scopes=scopes)


def serve(endpoint: Callable[[Request], Answer]) -> dict[str, Any]:
    """Answer GET /health by an endpoint."""
    handler = http_handler({HEALTH: endpoint})
    return handler(http_event("GET /health"), Context())  # type: ignore[arg-type]


@pytest.mark.parametrize("route", KEYED, ids=lambda route: route.key)
def test_a_route_asks_for_its_scope(cloud: Cloud, route: Route) -> None:
    assert cloud.send(event_for(route, None)).json["code"] == "unauthenticated"
    others = "usage:write billing:read billing:write".replace(str(route.scope), "")
    for scopes in ("", others, "administrator", str(route.scope).upper()):
        refused = cloud.send(event_for(route, scopes))
        assert (refused.status, refused.json["code"]) == (403, "scope_missing")
    for scopes in (str(route.scope), f"{others} {route.scope}", "admin"):
        assert cloud.send(event_for(route, scopes)).status not in {401, 403}


@pytest.mark.parametrize("route", KEYED, ids=lambda route: route.key)
def test_reading_moving_money_and_managing_are_scopes_apart(route: Route) -> None:
    if route.method == "GET":
        expected = Scope.BILLING_READ
    elif route.path.startswith("/billing/usage"):
        expected = Scope.USAGE_WRITE
    elif route.path.startswith(("/billing", "/wallets")):
        expected = Scope.BILLING_WRITE
    else:
        expected = Scope.ADMIN
    assert route.scope is expected


@pytest.mark.parametrize("route", OPEN, ids=lambda route: route.key)
def test_a_route_without_a_scope_answers_anybody(cloud: Cloud, route: Route) -> None:
    assert cloud.send(event_for(route, None)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/nothing", None),
        ("GET", "/", None),
        ("GET", "/products/", None),
        ("GET", "/billing/usage/acme/event/more", None),
        ("PUT", "/billing/usage", "POST"),
        ("DELETE", "/products", "GET, POST"),
        ("POST", "/products/api-calls", "GET, PATCH"),
        ("OPTIONS", "/users/acme", "DELETE, GET, PATCH"),
        ("PUT", "/billing", "GET, POST"),
        ("DELETE", "/billing/acme~0~1", "GET"),
        ("GET", "/billing/acme~0~1/process", "POST"),
        ("GET", "/wallets/acme/add-funds", "POST"),
        ("POST", "/wallets", None),
        ("HEAD", "/health", "GET"),
    ],
)
def test_what_no_route_serves_is_refused_in_kind(
    cloud: Cloud, method: str, path: str, allow: str | None
) -> None:
    event = http_event("$default", path=path, scopes=None)
    event["requestContext"]["http"]["method"] = method
    answer = cloud.send(event)
    expected = (404, "route_not_found") if allow is None else (405, "method_not_allowed")
    assert (answer.status, answer.json["code"]) == expected
    assert answer.headers.get("Allow") == allow


@pytest.mark.parametrize("path", ["/\ud800", "/" + "x" * 100_000, "/<script>", "/\x00"])
def test_a_path_is_shown_back_safely(cloud: Cloud, path: str) -> None:
    answer = cloud.send(http_event("$default", path=path, scopes=None))
    assert (answer.status, answer.json["code"]) == (404, "route_not_found")
    assert len(answer.text) < 1000


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


def test_no_answer_is_kept_by_a_cache() -> None:
    answer = serve(lambda _request: Answer.of(200, HealthAnswer(status="ok")))
    assert answer == {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store"},
        "body": '{"status":"ok"}',
        "isBase64Encoded": False,
    }


def test_an_answer_without_content_names_no_type_for_it() -> None:
    assert serve(lambda _request: Answer.empty()) == {
        "statusCode": 204,
        "headers": {"Cache-Control": "no-store"},
        "body": "",
        "isBase64Encoded": False,
    }


def failing(error: Exception) -> Callable[[Request], Answer]:
    """Make an endpoint that raises."""

    def endpoint(_request: Request) -> Answer:
        raise error

    return endpoint


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ValueError("secret of acme"), 500, "internal_error"),
        (RecursionError("secret of acme"), 500, "internal_error"),
        (IntegrityError("secret of acme"), 500, "integrity_fault"),
    ],
)
def test_a_fault_inside_is_logged_whole_and_answered_without_details(
    logged: Logged, error: Exception, status: int, code: str
) -> None:
    answer = serve(failing(error))
    assert answer["statusCode"] == status
    problem = json.loads(answer["body"])
    assert problem["code"] == code
    assert "secret" not in answer["body"]
    [failure] = logged.errors
    assert "secret of acme" in failure["exception"]
    assert "Traceback" in failure["exception"]
    # The caller can name the request, and the logs find it.
    assert problem["instance"].endswith("JKJaXmPLvHcESHA%3D")
    assert failure["correlation_id"] == "JKJaXmPLvHcESHA="


def test_a_busy_store_is_a_503_that_may_be_repeated() -> None:
    answer = serve(failing(UnavailableError("The store is busy; try again")))
    assert answer["statusCode"] == 503
    assert answer["headers"]["Retry-After"] == "1"
    assert json.loads(answer["body"])["detail"] == "The store is busy; try again"


def test_a_refusal_is_logged_in_one_line_and_not_as_a_failure(
    logged: Logged,
) -> None:
    assert serve(failing(CustomerNotFoundError("acme")))["statusCode"] == 404
    [line] = logged.lines
    assert (line["level"], line["status"], line["route"]) == ("INFO", 404, "GET /health")


def test_logs_hold_neither_bodies_nor_keys(cloud: Cloud, logged: Logged) -> None:
    headers = {"Authorization": "Bearer ub_secret-of-the-caller", "Idempotency-Key": "secret-key"}
    cloud.post("/billing/credit", {"customerId": "secret-customer", "amountCents": 1}, headers)
    assert [line["status"] for line in logged.lines] == [404]
    assert "secret" not in logged.text


@pytest.mark.parametrize("function", sorted(ROUTES_OF))
def test_every_function_of_the_union_exists(function: str) -> None:
    assert function in FUNCTIONS


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
