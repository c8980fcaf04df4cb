"""The description says what the code does, and can be read by programs and by people."""

import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from billing.edge.api.all_routes import ROUTES, published_errors
from billing.edge.api.docs_page import render
from billing.edge.api.openapi import describe
from billing.edge.http.problems import status_of
from billing.edge.http.routes import Route
from billing.edge.http.schema import EmptyRequest
from billing.edge.http.strict_json import parse
from billing.edge.http.validation import validate
from tests.support.cloud import Cloud
from tests.support.logs import put_log

DOCUMENT = describe()
SCHEMAS = DOCUMENT["components"]["schemas"]


def operation_of(route: Route) -> Mapping[str, Any]:
    """Find a route in the description."""
    operation: Mapping[str, Any] = DOCUMENT["paths"][route.path][route.method.lower()]
    return operation


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


def test_the_table_of_routes_has_no_route_twice() -> None:
    assert len({route.key for route in ROUTES}) == len(ROUTES)


def test_the_description_has_every_route_and_no_other() -> None:
    described = {
        f"{method.upper()} {path}"
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
    }
    assert described == {route.key for route in ROUTES}
    ids = [operation_of(route)["operationId"] for route in ROUTES]
    assert len(set(ids)) == len(ids)
    assert all(made.isalnum() for made in ids)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.key)
def test_an_operation_says_what_its_route_does(route: Route) -> None:
    operation = operation_of(route)
    statuses = {str(status) for status in route.statuses}
    errors = {str(status_of(error)) for error in route.errors}
    assert set(operation["responses"]) == statuses | errors | {"500"}
    said = " ".join(answer["description"] for answer in operation["responses"].values())
    assert all(error.code in said for error in route.errors)
    assert ("security" in operation) == (route.scope is not None)
    if route.scope is not None:
        assert f"`{route.scope}`" in operation["description"]
    takes_body = route.request not in {None, EmptyRequest}
    assert ("requestBody" in operation) == takes_body
    parameters = {(p["in"], p["name"]): p for p in operation["parameters"]}
    assert {name for kind, name in parameters if kind == "path"} == set(route.path_parameters)
    for parameter in parameters.values():
        Draft202012Validator.check_schema(parameter["schema"])
        assert parameter["schema"]["type"]


def test_the_limit_of_a_list_is_described_as_it_is_checked() -> None:
    [users] = [route for route in ROUTES if route.key == "GET /users"]
    limit, cursor = operation_of(users)["parameters"]
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}
    assert cursor["schema"] == {"type": "string"}


def route_of(key: str) -> Route:
    """Find a route by its key."""
    [found] = [route for route in ROUTES if route.key == key]
    return found


def test_a_key_is_required_where_money_comes_in_and_optional_for_a_charge() -> None:
    required = {
        route.key: parameter["required"]
        for route in ROUTES
        for parameter in operation_of(route)["parameters"]
        if parameter["name"] == "Idempotency-Key"
    }
    assert required == {
        "POST /billing/credit": True,
        "POST /wallets/{userId}/add-funds": True,
        "POST /billing": False,
    }


def test_an_answer_without_content_is_described_without() -> None:
    [deleted] = [
        answer
        for status, answer in operation_of(route_of("DELETE /users/{userId}"))["responses"].items()
        if status == "204"
    ]
    assert deleted.keys() == {"description"}


def test_the_ids_in_a_path_are_described_as_they_are() -> None:
    def pattern(key: str) -> str:
        [parameter] = [p for p in operation_of(route_of(key))["parameters"] if p["in"] == "path"]
        return str(parameter["schema"]["pattern"])

    for record_id in ("acme~0~1", "acme:eu~manual~019bde2e-3c00-7000-8000-000000000001"):
        assert re.search(pattern("GET /billing/{recordId}"), record_id)
        assert re.search(pattern("GET /executions/{recordId}"), record_id)
        assert not re.search(pattern("GET /users/{userId}"), record_id)
    assert not re.search(pattern("GET /billing/{recordId}"), "acme")


