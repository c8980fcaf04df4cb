"""Statements, series and reports by the function that serves them."""

import csv
import io

import pytest

from tests.support.added_up import add_up
from tests.support.cloud import Cloud
from tests.support.lambdas import HttpAnswer, http_event

STATEMENT = "GET /billing/statements/{customerId}/{month}"


@pytest.fixture(scope="module")
def today(cloud: Cloud) -> str:
    """Let the customer pay in and use something, and tell the date on which it was posted."""
    cloud.stand_still_at_noon()
    cloud.credit("acme", 5000, "key")
    cloud.post("/billing/usage", {"customerId": "acme", "productId": "api-calls", "units": 62})
    cloud.post("/jobs/process-billing", {})
    entries = cloud.get("/billing/ledger/{customerId}", customerId="acme").json["items"]
    assert len({entry["postedAt"][:10] for entry in entries}) == 1
    return str(entries[0]["postedAt"][:10])


def ask(cloud: Cloud, month: str, accept: str = "*/*", customer_id: str = "acme") -> HttpAnswer:
    """Ask for a statement."""
    names = {"customerId": customer_id, "month": month}
    return cloud.send(
        http_event(
            STATEMENT, path_parameters=names, headers={"Accept": accept}, scopes="billing:read"
        )
    )


def test_a_month_that_is_open_goes_as_far_as_the_ledger(cloud: Cloud, today: str) -> None:
    answer = ask(cloud, today[:7])

    assert (answer.status, answer.headers["Vary"]) == (200, "Accept")
    shown = answer.json
    assert (shown["status"], shown["openingCents"], shown["closingCents"]) == ("open", 0, 4938)
    assert [(line["kind"], line["amountCents"]) for line in shown["lines"]] == [
        ("credit", "5000"),
        ("usage", "-62"),
    ]
    assert shown["lines"][1]["productName"] == "API calls"
    assert (shown["firstSeq"], shown["lastSeq"]) == (1, 2)


def test_a_statement_is_a_table_and_a_page_to_who_asks(cloud: Cloud, today: str) -> None:
    table, page = (ask(cloud, today[:7], accept) for accept in ("text/csv", "text/html"))
    rows = list(csv.DictReader(io.StringIO(table.text, newline=""), strict=True))

    assert table.headers["Content-Type"].startswith("text/csv")
    assert [(row["kind"], row["amount"]) for row in rows] == [
        ("opening", "0.00"),
        ("credit", "50.00"),
        ("usage", "-0.62"),
        ("closing", "49.38"),
    ]
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Content-Security-Policy"].startswith(
        "default-src 'none'; style-src 'sha256-"
    )
    assert "<h1>Statement</h1>" in page.text


@pytest.mark.parametrize(
    ("month", "status", "code"),
    [
        ("2026-13", 400, "invalid_request"),
        ("2026-1", 400, "invalid_request"),
        ("1999-12", 400, "invalid_request"),
        ("2999-12", 400, "invalid_request"),
    ],
    ids=["thirteenth", "one-digit", "long-ago", "far-ahead"],
)
def test_what_is_no_month_that_has_begun_is_refused(
    cloud: Cloud, month: str, status: int, code: str
) -> None:
    answer = ask(cloud, month)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.json["errors"][0]["field"] == "month"


def test_who_never_was_has_no_statement(cloud: Cloud) -> None:
    assert ask(cloud, "2026-01", customer_id="nobody").json["code"] == "customer_not_found"


def test_a_month_before_the_first_entry_has_no_lines(cloud: Cloud, today: str) -> None:
    assert today > "2020-01-31"
    shown = ask(cloud, "2020-01").json
    assert (shown["status"], shown["lines"], shown["closingCents"]) == ("open", [], 0)


def test_days_of_one_and_of_all(cloud: Cloud, today: str) -> None:
    days = {"from": today, "to": today}
    series = cloud.get("/usage/series", {"customerId": "acme", **days}).json
    assert cloud.get("/reports/days", days).json == {"days": [], "items": [], "cursor": None}
    cloud.books.clock.now = cloud.functions["statements"].CONTAINER.clock()
    add_up(cloud.books)
    reports = cloud.get("/reports/days", days).json

    assert (
        series["items"]
        == reports["items"]
        == [
            {"date": today, "productId": "api-calls", "units": 62, "events": 1, "amountCents": "62"}
        ]
    )
    assert reports["days"] == [
        {
            "date": today,
            "creditsCents": 5000,
            "usageCents": -62,
            "chargesCents": 0,
            "refundsCents": 0,
        }
    ]
    assert cloud.get("/usage/series", {"customerId": "acme", **days}).json == series


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"to": "2026-01-31"}, "from"),
        ({"from": "2026-01-32", "to": "2026-01-31"}, "from"),
        ({"from": "2026-02-01", "to": "2026-01-31"}, "to"),
        ({"from": "2026-01-01", "to": "2026-04-03"}, "to"),
        ({"from": "2026-01-01T00:00:00Z", "to": "2026-01-31"}, "from"),
    ],
    ids=["no-beginning", "no-date", "backwards", "too-long", "an-instant"],
)
def test_what_is_no_range_of_days_is_refused(
    cloud: Cloud, query: dict[str, str], field: str
) -> None:
    for answer in (
        cloud.get("/usage/series", {"customerId": "acme", **query}),
        cloud.get("/reports/days", query),
    ):
        assert answer.status == 400
        assert [fault["field"] for fault in answer.json["errors"]] == [field]
