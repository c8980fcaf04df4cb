"""The catalogue and the customers that a newcomer finds, made through the API like any other."""

from collections.abc import Mapping
from typing import Any

import httpx

from tools.local_cloud.errors import LocalCloudError

POSTPAID_CUSTOMER = "acme"
PREPAID_CUSTOMER = "globex"

type Body = Mapping[str, Any]

# A tier ends with its bound; the last one has none.
_GRADUATED = [
    {"upTo": 1000, "unitPriceCents": "0"},
    {"upTo": 10_000, "unitPriceCents": "0.5", "flatPriceCents": "100"},
    {"upTo": None, "unitPriceCents": "0.2"},
]
_VOLUME = [
    {"upTo": 1000, "unitPriceCents": "0.6"},
    {"upTo": 10_000, "unitPriceCents": "0.5"},
    {"upTo": None, "unitPriceCents": "0.2", "flatPriceCents": "100"},
]
_PACKAGE = {"model": "package", "packageUnits": 1000, "packagePriceCents": "500"}

PRODUCTS: tuple[Body, ...] = (
    {"id": "api-calls", "name": "API calls", "unitPriceCents": 1},
    {"id": "storage", "name": "Storage", "unitPriceCents": 5},
    {"id": "bandwidth", "name": "Bandwidth", "unitPriceCents": 2},
    {"id": "compute", "name": "Compute", "unitPriceCents": 10},
    # One of each model that counts by the month, as docs/pricing.md explains them.
    {"id": "emails", "name": "E-mails", "price": _PACKAGE},
    {"id": "tokens", "name": "Tokens", "price": {"model": "graduated", "tiers": _GRADUATED}},
    {"id": "images", "name": "Images", "price": {"model": "volume", "tiers": _VOLUME}},
    {"id": "build-minutes", "name": "Build minutes", "price": {**_PACKAGE, "freeUnits": 100}},
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