def test_every_reference_leads_somewhere() -> None:
    names = {reference.removeprefix("#/components/schemas/") for reference in references(DOCUMENT)}
    assert names <= SCHEMAS.keys()
    assert names


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_schema_is_valid_and_so_are_its_examples(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    for example in SCHEMAS[name].get("examples", ()):
        validator_of(name).validate(example)


def test_the_example_of_every_request_is_one_that_is_accepted() -> None:
    requests = {route.request for route in ROUTES} - {None, EmptyRequest}
    assert len(requests) == 9
    for request in requests:
        assert request is not None
        [example] = SCHEMAS[request.__name__]["examples"]
        validate(request, parse(json.dumps(example)))


def test_what_the_functions_answer_is_what_is_described(cloud: Cloud) -> None:
    usage = {"id": "e1", "customerId": "acme", "productId": "api-calls", "units": 1}
    path = {"customerId": "acme"}
    cloud.post("/users", {"id": "poor"})
    owed = cloud.post("/billing", {"userId": "poor", "amountCents": 1}).json["id"]
    answers = {
        "UsageEventAnswer": cloud.post("/billing/usage", usage),
        "UsageBatchAnswer": cloud.post("/billing/usage/batch", {"events": [usage, {}]}),
        "CreditAnswer": cloud.credit("acme", 5, "key"),
        "BilledEventAnswer": cloud.get(
            "/billing/usage/{customerId}/{eventId}", **path, eventId="e1"
        ),
        "BalanceAnswer": cloud.get("/billing/balance/{customerId}", **path),
        "LedgerAnswer": cloud.get("/billing/ledger/{customerId}", **path),
        "ProofAnswer": cloud.get("/billing/ledger/{customerId}/verify", **path),
        "ProductAnswer": cloud.get("/products/{productId}", productId="api-calls"),
        "ProductListAnswer": cloud.get("/products"),
        "CustomerAnswer": cloud.get("/users/{userId}", userId="acme"),
        "CustomerListAnswer": cloud.get("/users"),
        "WalletAnswer": cloud.get("/wallets/{userId}", userId="acme"),
        "WalletBalanceAnswer": cloud.get("/wallets/{userId}/balance", userId="acme"),
        "LogUsageListAnswer": cloud.get("/logs"),
        "LogFileListAnswer": cloud.get("/logs/files"),
        "LogFileDetailAnswer": cloud.get("/logs/files/{fileId}", fileId=_log_file(cloud)),
        "LogsAnswer": cloud.post("/jobs/process-logs", {}),
        "AllJobsAnswer": cloud.post("/jobs/process-all", {}),
        "JobAnswer": cloud.post("/jobs/process-billing", {}),
        "RetriesAnswer": cloud.post("/jobs/process-retries", {}),
        "RecordDetailAnswer": cloud.get("/billing/{recordId}", recordId=owed),
        "RecordListAnswer": cloud.get("/billing"),
        "RecordEventsAnswer": cloud.get("/billing/{recordId}/events", recordId="acme~0~1"),
        "ProcessAnswer": cloud.post("/billing/{recordId}/process", {}, recordId=owed),
        "DunningRunAnswer": cloud.get("/executions/{recordId}", recordId=owed),
        "DunningRunListAnswer": cloud.get("/executions"),
        "HealthAnswer": cloud.get("/health"),
        "Problem": cloud.get("/users/{userId}", userId="nobody"),
    }
    assert answers.keys() == {
        route.response.__name__ for route in ROUTES if route.response is not None
    } | {"Problem"}
    for name, answer in answers.items():
        validator_of(name).validate(answer.json)


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


class Page(HTMLParser):
    """Reads a page: its elements in order, its anchors and links, and its text."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})

    def __init__(self, text: str) -> None:
        """Read the page; every element that opens must close where it should."""
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that the element that ends is the one that began last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect the text."""
        self.words += data

    def values(self, attribute: str) -> list[str]:
        """Give all values of an attribute."""
        return [str(attrs[attribute]) for _, attrs in self.elements if attribute in attrs]


@pytest.fixture(scope="module")
def page(cloud: Cloud) -> Page:
    """Give the page as it is served."""
    return Page(cloud.get("/docs", scopes=None).text)


def test_the_page_names_every_route_schema_and_error(page: Page) -> None:
    for route in ROUTES:
        assert route.key in page.words
        assert route.summary in page.words
    for name in SCHEMAS:
        assert f"schema-{name}" in page.values("id")
    for error in published_errors():
        assert error.code in page.words


def test_every_link_of_the_page_leads_somewhere_in_it(page: Page) -> None:
    anchors = page.values("id")
    assert len(set(anchors)) == len(anchors)
    inside = [link.removeprefix("#") for link in page.values("href") if link.startswith("#")]
    assert set(inside) <= set(anchors)
    assert [link for link in page.values("href") if not link.startswith("#")] == ["openapi.json"]
    assert set(page.values("aria-labelledby")) <= set(anchors)


def test_the_page_loads_nothing_and_runs_nothing(page: Page, cloud: Cloud) -> None:
    names = {name for name, _ in page.elements}
    assert not names & {"script", "link", "img", "iframe", "object", "form"}
    assert page.values("src") == []
    policy = cloud.get("/docs", scopes=None).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")


def test_the_page_can_be_read_with_any_aid(page: Page) -> None:
    names = [name for name, _ in page.elements]
    assert (names.count("h1"), names.count("main"), names.count("header")) == (1, 1, 1)
    assert names.count("table") == names.count("caption")
    assert ("html", {"lang": "en"}) in page.elements
    cells = [attrs for name, attrs in page.elements if name == "th"]
    assert all(attrs == {"scope": "col"} for attrs in cells)
    assert page.elements[names.index("body") + 1] == ("a", {"class": "skip", "href": "#main"})


def test_whatever_stands_in_the_description_is_shown_as_text() -> None:
    hostile = json.loads(json.dumps(DOCUMENT).replace("Usage billing", "<script>alert(1)</script>"))
    assert "<script>" not in render(hostile)
    assert "&lt;script&gt;" in render(hostile)
