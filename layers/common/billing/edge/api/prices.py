"""Prices as they are written in JSON: by their model, with its fields and no others."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from billing.domain.errors import InvalidInputError
from billing.domain.money import ZERO, to_plain
from billing.domain.price_models import MODELS, ModelName, Part, PartKind, PriceModel, Tier
from billing.domain.prices import Price, check_unit_price, flat
from billing.edge.api.shared import show_units
from billing.edge.http.fields import ShownDecimal, ShownUnits, UnitPrice, Units
from billing.edge.http.schema import AnswerSchema, Schema, example, is_none

# A number of tiers that no price has is refused by the domain; this many are not even read.
_TIERS_READ_MAX = 1000


class TierBody(Schema):
    """One tier of a graduated or volume price."""

    up_to: Units | None = Field(
        description="The last quantity of the tier; null in the last tier, and in no other."
    )
    unit_price_cents: UnitPrice
    flat_price_cents: UnitPrice = Field(
        default=ZERO, description="Charged once a month, when the tier is entered."
    )


class PriceBody(Schema):
    """A price: the fields of its `model`, and `freeUnits` of any model."""

    model_config = ConfigDict(
        json_schema_extra=example(
            model="graduated",
            tiers=[
                {"upTo": 1000, "unitPriceCents": "0"},
                {"upTo": 10000, "unitPriceCents": "0.5", "flatPriceCents": "100"},
                {"upTo": None, "unitPriceCents": "0.2"},
            ],
        )
    )

    model: ModelName
    unit_price_cents: UnitPrice | None = Field(default=None, description="Of `flat`.")
    package_units: Units | None = Field(
        default=None, description="Of `package`: how many units one package has."
    )
    package_price_cents: UnitPrice | None = Field(
        default=None, description="Of `package`: what a package costs, once it is started."
    )
    tiers: Annotated[list[TierBody], Field(max_length=_TIERS_READ_MAX)] | None = Field(
        default=None, description="Of `graduated` and `volume`: 1 to 50, with bounds that rise."
    )
    free_units: Units = Field(
        default=ZERO, description="So many units of each month cost nothing; they come off first."
    )

    def price(self) -> Price:
        """Return the price.

        Raises InvalidInputError for a field of another model, or one that is missing.
        """
        model = MODELS[self.model]
        wanted = {field.name for field in fields(model)}
        given = self.model_fields_set - {"model", "free_units"}
        for name in sorted(given - wanted):
            raise _refused(name, f"is not a field of the model {self.model}")
        terms = {name: getattr(self, name) for name in wanted}
        for name in sorted(name for name, value in terms.items() if value is None):
            raise _refused(name, "is required")
        if self.tiers is not None:
            terms["tiers"] = tuple(
                Tier(tier.up_to, tier.unit_price_cents, tier.flat_price_cents)
                for tier in self.tiers
            )
        return Price(model(**terms), self.free_units)


class PricedBody(Schema):
    """What a product costs, as a price, or in short as that of each unit."""

    price: PriceBody | None = None
    unit_price_cents: UnitPrice | None = Field(
        default=None, description="Short for a flat price, in place of `price`."
    )

    def given_price(self) -> Price | None:
        """Return the price, if there is one; raises InvalidInputError where it is given twice, or
        where the short one cannot be.
        """
        if self.price is not None and self.unit_price_cents is not None:
            raise InvalidInputError.of_field("price", "give either price or unitPriceCents")
        if self.unit_price_cents is not None:
            check_unit_price(self.unit_price_cents)
            return flat(self.unit_price_cents)
        return None if self.price is None else self.price.price()


class TierAnswer(AnswerSchema):
    """One tier, in order of their bounds."""

    up_to: ShownUnits | None
    unit_price_cents: ShownDecimal
    flat_price_cents: ShownDecimal | None = Field(default=None, exclude_if=is_none)


class PriceAnswer(AnswerSchema):
    """A price, written as it may be sent; what is 0 by default is left out."""

    model: ModelName
    unit_price_cents: ShownDecimal | None = Field(default=None, exclude_if=is_none)
    package_units: ShownUnits | None = Field(default=None, exclude_if=is_none)
    package_price_cents: ShownDecimal | None = Field(default=None, exclude_if=is_none)
    tiers: list[TierAnswer] | None = Field(default=None, exclude_if=is_none)
    free_units: ShownUnits | None = Field(default=None, exclude_if=is_none)


class PartAnswer(AnswerSchema):
    """One step of an explanation: `quantity` x `priceCents` + `flatPriceCents` = `amountCents`."""

    kind: PartKind
    units: ShownUnits = Field(description="How many of the units this part is about.")
    quantity: ShownUnits = Field(description="Packages where the kind is packages; else units.")
    price_cents: ShownDecimal
    flat_price_cents: ShownDecimal
    amount_cents: ShownDecimal
    up_to: ShownUnits | None = Field(description="The bound of a tier; null without one.")


def show_parts(parts: Iterable[Part]) -> list[PartAnswer]:
    """Show an explanation."""
    return [
        PartAnswer(
            kind=part.kind,
            units=show_units(part.units),
            quantity=show_units(part.quantity),
            price_cents=to_plain(part.price_cents),
            flat_price_cents=to_plain(part.flat_price_cents),
            amount_cents=to_plain(part.amount_cents),
            up_to=None if part.up_to is None else show_units(part.up_to),
        )
        for part in parts
    ]


def show_price(price: Price) -> PriceAnswer:
    """Show a price by its model."""
    shown: dict[str, Any] = {
        field.name: _term(field.name, price.model) for field in fields(price.model)
    }
    return PriceAnswer(
        model=price.model.name,
        free_units=show_units(price.free_units) if price.free_units else None,
        **shown,
    )


def show_unit_price(price: Price) -> str | None:
    """Show what every unit costs; null where that is not the same for all of a month."""
    return None if price.unit_price_cents is None else to_plain(price.unit_price_cents)


def _term(name: str, model: PriceModel) -> str | int | list[TierAnswer]:
    value = getattr(model, name)
    if isinstance(value, tuple):
        return [_tier(tier) for tier in value]
    return to_plain(value) if name.endswith("_cents") else show_units(value)


def _tier(tier: Tier) -> TierAnswer:
    return TierAnswer(
        up_to=None if tier.up_to is None else show_units(tier.up_to),
        unit_price_cents=to_plain(tier.unit_price_cents),
        flat_price_cents=to_plain(tier.flat_price_cents) if tier.flat_price_cents else None,
    )


def _refused(field: str, message: str) -> InvalidInputError:
    return InvalidInputError.of_field(f"price.{field}", message)
