"""From usage to money, on the deployed stack, with nothing but HTTP and the passing of time."""

import re
import shlex
from typing import Any

import httpx

from tests.local_cloud.billing import SCHEDULE_SECONDS, Billing
from tests.support.polling import eventually
from tools.local_cloud.cloud import LocalCloud
from tools.local_cloud.demo import POSTPAID_CUSTOMER, PREPAID_CUSTOMER
from tools.local_cloud.ports import DEFAULT_PORT
from tools.local_cloud.welcome import UNITS, welcome


def test_a_taken_port_leads_to_another_one(cloud: LocalCloud) -> None:
    assert cloud.port != DEFAULT_PORT
    assert httpx.get(f"{cloud.billing_url}/health").status_code == 200


def test_the_schedule_bills_what_was_recorded(billing: Billing) -> None:
    customer = billing.new_customer()
    product = billing.new_product("0.5")
    usage = {"id": "first", "customerId": customer, "productId": product, "units": 250}
    event = billing.post("/billing/usage", usage, expected=201)
    assert event["unitPriceCents"] == "0.5"
    assert event["billedAt"] is None
    # The schedule may be quicker than whoever looks.
    told = billing.balance(customer)
    assert (told["balanceCents"], told["pendingCents"]) in {(0, 125), (-125, 0)}

    after = eventually(
        lambda: billing.balance(customer),
        lambda balance: balance["balanceCents"] != 0,
        seconds=SCHEDULE_SECONDS,
    )
    assert (after["balanceCents"], after["pendingCents"]) == (-125, 0)
    entries = billing.entries(customer)
    assert [entry["amountCents"] for entry in entries] == [-125]
    billed = billing.get(f"/billing/usage/{customer}/first")
    assert billed["billedAt"] is not None
    assert billed["record"]["status"] == "paid"
    assert billed["record"]["amountCents"] == 125
    assert billed["entryId"] == entries[0]["id"]
    billing.check_books(customer)


def test_the_printed_curl_lines_work(cloud: LocalCloud, billing: Billing, api_key: str) -> None:
    before = billing.balance(POSTPAID_CUSTOMER)["availableCents"]
    record, balance, verify = _curl_lines(welcome(cloud.billing_url, api_key, "A remark."))
    assert _request(record).status_code == 201
    assert _request(balance).json()["availableCents"] == before - UNITS
    billing.run_billing()
    assert _request(balance).json()["balanceCents"] == before - UNITS
    assert _request(verify).json()["ok"] is True


def test_a_prepaid_customer_pays_as_far_as_the_money_goes(billing: Billing) -> None:
    customer = billing.new_customer("prepaid")
    assert billing.credit(customer, 100, "top-up").status_code == 201
    first = {"customerId": customer, "productId": "storage", "units": 15}
    billing.post("/billing/usage", first, expected=201)
    billing.run_billing()
    assert billing.balance(customer)["balanceCents"] == 25
    billing.post("/billing/usage", first, expected=201)
    billing.run_billing()
    left = billing.balance(customer)
    assert (left["balanceCents"], left["pendingCents"]) == (25, 75)
    billing.check_books(customer)


def test_the_demo_has_its_catalogue_and_its_customers(billing: Billing) -> None:
    prices = {
        product["id"]: product["unitPriceCents"] for product in billing.get("/products")["items"]
    }
    assert (
        prices.items()
        >= {
            "api-calls": "1",
            "storage": "5",
            "bandwidth": "2",
            "compute": "10",
        }.items()
    )
    assert billing.get(f"/users/{POSTPAID_CUSTOMER}")["mode"] == "postpaid"
    assert billing.get(f"/users/{PREPAID_CUSTOMER}")["mode"] == "prepaid"
    assert billing.balance(PREPAID_CUSTOMER)["balanceCents"] == 10_000


def _curl_lines(text: str) -> list[list[str]]:
    joined = text.replace("\\\n", " ")
    return [shlex.split(line) for line in re.findall(r"^ +(curl .*)$", joined, re.MULTILINE)]


def _request(curl: list[str]) -> httpx.Response:
    """Do what a curl line says, as curl would."""
    options: dict[str, list[str]] = {"-H": [], "-d": []}
    words = iter(curl[1:])
    url = ""
    for word in words:
        if word in options:
            options[word].append(next(words))
        elif word != "-s":
            url = word
    headers: Any = [tuple(header.split(": ", 1)) for header in options["-H"]]
    data = options["-d"][0].encode() if options["-d"] else None
    return httpx.request(
        "POST" if data else "GET", url, headers=headers, content=data, timeout=SCHEDULE_SECONDS
    )
