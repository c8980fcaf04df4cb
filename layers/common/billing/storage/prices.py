"""Prices inside the items of products: a model by its name, with its own fields."""

from collections.abc import Iterable
from dataclasses import fields
from decimal import Decimal
from typing import Any

from billing.domain.money import ZERO
from billing.domain.price_models import MODELS, Tier
from billing.domain.prices import Price, flat
from billing.storage.items import Item

# A hundred prices of fifty tiers fit into an item of 400 KB because a tier is three numbers.
type TierItem = list[Decimal | None]


def price_item(price: Price) -> Item:
    """Write a price."""
    model = price.model
    terms = {field.name: getattr(model, field.name) for field in fields(model)}
    item: Item = {"model": model.name, **_attributes(terms)}
    return item | {"freeUnits": price.free_units} if price.free_units else item


def price_of(item: Item) -> Price:
    """Read a price; one of a unit alone is written in short by earlier versions of this system."""
    if "model" not in item:
        return flat(item["unitPriceCents"])
    model = MODELS[item["model"]]
    terms = {field.name: item[_ATTRIBUTE_OF[field.name]] for field in fields(model)}
    if "tiers" in terms:
        terms["tiers"] = tuple(Tier(*tier) for tier in terms["tiers"])
    return Price(model(**terms), item.get("freeUnits", ZERO))


# What the fields of models are called in items.
_ATTRIBUTE_OF = {
    "unit_price_cents": "unitPriceCents",
    "package_units": "packageUnits",
    "package_price_cents": "packagePriceCents",
    "tiers": "tiers",
}


def _attributes(terms: dict[str, Any]) -> Item:
    if "tiers" in terms:
        terms["tiers"] = _tier_items(terms["tiers"])
    return {_ATTRIBUTE_OF[name]: value for name, value in terms.items()}


def _tier_items(tiers: Iterable[Tier]) -> list[TierItem]:
    return [[tier.up_to, tier.unit_price_cents, tier.flat_price_cents] for tier in tiers]
