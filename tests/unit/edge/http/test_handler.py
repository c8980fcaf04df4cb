"""How a request is carried out and answered, whatever the endpoint does."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from billing.domain.errors import CustomerNotFoundError, IntegrityError, UnavailableError
from billing.edge.api.system import HEALTH, HealthAnswer
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler
from tests.support.lambdas import Context, http_event
from tests.support.logged import Logged


def serve(endpoint: Callable[[Request], Answer]) -> dict[str, Any]:
    """Answer GET /health by an endpoint."""
    handler = http_handler({HEALTH: endpoint})
    return handler(http_event("GET /health"), Context())  # type: ignore[arg-type]


def failing(error: Exception) -> Callable[[Request], Answer]:
    """Make an endpoint that raises."""

    def endpoint(_request: Request) -> Answer:
        raise error

    return endpoint


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
