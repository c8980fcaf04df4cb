"""Prices: a model, and the units of each month that are free before it counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.domain.errors import FieldError, InvalidInputError
from billing.domain.money import ZERO, add, subtract, total
from billing.domain.price_models import (
    Flat,
    Part,
    PartKind,
    PriceModel,
    price_faults,
    quantity_faults,
)


@dataclass(frozen=True, slots=True)
class Quote:
    """What some units cost on top of others of the month, in exact cents.

    The parts are those of all units together: they come to this amount and that of the others.
    """

    units: Decimal
    amount_cents: Decimal
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Price:
    """What a product costs: free units first, whatever the model, and the rest by the model."""

    model: PriceModel
    free_units: Decimal = ZERO

    @property
    def unit_price_cents(self) -> Decimal | None:
        """What every unit costs, wherever in its month it stands; None where that matters."""
        return self.model.unit_price_cents if self.free_units == 0 else None

    @property
    def is_counted_by_month(self) -> bool:
        """Whether an amount follows only from all units of a month, not from one event."""
        return self.unit_price_cents is None

    def amount(self, units: Decimal) -> Decimal:
        """Tell what the units of a month come to, in exact cents."""
        return total(part.amount_cents for part in self.explain(units))

    def explain(self, units: Decimal) -> tuple[Part, ...]:
        """Tell the parts of the amount, which together have all the units.

        Fewer units than none give back what they cost, and nothing where their month counts them.
        """
        if self.is_counted_by_month and units < 0:
            return ()
        free = max(min(units, self.free_units), ZERO)
        charged = self.model.explain(subtract(units, free))
        return (Part(PartKind.FREE, free, free, ZERO), *charged) if free > 0 else charged

    def quote(self, units: Decimal, *, before: Decimal) -> Quote:
        """Tell what units cost on top of those of the month before them."""
        in_all = add(before, units)
        amount_cents = subtract(self.amount(in_all), self.amount(before))
        return Quote(units, amount_cents, self.explain(in_all))

    def at_most(self, units: Decimal) -> Decimal:
        """Tell what these units cannot exceed in any month, flat prices of tiers aside."""
        return self.model.at_most(units)

    def faults(self, unit_decimals: int) -> Iterator[FieldError]:
        """Tell what is wrong with the price of a product that counts units so fine."""
        yield from self.model.faults(unit_decimals)
        yield from quantity_faults("free_units", self.free_units, unit_decimals)


def flat(unit_price_cents: Decimal) -> Price:
    """Make the plainest price: every unit costs the same."""
    return Price(Flat(unit_price_cents))


def check_price(price: Price, unit_decimals: int) -> None:
    """Refuse a price that cannot be, naming each faulty field, such as `price.tiers.2.up_to`."""
    faults = [
        FieldError(f"price.{fault.field}", fault.message) for fault in price.faults(unit_decimals)
    ]
    if faults:
        raise InvalidInputError.of_fields(faults)


def check_quantities(field: str, quantities: Sequence[Decimal], unit_decimals: int) -> None:
    """Refuse quantities that no month has of a product, naming each, such as `units.3`."""
    faults = [
        fault
        for number, units in enumerate(quantities)
        for fault in quantity_faults(f"{field}.{number}", units, unit_decimals)
    ]
    if faults:
        raise InvalidInputError.of_fields(faults)


def check_unit_price(unit_price_cents: Decimal) -> None:
    """Refuse a price that is given in short, as that of a unit; the field is named so too."""
    faults = list(price_faults("unit_price_cents", unit_price_cents))
    if faults:
        raise InvalidInputError.of_fields(faults)
