"""The curl lines of docs/pricing.md work on what `make run` starts, and come to what it says."""

import re
import shlex
from typing import Any

import httpx

from tests.local_cloud.billing import Billing
from tests.support.lambdas import ROOT
from tools.local_cloud.demo import POSTPAID_CUSTOMER

PAGE = (ROOT / "docs" / "pricing.md").read_text(encoding="utf-8")


def lines() -> list[list[str]]:
    """Read what follows `api` on each line, without the remarks."""
    found = re.findall(r"^api (\$BILLING_URL.*)$", PAGE, re.MULTILINE)
    return [shlex.split(line, comments=True) for line in found]


def send(billing: Billing, line: list[str]) -> httpx.Response:
    """Send a line as curl would."""
    url, *options = line
    given = dict(zip(options[::2], options[1::2], strict=True))
    body = given.get("-d")
    return billing.client.request(
        given.get("-X", "GET" if body is None else "POST"),
        url.removeprefix("$BILLING_URL"),
        content=body,
        headers={"Content-Type": "application/json"},
    )


def amounts(preview: Any) -> list[str]:  # noqa: ANN401 - JSON
    """List what the quantities would cost."""
    return [item["amountCents"] for item in preview["items"]]


def test_the_lines_of_the_page_work_and_come_to_what_it_says(billing: Billing) -> None:
    answers = []
    for line in lines():
        answer = send(billing, line)
        assert answer.status_code in {200, 201}, (line, answer.text)
        answers.append(answer.json())
    tokens, *quoted, event, on_top, balance, _records, changed, taken_back = answers

    assert tokens["price"]["model"] == "graduated"
    assert [amounts(preview) for preview in quoted] == [
        ["0", "100.5", "4600", "5600"],
        ["500", "500", "1000", "1500"],
        ["600", "500.5", "5000", "3100"],
        ["0", "500", "500"],
        ["62.5"],
    ]
    assert event["unitPriceCents"] is None
    assert (on_top["unitsBefore"], amounts(on_top)) == (1200, ["4400"])
    assert balance["pendingCents"] >= 200
    assert [version["version"] for version in changed["prices"]] == [1, 2]
    assert taken_back == tokens

    billing.run_billing()
    [record] = [
        record
        for record in billing.get(f"/billing/user/{POSTPAID_CUSTOMER}")["items"]
        if any(line["productId"] == "tokens" for line in record["lines"])
    ]
    [line] = [
        line
        for line in billing.get(f"/billing/{record['id']}")["lines"]
        if line["productId"] == "tokens"
    ]
    assert (line["unitsAfter"], line["amountCents"]) == (1200, "200")
    assert [part["amountCents"] for part in line["explanation"]] == ["0", "200"]
    billing.check_books(POSTPAID_CUSTOMER)
