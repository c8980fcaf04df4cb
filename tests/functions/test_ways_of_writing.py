"""The same quantity may be written in many ways, and a name in any script."""

import json

import pytest

from tests.functions.test_stories import use
from tests.support.cloud import Cloud

WHOLE = ["2", "2.0", "2.00", "2e0", "20e-1", '"2"', '"2.0"', '"2.00"']


@pytest.mark.parametrize("literal", WHOLE)
@pytest.mark.parametrize("product", ["api-calls", "parts"])
def test_a_whole_quantity_may_be_written_in_any_way_and_is_the_same_event(
    cloud: Cloud, product: str, literal: str
) -> None:
    """Exporters write 2.00; whether the product has decimals makes no difference to that."""
    parts = {"id": "parts", "name": "Parts", "unitPriceCents": "0.5", "unitDecimals": 3}
    assert cloud.post("/products", parts).status in {201, 409}
    event = f"whole-{product}-{WHOLE.index(literal)}"
    written = json.dumps(use("acme", event, 0, productId=product))

    first = cloud.post_text("/billing/usage", written.replace('"units": 0', f'"units": {literal}'))
    plain = cloud.post("/billing/usage", use("acme", event, 2, productId=product))
    batch = f'{{"events": [{written}]}}'.replace('"units": 0', f'"units": {literal}')
    [again] = cloud.post_text("/billing/usage/batch", batch).json["results"]

    assert (first.status, first.json["units"]) == (201, 2)
    assert (plain.status, plain.json) == (200, first.json)
    assert (again["status"], again["event"]) == ("duplicate", first.json)


def test_names_and_descriptions_may_be_in_any_script(cloud: Cloud) -> None:
    for number, name in enumerate(["株式会社\u3000アクメ", "می\u200cشود", "Société\u00a0Générale"]):
        customer = cloud.post("/users", {"id": f"script-{number}", "name": name})
        product = cloud.post(
            "/products", {"id": f"script-{number}", "name": name, "unitPriceCents": 1}
        )
        charge = cloud.post(
            "/billing", {"userId": f"script-{number}", "amountCents": 1, "description": name}
        )
        shown = (customer.json["name"], product.json["name"], charge.json["description"])
        assert shown == (name, name, name)


def test_a_thousand_may_be_written_with_an_exponent(cloud: Cloud) -> None:
    text = json.dumps(use("acme", "thousand")).replace('"units": 1', '"units": 1e3')
    assert cloud.post_text("/billing/usage", text).json["units"] == 1000
