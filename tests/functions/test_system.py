"""What the API says about itself, and how it answers to a request that no route serves."""

import json

import pytest

from billing.domain.api_keys import Scope
from billing.edge.api.all_routes import ROUTES
from billing.edge.api.docs_page import CONTENT_SECURITY_POLICY, render
from billing.edge.composition import utc_now
from billing.services.api_keys import SECRET_BYTES, create_api_key
from tests.support.cloud import Cloud
from tests.support.description import (
    DOCUMENT,
    validator_of,
)
from tests.support.lambdas import HttpAnswer, http_event
from tests.support.logs import put_log

EVENT = "/billing/usage/{customerId}/{eventId}"
REFUND = "/billing/{recordId}/refund"


def test_what_the_functions_answer_is_what_is_described(cloud: Cloud) -> None:
    usage = {"id": "e1", "customerId": "acme", "productId": "api-calls", "units": 1}
    path, file, upload = {"customerId": "acme"}, _log_file(cloud), {"name": "day.json"}
    cloud.post("/users", {"id": "poor"})
    owed = cloud.post("/billing", {"userId": "poor", "amountCents": 1}).json["id"]
    answers = {
        "UsageEventAnswer": cloud.post("/billing/usage", usage),
        "UsageBatchAnswer": cloud.post("/billing/usage/batch", {"events": [usage, {}]}),
        "CreditAnswer": cloud.credit("acme", 5, "key"),
        "BilledEventAnswer": cloud.get(EVENT, **path, eventId="e1"),
        "BalanceAnswer": cloud.get("/billing/balance/{customerId}", **path),
        "LedgerAnswer": cloud.get("/billing/ledger/{customerId}", **path),
        "ProofAnswer": cloud.get("/billing/ledger/{customerId}/verify", **path),
        "ProductAnswer": cloud.get("/products/{productId}", productId="api-calls"),
        "ProductListAnswer": cloud.get("/products"),
        "PreviewAnswer": cloud.post("/pricing/preview", {"productId": "api-calls", "units": [1]}),
        "CustomerAnswer": cloud.get("/users/{userId}", userId="acme"),
        "CustomerListAnswer": cloud.get("/users"),
        "WalletAnswer": cloud.get("/wallets/{userId}", userId="acme"),
        "WalletBalanceAnswer": cloud.get("/wallets/{userId}/balance", userId="acme"),
        "LogUsageListAnswer": cloud.get("/logs"),
        "LogFileListAnswer": cloud.get("/logs/files"),
        "LogFileDetailAnswer": cloud.get("/logs/files/{fileId}", fileId=file),
        "LogFileAnswer": cloud.post("/logs/files/{fileId}/reread", {}, fileId=file),
        "UploadAnswer": cloud.post("/logs/uploads", upload),
        "LogsAnswer": cloud.post("/jobs/process-logs", {}),
        "AllJobsAnswer": cloud.post("/jobs/process-all", {}),
        "JobAnswer": cloud.post("/jobs/process-billing", {}),
        "ClosingAnswer": cloud.post("/jobs/close", {}),
        "RetriesAnswer": cloud.post("/jobs/process-retries", {}),
        "RecordDetailAnswer": cloud.get("/billing/{recordId}", recordId=owed),
        "RecordListAnswer": cloud.get("/billing"),
        "RecordEventsAnswer": cloud.get("/billing/{recordId}/events", recordId="acme~0~1"),
        "RefundAnswer": cloud.post(REFUND, {}, {"Idempotency-Key": "r"}, recordId="acme~0~1"),
        "ProcessAnswer": cloud.post("/billing/{recordId}/process", {}, recordId=owed),
        "DunningRunAnswer": cloud.get("/executions/{recordId}", recordId=owed),
        "DunningRunListAnswer": cloud.get("/executions"),
        "ExecutionHistoryAnswer": cloud.get("/executions/{recordId}/history", recordId=owed),
        **_answers_about_months(cloud),
        **_answers_about_the_system(cloud),
        "Problem": cloud.get("/users/{userId}", userId="nobody"),
    }
    assert answers.keys() == {
        route.response.__name__ for route in ROUTES if route.response is not None
    } | {"Problem"}
    for name, answer in answers.items():
        validator_of(name).validate(answer.json)


def _answers_about_months(cloud: Cloud) -> dict[str, HttpAnswer]:
    days = {"from": "2026-01-01", "to": "2026-01-31"}
    return {
        "StatementAnswer": cloud.get(
            "/billing/statements/{customerId}/{month}", customerId="acme", month="2026-01"
        ),
        "SeriesAnswer": cloud.send(
            http_event("GET /usage/series", query={"customerId": "acme", **days})
        ),
        "ReportsAnswer": cloud.send(http_event("GET /reports/days", query=days)),
    }


def _answers_about_the_system(cloud: Cloud) -> dict[str, HttpAnswer]:
    create_api_key(
        key_id="described",
        name="described",
        scopes=[Scope.USAGE_WRITE],
        random=bytes(SECRET_BYTES),
        stores=cloud.books.stores,
        clock=utc_now,
    )
    return {
        "MeAnswer": cloud.get("/me"),
        "KeyListAnswer": cloud.get("/keys"),
        "KeyAnswer": cloud.post("/keys/{keyId}/revoke", {}, keyId="described"),
        "SystemStatusAnswer": cloud.get("/system/status"),
        "HealthAnswer": cloud.get("/health"),
    }


def _log_file(cloud: Cloud) -> str:
    """Have a log file read; gives its id."""
    line = {"userId": "acme", "service": "api-calls", "quantity": 1}
    good = line | {"timestamp": "2026-01-15T10:00:00Z"}
    put_log("incoming/described.json", [good, line])
    assert cloud.post("/jobs/process-logs", {}).json["accepted"] == 1
    file_id: str = cloud.get("/logs/files").json["items"][0]["id"]
    return file_id


def test_the_description_is_served(cloud: Cloud) -> None:
    answer = cloud.get("/openapi.json", scopes=None)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json == json.loads(json.dumps(DOCUMENT))


def test_what_is_large_goes_out_as_gzip_where_that_is_taken(cloud: Cloud) -> None:
    event = http_event("GET /openapi.json", headers={"Accept-Encoding": "br, gzip"}, scopes=None)
    sent = cloud.invoke("system", event)
    answer = cloud.send(event)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.json == json.loads(json.dumps(DOCUMENT))
    assert len(sent["body"]) < len(answer.text) / 4


def test_the_page_is_served_and_may_load_nothing(cloud: Cloud) -> None:
    answer = cloud.get("/docs", scopes=None)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.text == render(DOCUMENT)
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


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
