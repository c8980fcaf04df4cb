"""Lists as CSV, by the functions that serve them."""

import csv
import io
from urllib.parse import parse_qsl

import pytest

from billing.edge.api.all_routes import ROUTES
from billing.edge.http.routes import Route
from tests.support.cloud import Cloud
from tests.support.lambdas import HttpAnswer, http_event
from tests.support.logs import line, put_log

LISTS = [route for route in ROUTES if route.lists]
DAYS = {"from": "2026-01-01", "to": "2026-01-31"}
# What a list cannot be asked for without.
NEEDED_QUERY = {
    "GET /usage/series": {"customerId": "acme", **DAYS},
    "GET /reports/days": DAYS,
}


def ask(
    cloud: Cloud,
    key: str,
    accept: str = "text/csv",
    query: dict[str, str] | None = None,
    **path_parameters: str,
) -> HttpAnswer:
    """Ask by a route for a kind of content."""
    headers = {"Accept": accept}
    return cloud.send(
        http_event(key, path_parameters=path_parameters, query=query, headers=headers)
    )


def rows(answer: HttpAnswer) -> list[dict[str, str]]:
    """Read the lines of an answer."""
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))


def rest_of(answer: HttpAnswer) -> dict[str, str]:
    """Read the query of the next page out of the link."""
    target, _, relation = answer.headers["Link"].partition(">; ")
    assert (target[:2], relation) == ("<?", 'rel="next"')
    return dict(parse_qsl(target[2:]))


def test_a_ledger_is_read_to_its_end_by_its_links(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "saver"})
    for number in range(5):
        cloud.credit("saver", 1000 + number, f"=key-{number}")
    key = "GET /billing/ledger/{customerId}"
    pages = [ask(cloud, key, query={"limit": "2"}, customerId="saver")]
    while "Link" in pages[-1].headers:
        query = rest_of(pages[-1])
        assert query["limit"] == "2"
        pages.append(ask(cloud, key, query=query, customerId="saver"))
    entries = [row for page in pages for row in rows(page)]

    assert [len(rows(page)) for page in pages] == [2, 2, 1]
    listed = cloud.get("/billing/ledger/{customerId}", customerId="saver").json["items"]
    assert [(it["id"], it["hash"]) for it in entries] == [(it["id"], it["hash"]) for it in listed]
    assert (entries[0]["amountCents"], entries[0]["amount"]) == ("1004", "10.04")
    # A caller chose its key; a spreadsheet takes it for text.
    assert entries[0]["reference"] == "'=key-4"


def test_debits_are_numbers_below_0_and_records_tell_who_took_them_back(cloud: Cloud) -> None:
    charged = cloud.post("/billing", {"userId": "acme", "amountCents": 1250})
    [entry] = rows(ask(cloud, "GET /billing/ledger/{customerId}", customerId="acme"))
    [record] = rows(ask(cloud, "GET /billing/user/{userId}", userId="acme"))

    assert (entry["amountCents"], entry["amount"], entry["balance"]) == (
        "-1250",
        "-12.50",
        "-12.50",
    )
    assert (record["id"], record["amount"]) == (charged.json["id"], "12.50")
    assert (record["voided.by"], record["refunded"]) == ("", "0.00")


def test_usage_of_a_customer_is_listed_with_exact_prices(cloud: Cloud) -> None:
    cloud.post("/products", {"id": "calls", "name": "Calls", "unitPriceCents": "0.25"})
    cloud.post("/billing/usage", {"customerId": "acme", "productId": "calls", "units": 3})
    [event] = rows(ask(cloud, "GET /billing/balance/{customerId}", customerId="acme"))

    assert (event["productId"], event["units"]) == ("calls", "3")
    assert (event["unitPriceCents"], event["unitPrice"]) == ("0.25", "0.0025")


def test_the_lines_of_a_log_file_that_were_not_accepted(cloud: Cloud) -> None:
    put_log("incoming/day.json", [line("acme"), {"userId": 7}, line("nobody")])
    cloud.post("/jobs/process-logs", {})
    [file] = cloud.get("/logs/files").json["items"]
    first = ask(cloud, "GET /logs/files/{fileId}", query={"limit": "1"}, fileId=file["id"])
    rest = ask(cloud, "GET /logs/files/{fileId}", query=rest_of(first), fileId=file["id"])

    assert [row["line"] for row in (*rows(first), *rows(rest))] == ["2", "3"]
    assert "Link" not in rest.headers


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.key)
def test_every_list_is_answered_as_what_is_asked_for(cloud: Cloud, route: Route) -> None:
    names: dict[str, str] = dict.fromkeys(route.path_parameters, "acme")
    query = NEEDED_QUERY.get(route.key)
    found = ask(cloud, route.key, "application/json, text/csv;q=0.1", query, **names)
    refused = ask(cloud, route.key, "application/xml", query, **names)

    assert found.headers["Content-Type"] in {"application/json", "application/problem+json"}
    assert (refused.status, refused.json["code"]) == (406, "not_acceptable")
    assert "application/json or text/csv" in refused.json["detail"]
    assert refused.headers["Vary"] == "Accept"


def test_an_error_is_a_problem_whatever_is_asked_for(cloud: Cloud) -> None:
    missing = ask(cloud, "GET /billing/ledger/{customerId}", customerId="nobody")

    assert (missing.status, missing.json["code"]) == (404, "customer_not_found")
    assert missing.headers["Content-Type"] == "application/problem+json"


def test_who_may_not_read_a_list_is_told_that_and_not_what_there_is(cloud: Cloud) -> None:
    event = http_event("GET /users", headers={"Accept": "application/xml"}, scopes="")

    assert cloud.send(event).json["code"] == "scope_missing"


def test_what_is_no_list_has_one_kind_of_content(cloud: Cloud) -> None:
    answer = ask(cloud, "GET /users/{userId}", userId="acme")

    assert (answer.status, answer.json["id"]) == (200, "acme")
    assert "Vary" not in answer.headers
