"""Prices in JSON: the fields of a model and no others, each told by its path where it is wrong."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from billing.domain.errors import InvalidInputError
from billing.domain.price_models import Flat, Graduated, Package, Tier, Volume
from billing.domain.prices import Price, check_price, flat
from billing.edge.api.prices import PricedBody, show_price, show_unit_price
from billing.edge.http.problems import problem_of
from billing.edge.http.strict_json import parse
from billing.edge.http.validation import validate
from tests.unit.domain.drawn_prices import prices

TIERS: list[dict[str, Any]] = [
    {"upTo": 1000, "unitPriceCents": "0"},
    {"upTo": 10000, "unitPriceCents": "0.5", "flatPriceCents": "100"},
    {"upTo": None, "unitPriceCents": "0.2"},
]


def read(body: object, *, unit_decimals: int = 0) -> Price | None:
    """Read a price from JSON, and check it as a product's."""
    price = validate(PricedBody, parse(json.dumps(body))).given_price()
    if price is not None:
        check_price(price, unit_decimals)
    return price


def tiers_with(number: int, **changed: object) -> list[dict[str, Any]]:
    """Give the tiers above with one of them changed."""
    return [tier | changed if at == number else tier for at, tier in enumerate(TIERS)]


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ({"model": "flat", "unitPriceCents": "0.25"}, flat(Decimal("0.25"))),
        (
            {"model": "flat", "unitPriceCents": 2, "freeUnits": 100},
            Price(Flat(Decimal(2)), Decimal(100)),
        ),
        (
            {"model": "package", "packageUnits": 1000, "packagePriceCents": "500"},
            Price(Package(Decimal(1000), Decimal(500))),
        ),
        (
            {"model": "graduated", "tiers": TIERS},
            Price(
                Graduated(
                    (
                        Tier(Decimal(1000), Decimal(0)),
                        Tier(Decimal(10_000), Decimal("0.5"), Decimal(100)),
                        Tier(None, Decimal("0.2")),
                    )
                )
            ),
        ),
        (
            {"model": "volume", "tiers": TIERS[2:], "freeUnits": "5"},
            Price(Volume((Tier(None, Decimal("0.2")),)), Decimal(5)),
        ),
    ],
    ids=["flat", "flat with free units", "package", "graduated", "volume with free units"],
)
def test_a_price_is_read_by_its_model(price: object, expected: Price) -> None:
    assert read({"price": price}) == expected


@given(prices)
def test_a_price_is_shown_as_it_may_be_sent_again(price: Price) -> None:
    shown = json.loads(show_price(price).model_dump_json())

    assert read({"price": shown}, unit_decimals=1) == price
    assert show_unit_price(price) == (
        None if price.is_counted_by_month else shown["unitPriceCents"]
    )


def test_the_short_form_is_a_flat_price() -> None:
    assert read({"unitPriceCents": "0.25"}) == flat(Decimal("0.25"))
    assert read({}) is None


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "bounds that fall": ({"tiers": tiers_with(1, upTo=999)}, "tiers.1.upTo"),
    "bounds that repeat": ({"tiers": tiers_with(1, upTo=1000)}, "tiers.1.upTo"),
    "a bounded last tier": ({"tiers": TIERS[:2]}, "tiers.1.upTo"),
    "a last tier too early": ({"tiers": tiers_with(1, upTo=None)}, "tiers.1.upTo"),
    "no bound": ({"tiers": [*TIERS[:2], {"unitPriceCents": "1"}]}, "tiers.2.upTo"),
    "no tier": ({"tiers": []}, "tiers"),
    "no tiers": ({}, "tiers"),
    "tiers that are null": ({"tiers": None}, "tiers"),
    "fifty-one tiers": (
        {
            "tiers": [
                *({"upTo": number, "unitPriceCents": 1} for number in range(1, 51)),
                TIERS[2],
            ]
        },
        "tiers",
    ),
    "a float": ({"tiers": tiers_with(2, unitPriceCents=0.5)}, "tiers.2.unitPriceCents"),
    "a whole float": ({"tiers": tiers_with(2, unitPriceCents=1.0)}, "tiers.2.unitPriceCents"),
    "a negative price": ({"tiers": tiers_with(2, unitPriceCents=-1)}, "tiers.2.unitPriceCents"),
    "a negative fee": ({"tiers": tiers_with(1, flatPriceCents="-1")}, "tiers.1.flatPriceCents"),
    "a negative bound": ({"tiers": tiers_with(0, upTo=-1)}, "tiers.0.upTo"),
    "a bound of nothing": ({"tiers": tiers_with(0, upTo=0)}, "tiers.0.upTo"),
    "a fine price": (
        {"tiers": tiers_with(2, unitPriceCents="0.0000000000001")},
        "tiers.2.unitPriceCents",
    ),
    "a fine bound": ({"tiers": tiers_with(0, upTo="1.5")}, "tiers.0.upTo"),
    "a tier's other field": ({"tiers": tiers_with(1, price=1)}, "tiers.1.price"),
    "a tier without a price": ({"tiers": [{"upTo": None}]}, "tiers.0.unitPriceCents"),
    "a tier that is none": ({"tiers": [1]}, "tiers.0"),
    "another model's field": ({"tiers": TIERS, "packageUnits": 1}, "packageUnits"),
    "another model's field, null": ({"tiers": TIERS, "unitPriceCents": None}, "unitPriceCents"),
    "an unknown field": ({"tiers": TIERS, "minimum": 1}, "minimum"),
    "fine free units": ({"tiers": TIERS, "freeUnits": "0.5"}, "freeUnits"),
    "negative free units": ({"tiers": TIERS, "freeUnits": -1}, "freeUnits"),
    "free units that are no number": ({"tiers": TIERS, "freeUnits": True}, "freeUnits"),
    "an unknown model": ({"model": "stairstep", "tiers": TIERS}, "model"),
    "a model that is none": ({"model": 1, "tiers": TIERS}, "model"),
    "tiers of a flat price": ({"model": "flat", "tiers": TIERS}, "tiers"),
    "a flat price without one": ({"model": "flat"}, "unitPriceCents"),
    "a package without a size": ({"model": "package", "packagePriceCents": 1}, "packageUnits"),
    "a package of nothing": (
        {"model": "package", "packageUnits": 0, "packagePriceCents": 1},
        "packageUnits",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_price_that_cannot_be_is_refused_with_the_path_of_what_is_wrong(what: str) -> None:
    price, path = BAD[what]
    with pytest.raises(InvalidInputError) as refused:
        read({"price": {"model": "graduated", **price}})

    problem = problem_of(refused.value)
    assert problem.status == 400
    assert [fault.field for fault in problem.errors or ()] == [f"price.{path}"]
    assert problem.detail.startswith(f"price.{path}: ")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"price": {"unitPriceCents": 1}}, "price.model"),
        ({"price": "flat"}, "price"),
        ({"price": {"model": "flat", "unitPriceCents": 1}, "unitPriceCents": 1}, "price"),
        ({"unitPriceCents": "-1"}, "unitPriceCents"),
        ({"unitPriceCents": 0.25}, "unitPriceCents"),
    ],
    ids=["no model", "no object", "both forms", "a negative short form", "a short form's float"],
)
def test_what_is_no_price_is_refused_by_its_field(body: object, path: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read(body)

    assert [fault.field for fault in problem_of(refused.value).errors or ()] == [path]
