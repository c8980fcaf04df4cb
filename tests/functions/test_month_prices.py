"""Prices that count by the month, over HTTP: from the product to the explained record."""

from typing import Any

import pytest

from tests.functions.refused.asserting import assert_refused
from tests.support.cloud import Cloud

TIERS: list[dict[str, Any]] = [
    {"upTo": 1000, "unitPriceCents": "0"},
    {"upTo": 10000, "unitPriceCents": "0.5", "flatPriceCents": "100"},
    {"upTo": None, "unitPriceCents": "0.2"},
]
GRADUATED = {"model": "graduated", "tiers": TIERS}
PRODUCT = "/products/{productId}"


def make(cloud: Cloud, product_id: str, price: object = GRADUATED) -> Any:  # noqa: ANN401 - JSON
    """Make a product."""
    answer = cloud.post("/products", {"id": product_id, "name": product_id, "price": price})
    assert answer.status == 201, answer.text
    return answer.json


def use(cloud: Cloud, product_id: str, units: int) -> Any:  # noqa: ANN401 - JSON
    """Use something of a customer who pays for nothing else."""
    body = {"customerId": product_id, "productId": product_id, "units": units}
    answer = cloud.post("/billing/usage", body)
    assert answer.status == 201, answer.text
    return answer.json


def bill(cloud: Cloud) -> None:
    """Bill everything."""
    assert cloud.post("/jobs/process-billing", {}).status == 200


@pytest.mark.parametrize(
    "price",
    [
        GRADUATED,
        {"model": "volume", "tiers": TIERS, "freeUnits": 10},
        {"model": "package", "packageUnits": 1000, "packagePriceCents": "500"},
        {"model": "flat", "unitPriceCents": "0.25", "freeUnits": 100},
    ],
    ids=["graduated", "volume", "package", "free"],
)
def test_a_product_shows_its_price_as_it_was_sent(cloud: Cloud, price: dict[str, Any]) -> None:
    made = make(cloud, f"shown-{price['model']}", price)

    assert (made["price"], made["unitPriceCents"]) == (price, None)
    [version] = made["prices"]
    assert (version["price"], version["unitPriceCents"]) == (price, None)


def test_usage_is_billed_to_what_its_month_owes_and_the_record_explains_it(cloud: Cloud) -> None:
    make(cloud, "calls")
    cloud.post("/users", {"id": "calls", "mode": "postpaid"})
    event = use(cloud, "calls", 800)
    assert event["unitPriceCents"] is None
    bill(cloud)
    use(cloud, "calls", 400)
    waiting = cloud.get("/billing/balance/{customerId}", customerId="calls").json
    assert (waiting["balanceCents"], waiting["pendingCents"]) == (0, 200)
    assert waiting["availableCents"] == -200
    assert waiting["usageDetails"][0]["unitPriceCents"] is None
    bill(cloud)

    listed = cloud.get("/billing/user/{userId}", userId="calls").json["items"]
    assert [record["amountCents"] for record in listed] == [200, 0]
    assert "explanation" not in listed[0]["lines"][0]
    [line] = cloud.get("/billing/{recordId}", recordId=listed[0]["id"]).json["lines"]
    assert (line["unitsBefore"], line["unitsAfter"], line["units"]) == (800, 1200, 400)
    assert (line["debitedBeforeCents"], line["amountCents"]) == ("0", "200")
    parts = line["explanation"]
    assert [(part["units"], part["amountCents"]) for part in parts] == [(1000, "0"), (200, "200")]
    after = cloud.get("/billing/balance/{customerId}", customerId="calls").json
    assert (after["balanceCents"], after["pendingCents"]) == (-200, 0)


def test_a_preview_stands_on_what_was_used_and_writes_nothing(cloud: Cloud) -> None:
    make(cloud, "seen")
    cloud.post("/users", {"id": "seen", "mode": "postpaid"})
    use(cloud, "seen", 1200)
    before = cloud.books.counts()

    body = {"productId": "seen", "units": [0, 8800], "customerId": "seen"}
    preview = cloud.post("/pricing/preview", body, scopes="billing:read").json
    assert (preview["unitsBefore"], preview["amountBeforeCents"]) == (1200, "200")
    assert [item["amountCents"] for item in preview["items"]] == ["0", "4400"]
    draft = cloud.post("/pricing/preview", {"price": GRADUATED, "units": ["1000.5", 15000]}).json
    assert [item["amountCents"] for item in draft["items"]] == ["100.25", "5600"]
    assert draft["items"][0]["units"] == "1000.5"

    assert cloud.books.counts() == before


def test_a_price_that_counts_by_the_month_begins_with_one(cloud: Cloud) -> None:
    product = make(cloud, "changing")
    mid_month = f"{_next_month(cloud)[:8]}15T00:00:00Z"
    for price in (GRADUATED, {"model": "flat", "unitPriceCents": 1}):
        change = {"price": price, "effectiveFrom": mid_month}
        refused = cloud.patch(PRODUCT, change, productId="changing")
        message = "must be the first instant of a month (UTC), where a price counts by the month"
        assert_refused(refused, 400, "invalid_request", {"effectiveFrom": message})
    assert cloud.get(PRODUCT, productId="changing").json == product
    changed = cloud.patch(PRODUCT, {"unitPriceCents": 1}, productId="changing").json
    assert changed["prices"][-1]["effectiveFrom"][8:] == "01T00:00:00.000000Z"


