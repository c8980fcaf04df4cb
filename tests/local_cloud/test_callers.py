"""Who may call, and what becomes of requests that make no sense."""

from collections.abc import Mapping
from uuid import uuid4

import httpx
import pytest

from billing.domain.api_keys import Scope
from tests.local_cloud.billing import Billing
from tools.local_cloud.admin_key import create_key
from tools.local_cloud.cloud import LocalCloud

JSON = {"Content-Type": "application/json"}
DEEP = "[" * 100_000
# Acme stands for a customer of these tests alone.
MALFORMED = {
    "nothing": (b"", 400),
    "no JSON": (b"{", 400),
    "an array": (b"[]", 400),
    "null": (b"null", 400),
    "not UTF-8": (b'{"customerId": "\xff"}', 400),
    "NaN": (b'{"customerId": "acme", "productId": "storage", "units": NaN}', 400),
    "1e400": (b'{"customerId": "acme", "productId": "storage", "units": 1e400}', 400),
    "a huge integer": (
        b'{"customerId": "acme", "productId": "storage", "units": ' + b"9" * 5000 + b"}",
        400,
    ),
    "a key twice": (
        b'{"customerId": "acme", "customerId": "acme", "productId": "storage", "units": 1}',
        400,
    ),
    "deep JSON": (DEEP.encode(), 400),
    "a field too many": (
        b'{"customerId": "acme", "productId": "storage", "units": 1, "price": 0}',
        400,
    ),
    "text for a number": (b'{"customerId": "acme", "productId": "storage", "units": "one"}', 400),
    "true for a number": (b'{"customerId": "acme", "productId": "storage", "units": true}', 400),
    "no units": (b'{"customerId": "acme", "productId": "storage", "units": 0}', 400),
    "an unknown customer": (b'{"customerId": "nobody", "productId": "storage", "units": 1}', 404),
    "an unknown product": (b'{"customerId": "acme", "productId": "nothing", "units": 1}', 404),
    "too large": (b'{"customerId": "' + b"a" * (1024 * 1024) + b'"}', 413),
}


@pytest.fixture(scope="module")
def customer(billing: Billing) -> str:
    """Make a customer whose balance nobody else changes."""
    return billing.new_customer()


def check_problem(answer: httpx.Response, status: int) -> None:
    """Check that an answer is a problem document of the status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["code"]
    assert "Traceback" not in answer.text


def test_the_open_routes_need_no_key(anyone: httpx.Client) -> None:
    for path in ("/health", "/openapi.json", "/docs"):
        assert anyone.get(path).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer ub_wrong"}, 403),
        ({"Authorization": "Basic YTpi"}, 403),
    ],
)
def test_without_a_good_key_nothing_is_answered(
    anyone: httpx.Client, headers: Mapping[str, str], status: int
) -> None:
    answer = anyone.get("/products", headers=headers)
    assert answer.status_code == status
    assert "items" not in answer.text


def test_a_key_opens_only_what_its_scopes_name(
    cloud: LocalCloud, anyone: httpx.Client, billing: Billing
) -> None:
    customer = billing.new_customer("prepaid")
    key = create_key(cloud.endpoint_url, cloud.stack.settings, "reader", [Scope.BILLING_READ])
    headers = {"Authorization": f"Bearer {key}"}
    assert anyone.get(f"/billing/balance/{customer}", headers=headers).status_code == 200
    body = {"customerId": customer, "amountCents": 1}
    credit = {**headers, "Idempotency-Key": "forbidden"}
    check_problem(anyone.post("/billing/credit", json=body, headers=credit), 403)
    assert billing.balance(customer)["balanceCents"] == 0


@pytest.mark.parametrize("case", MALFORMED)
def test_a_body_that_makes_no_sense_is_refused_and_writes_nothing(
    billing: Billing, customer: str, case: str
) -> None:
    body, status = MALFORMED[case]
    sent = body.replace(b"acme", customer.encode())
    before = billing.balance(customer)["pendingCents"]
    check_problem(billing.client.post("/billing/usage", content=sent, headers=JSON), status)
    assert billing.balance(customer)["pendingCents"] == before


def test_a_route_that_is_not_there_is_a_problem(billing: Billing) -> None:
    check_problem(billing.client.get("/nowhere"), 404)


def test_a_method_that_a_route_does_not_have_is_a_problem(billing: Billing) -> None:
    answer = billing.client.delete("/products")
    check_problem(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "POST"}


def test_an_unknown_customer_has_no_balance(billing: Billing) -> None:
    check_problem(billing.client.get(f"/billing/balance/{uuid4()}"), 404)
