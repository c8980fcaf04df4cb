"""The catalogue and the customers that a newcomer finds, made through the API like any other."""

from collections.abc import Mapping

import httpx

from tools.local_cloud.errors import LocalCloudError

POSTPAID_CUSTOMER = "acme"
PREPAID_CUSTOMER = "globex"

type Body = Mapping[str, str | int]

PRODUCTS: tuple[Body, ...] = (
    {"id": "api-calls", "name": "API calls", "unitPriceCents": 1},
    {"id": "storage", "name": "Storage", "unitPriceCents": 5},
    {"id": "bandwidth", "name": "Bandwidth", "unitPriceCents": 2},
    {"id": "compute", "name": "Compute", "unitPriceCents": 10},
)
CUSTOMERS: tuple[Body, ...] = (
    {"id": POSTPAID_CUSTOMER, "name": "Acme", "mode": "postpaid"},
    {"id": PREPAID_CUSTOMER, "name": "Globex", "mode": "prepaid"},
)
CREDIT: Body = {"customerId": PREPAID_CUSTOMER, "amountCents": 10_000}


def load_demo(client: httpx.Client) -> None:
    """Make what is missing of the demo; what is there already stays as it is.

    The client carries the API's address and an admin key. Raises LocalCloudError when the API
    answers anything but that a thing is made or is there already.
    """
    for product in PRODUCTS:
        make(client, "/products", product)
    for customer in CUSTOMERS:
        make(client, "/users", customer)
    # The key makes the credit happen once, however often the demo is loaded.
    make(client, "/billing/credit", CREDIT, {"Idempotency-Key": "demo-credit"})


def make(
    client: httpx.Client, path: str, body: Body, headers: Mapping[str, str] | None = None
) -> None:
    """Make one thing, unless it is there already; raises LocalCloudError."""
    answer = client.post(path, json=body, headers=headers)
    if answer.status_code not in {httpx.codes.CREATED, httpx.codes.CONFLICT}:
        raise LocalCloudError(f"POST {path} answered {answer.status_code}: {answer.text}")
