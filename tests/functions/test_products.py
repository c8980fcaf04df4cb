"""Products over HTTP: prices in short and in full, set, taken back, and the end of a product."""

from datetime import datetime, timedelta

import pytest

from billing.edge.composition import utc_now
from tests.functions.refused.asserting import assert_refused
from tests.support.cloud import Cloud

PRODUCT = "/products/{productId}"
PRICE = "/products/{productId}/prices/{version}"


def test_products_have_exact_prices_in_versions(cloud: Cloud) -> None:
    made = cloud.post("/products", {"id": "cheap", "name": "Cheap", "unitPriceCents": "0.10"})
    assert made.status == 201
    product = made.json
    assert (product["unitPriceCents"], product["unitDecimals"]) == ("0.1", 0)
    assert product["price"] == {"model": "flat", "unitPriceCents": "0.1"}
    assert cloud.post("/products", {"id": "cheap", "name": "C", "unitPriceCents": 1}).status == 409

    start = utc_now() + timedelta(days=1)
    changed = cloud.patch(
        "/products/{productId}",
        {"unitPriceCents": "0.2", "effectiveFrom": start.isoformat()},
        productId="cheap",
    )
    assert changed.status == 200
    assert [price["unitPriceCents"] for price in changed.json["prices"]] == ["0.1", "0.2"]
    assert changed.json["unitPriceCents"] == "0.1"
    assert cloud.get("/products/{productId}", productId="cheap").json == changed.json
    renamed = cloud.patch("/products/{productId}", {"name": "Cheaper"}, productId="cheap").json
    assert (renamed["name"], renamed["prices"]) == ("Cheaper", changed.json["prices"])

    for change, field in (
        ({"effectiveFrom": start.isoformat()}, "effectiveFrom"),
        ({"unitPriceCents": 1, "effectiveFrom": "2026-01-01T00:00:00Z"}, "effectiveFrom"),
        ({"unitPriceCents": 1}, "effectiveFrom"),
        ({"id": "other"}, "id"),
        ({"unitDecimals": 2}, "unitDecimals"),
    ):
        refused = cloud.patch("/products/{productId}", change, productId="cheap")
        assert (refused.status, refused.json["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize("way", ["short", "full"])
def test_zeros_behind_a_price_say_nothing(cloud: Cloud, way: str) -> None:
    written = "0.25" + "0" * 37
    price = {"model": "flat", "unitPriceCents": written}
    given = {"unitPriceCents": written} if way == "short" else {"price": price}

    made = cloud.post("/products", {"id": f"zeros-{way}", "name": "Zeros", **given})

    assert (made.status, made.json.get("unitPriceCents")) == (201, "0.25")


def test_a_price_that_is_not_in_force_yet_is_taken_back(cloud: Cloud) -> None:
    made = cloud.post("/products", {"id": "slip", "name": "Slip", "unitPriceCents": 1}).json
    start = (utc_now() + timedelta(days=700)).isoformat()
    change = {"price": {"model": "flat", "unitPriceCents": "250"}, "effectiveFrom": start}
    set_by_a_slip = cloud.patch(PRODUCT, change, productId="slip").json
    assert [price["version"] for price in set_by_a_slip["prices"]] == [1, 2]

    for _ in range(2):
        taken_back = cloud.delete(PRICE, productId="slip", version="2")
        assert (taken_back.status, taken_back.json) == (200, made)

    in_force = cloud.delete(PRICE, productId="slip", version="1")
    assert_refused(in_force, 409, "price_version_in_force")
    unknown = cloud.delete(PRICE, productId="slip", version="3")
    assert_refused(unknown, 404, "price_version_not_found")


@pytest.mark.parametrize(
    "version",
    ["0", "01", "-1", "1.0", "one", "٣", "1" * 10, ""],
    ids=["zero", "padded", "negative", "decimal", "word", "arabic", "long", "nothing"],
)
def test_a_version_in_a_path_is_a_number_that_counts(cloud: Cloud, version: str) -> None:
    answer = cloud.delete(PRICE, productId="api-calls", version=version)

    message = "must be a whole number of at most 9 digits, from 1 on"
    assert_refused(answer, 400, "invalid_request", {"version": message})


def test_an_archived_product_says_when_it_ends(cloud: Cloud) -> None:
    made = cloud.post("/products", {"id": "old", "name": "Old", "unitPriceCents": 1}).json
    assert made["archivedAt"] is None

    before = utc_now()
    archived = cloud.patch(PRODUCT, {"archived": True}, productId="old").json

    end = datetime.fromisoformat(archived["archivedAt"])
    assert before < end - timedelta(seconds=50) <= utc_now() + timedelta(seconds=10)
    in_time = (end - timedelta(seconds=1)).isoformat()
    use = {"customerId": "acme", "productId": "old", "units": 1, "occurredAt": in_time}
    assert cloud.post("/billing/usage", use).status == 201
    late = use | {"occurredAt": (end + timedelta(seconds=1)).isoformat()}
    assert_refused(cloud.post("/billing/usage", late), 409, "product_archived")
    assert cloud.patch(PRODUCT, {"archived": False}, productId="old").json == made
    assert_refused(
        cloud.patch(PRODUCT, {"archived": 1}, productId="old"),
        400,
        "invalid_request",
        {"archived": "must be true or false"},
    )


def test_a_price_far_ahead_is_a_slip(cloud: Cloud) -> None:
    for start in ("2206-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        change = {"unitPriceCents": 1, "effectiveFrom": start}
        refused = cloud.patch(PRODUCT, change, productId="api-calls")
        message = "must not be more than two years ahead"
        assert_refused(refused, 400, "invalid_request", {"effectiveFrom": message})


def test_a_product_has_a_price_and_has_it_once(cloud: Cloud) -> None:
    flat = {"model": "flat", "unitPriceCents": 1}
    for body in ({}, {"unitPriceCents": 1, "price": flat}):
        before = cloud.books.counts()
        refused = cloud.post("/products", {"name": "Test", **body})
        message = "give either price or unitPriceCents"
        assert_refused(refused, 400, "invalid_request", {"price": message})
        assert cloud.books.counts() == before