def _next_month(cloud: Cloud) -> str:
    make(cloud, "asking")
    changed = cloud.patch(PRODUCT, {"unitPriceCents": 1}, productId="asking").json
    start: str = changed["prices"][-1]["effectiveFrom"]
    return start


BAD: list[tuple[dict[str, Any], str]] = [
    ({"tiers": [TIERS[1], TIERS[0], TIERS[2]]}, "price.tiers.1.upTo"),
    ({"tiers": [TIERS[0], TIERS[0], TIERS[2]]}, "price.tiers.1.upTo"),
    ({"tiers": TIERS[:2]}, "price.tiers.1.upTo"),
    ({"tiers": []}, "price.tiers"),
    ({"tiers": [TIERS[2] | {"unitPriceCents": 0.5}]}, "price.tiers.0.unitPriceCents"),
    ({"tiers": [TIERS[2] | {"unitPriceCents": -1}]}, "price.tiers.0.unitPriceCents"),
    ({"tiers": [TIERS[2] | {"flatPriceCents": "-1"}]}, "price.tiers.0.flatPriceCents"),
    ({"tiers": [TIERS[0] | {"upTo": n} for n in range(1, 51)] + TIERS[2:]}, "price.tiers"),
    ({"tiers": [TIERS[2] | {"unitPriceCents": "1e-13"}]}, "price.tiers.0.unitPriceCents"),
    ({"tiers": [TIERS[2] | {"unitPriceCents": f"0.{'0' * 12}1"}]}, "price.tiers.0.unitPriceCents"),
    ({"tiers": TIERS, "packageUnits": 1}, "price.packageUnits"),
    ({"tiers": TIERS, "freeUnits": "0.5"}, "price.freeUnits"),
    ({"model": "stairs", "tiers": TIERS}, "price.model"),
]


@pytest.mark.parametrize(
    ("price", "field"),
    BAD,
    ids=[
        "bounds fall",
        "bounds repeat",
        "the last is bounded",
        "no tier",
        "a float",
        "negative",
        "a negative fee",
        "fifty-one tiers",
        "an exponent",
        "too many decimals",
        "another model's field",
        "fine free units",
        "an unknown model",
    ],
)
def test_a_price_that_cannot_be_is_refused_by_its_field_and_nothing_is_written(
    cloud: Cloud, price: dict[str, Any], field: str
) -> None:
    before = cloud.books.counts()
    body = {"name": "Test", "price": GRADUATED | price}

    for answer in (
        cloud.post("/products", body),
        cloud.patch(PRODUCT, {"price": body["price"]}, productId="api-calls"),
    ):
        assert (answer.status, answer.json["code"]) == (400, "invalid_request")
        assert [error["field"] for error in answer.json["errors"]] == [field]
    assert cloud.books.counts() == before
    assert len(cloud.get(PRODUCT, productId="api-calls").json["prices"]) == 1


PREVIEWS: list[tuple[dict[str, Any], str]] = [
    ({"units": [1]}, "price"),
    ({"price": GRADUATED, "productId": "api-calls", "units": [1]}, "price"),
    ({"price": GRADUATED, "customerId": "acme", "units": [1]}, "customerId"),
    ({"productId": "api-calls"}, "units"),
    ({"productId": "api-calls", "units": []}, "units"),
    ({"productId": "api-calls", "units": [1] * 201}, "units"),
    ({"productId": "api-calls", "units": [1, "0.5"]}, "units.1"),
    ({"productId": "api-calls", "units": [-1]}, "units.0"),
    ({"price": GRADUATED, "units": ["0.0000001"]}, "units.0"),
    ({"price": GRADUATED, "units": [True]}, "units.0"),
    ({"price": GRADUATED | {"tiers": TIERS[:1]}, "units": [1]}, "price.tiers.0.upTo"),
]


@pytest.mark.parametrize(
    ("body", "field"),
    PREVIEWS,
    ids=[
        "neither",
        "both",
        "a draft's customer",
        "no units",
        "no quantity",
        "too many",
        "a part of a unit",
        "less than nothing",
        "too fine",
        "true",
        "no price",
    ],
)
def test_a_preview_that_cannot_be_is_refused_by_its_field(
    cloud: Cloud, body: dict[str, Any], field: str
) -> None:
    answer = cloud.post("/pricing/preview", body)

    assert (answer.status, answer.json["code"]) == (400, "invalid_request")
    assert [error["field"] for error in answer.json["errors"]] == [field]


def test_nothing_is_quoted_that_does_not_exist(cloud: Cloud) -> None:
    unknown = cloud.post("/pricing/preview", {"productId": "none", "units": [1]})
    assert_refused(unknown, 404, "product_not_found")
    body = {"productId": "api-calls", "units": [1], "customerId": "nobody"}
    assert_refused(cloud.post("/pricing/preview", body), 404, "customer_not_found")


def test_zeros_behind_a_price_say_nothing(cloud: Cloud) -> None:
    """More digits than the store holds, of which most are for nothing, were a fault of ours."""
    price = f"0.25{'0' * 36}"
    made = cloud.post("/products", {"name": "Zeros", "unitPriceCents": price})

    assert (made.status, made.json["unitPriceCents"]) == (201, "0.25")
