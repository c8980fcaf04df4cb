"""Price models: what the units of a month come to, in exact cents, and how.

Each model is a pure function of units. It tells its amount as the parts that lead to it, so that no
amount is without an explanation, and what is wrong with it by the names of its own fields.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Literal, Protocol

from billing.domain.errors import FieldError
from billing.domain.money import (
    EVENT_AMOUNT_CENTS_MAX,
    PRICE_DECIMALS_MAX,
    ZERO,
    add,
    count_started,
    decimal_places,
    multiply,
    subtract,
    to_plain,
    total,
)

# A page of explanation, and some three kilobytes of a product for each of its prices.
TIERS_MAX = 50

# A month holds more units than one event may have, and a bound beyond it would never be reached.
BOUND_UNITS_MAX = 10**15

type ModelName = Literal["flat", "package", "graduated", "volume"]


class PartKind(StrEnum):
    """What a part of an amount counts: units, packages, the units of a tier, or free units."""

    UNITS = "units"
    PACKAGES = "packages"
    TIER = "tier"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Part:
    """One step of an explanation: some of the units, and the exact cents that they come to.

    In every kind, quantity x price + flat price is the amount; `quantity` counts packages where
    the price is one of a package, and units otherwise. `up_to` is the bound of a tier.
    """

    kind: PartKind
    units: Decimal
    quantity: Decimal
    price_cents: Decimal
    flat_price_cents: Decimal = ZERO
    up_to: Decimal | None = None

    @property
    def amount_cents(self) -> Decimal:
        """What this part adds to the amount."""
        return add(multiply(self.quantity, self.price_cents), self.flat_price_cents)


class PriceModel(Protocol):
    """How units become an amount: a dataclass, whose fields are what is written of a price."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    name: ClassVar[ModelName]

    @property
    def unit_price_cents(self) -> Decimal | None:
        """What every unit costs, however many there are; None where that depends on the others."""

    def explain(self, units: Decimal) -> tuple[Part, ...]:
        """Tell the parts of what units come to, none for no units; together they have them all."""

    def at_most(self, units: Decimal) -> Decimal:
        """Tell more than what these units can add to a month, flat prices of tiers aside."""

    def faults(self, unit_decimals: int, /) -> Iterator[FieldError]:
        """Tell what is wrong with the model, for a product that counts units so fine."""


@dataclass(frozen=True, slots=True)
class Flat:
    """Every unit at one price."""

    name: ClassVar[ModelName] = "flat"

    unit_price_cents: Decimal

    def explain(self, units: Decimal) -> tuple[Part, ...]:
        """Return one part, of all units."""
        return _some(Part(PartKind.UNITS, units, units, self.unit_price_cents))

    def at_most(self, units: Decimal) -> Decimal:
        """Multiply: where the units stand in their month does not matter."""
        return multiply(units, self.unit_price_cents)

    def faults(self, _unit_decimals: int, /) -> Iterator[FieldError]:
        """Look at the price of a unit."""
        return price_faults("unit_price_cents", self.unit_price_cents)


@dataclass(frozen=True, slots=True)
class Package:
    """Units in packages of one size and price; a package is charged once it is started."""

    name: ClassVar[ModelName] = "package"

    package_units: Decimal
    package_price_cents: Decimal

    @property
    def unit_price_cents(self) -> None:
        """A unit costs nothing or a package, by how many there are."""
        return

    def explain(self, units: Decimal) -> tuple[Part, ...]:
        """Return one part, of all packages."""
        packages = count_started(units, self.package_units)
        return _some(Part(PartKind.PACKAGES, units, packages, self.package_price_cents))

    def at_most(self, units: Decimal) -> Decimal:
        """Charge as where the units begin a package of their own."""
        return multiply(count_started(units, self.package_units), self.package_price_cents)

    def faults(self, unit_decimals: int, /) -> Iterator[FieldError]:
        """Look at size and price."""
        yield from quantity_faults("package_units", self.package_units, unit_decimals)
        if self.package_units == 0:
            yield FieldError("package_units", "must be greater than 0")
        yield from price_faults("package_price_cents", self.package_price_cents)


@dataclass(frozen=True, slots=True)
class Tier:
    """A range of a month's units, to `up_to` inclusive, or without an end.

    The flat price is charged once a month, when the tier is entered.
    """

    up_to: Decimal | None
    unit_price_cents: Decimal
    flat_price_cents: Decimal = ZERO

    def part(self, units: Decimal) -> Part:
        """Charge units at the price of this tier."""
        return Part(
            PartKind.TIER, units, units, self.unit_price_cents, self.flat_price_cents, self.up_to
        )

    def holds(self, units: Decimal) -> bool:
        """Tell whether that many units end in this tier or in one before it."""
        return self.up_to is None or units <= self.up_to


@dataclass(frozen=True, slots=True)
class Tiered:
    """What models with tiers have in common: bounds that rise, the last one open."""

    tiers: tuple[Tier, ...]

    @property
    def unit_price_cents(self) -> None:
        """A unit costs what its tier says, and that depends on the others."""
        return

    def at_most(self, units: Decimal) -> Decimal:
        """Charge as in the dearest tier."""
        return multiply(units, max(tier.unit_price_cents for tier in self.tiers))

    def faults(self, unit_decimals: int, /) -> Iterator[FieldError]:
        """Look at every tier, and at how they follow one another."""
        if not 1 <= len(self.tiers) <= TIERS_MAX:
            yield FieldError("tiers", f"must be from 1 to {TIERS_MAX} tiers")
            return
        of_each = list(_faults_of_each(self.tiers, unit_decimals))
        yield from of_each or _faults_of_all(self.tiers)


@dataclass(frozen=True, slots=True)
class Graduated(Tiered):
    """Each unit at the price of the tier in which it stands."""

    name: ClassVar[ModelName] = "graduated"

    def explain(self, units: Decimal) -> tuple[Part, ...]:
        """Return a part for each tier that was entered."""
        return tuple(self._entered(units))

    def _entered(self, units: Decimal) -> Iterator[Part]:
        below = ZERO
        for tier in self.tiers:
            if units <= below:
                return
            end = units if tier.up_to is None else min(units, tier.up_to)
            yield tier.part(subtract(end, below))
            below = end


@dataclass(frozen=True, slots=True)
class Volume(Tiered):
    """All units at the price of the tier that holds their number."""

    name: ClassVar[ModelName] = "volume"

    def explain(self, units: Decimal) -> tuple[Part, ...]:
        """Return one part, of the tier that holds the units."""
        holding = next(tier for tier in self.tiers if tier.holds(units))
        return _some(holding.part(units))


# Every model, by the name that prices are written with.
MODELS: Mapping[ModelName, type[Flat | Package | Graduated | Volume]] = {
    model.name: model for model in (Flat, Package, Graduated, Volume)
}


def price_faults(field: str, price_cents: Decimal) -> Iterator[FieldError]:
    """Find a price negative, too fine, or so large that no event can have one unit."""
    if price_cents.is_signed() or not price_cents.is_finite():
        yield FieldError(field, "must not be negative")
    elif decimal_places(price_cents) > PRICE_DECIMALS_MAX:
        yield FieldError(field, f"must not have more than {PRICE_DECIMALS_MAX} decimal places")
    elif price_cents > EVENT_AMOUNT_CENTS_MAX:
        yield FieldError(
            field,
            f"must not be greater than {EVENT_AMOUNT_CENTS_MAX}, which is what one event may cost",
        )


def quantity_faults(field: str, units: Decimal, unit_decimals: int) -> Iterator[FieldError]:
    """Find a quantity negative, finer than its product counts, or beyond any month."""
    if units.is_signed() or not units.is_finite():
        yield FieldError(field, "must not be negative")
    elif units > BOUND_UNITS_MAX:
        yield FieldError(field, f"must not be greater than {BOUND_UNITS_MAX}")
    elif decimal_places(units) > unit_decimals:
        yield FieldError(field, decimals_message(unit_decimals))


def decimals_message(unit_decimals: int) -> str:
    """Say how fine a quantity may be."""
    if unit_decimals == 0:
        return "must be a whole number"
    return f"must not have more than {unit_decimals} decimal places"


def _some(part: Part) -> tuple[Part, ...]:
    """Leave out a part without units: nothing was entered, and nothing is charged."""
    return (part,) if part.units != 0 else ()


def _faults_of_each(tiers: Iterable[Tier], unit_decimals: int) -> Iterator[FieldError]:
    for number, tier in enumerate(tiers):
        if tier.up_to is not None:
            yield from quantity_faults(f"tiers.{number}.up_to", tier.up_to, unit_decimals)
        yield from price_faults(f"tiers.{number}.unit_price_cents", tier.unit_price_cents)
        yield from price_faults(f"tiers.{number}.flat_price_cents", tier.flat_price_cents)


def _faults_of_all(tiers: Sequence[Tier]) -> Iterator[FieldError]:
    """Find bounds that do not rise from 0, one that is missing before the last, or a last one."""
    bounds = [tier.up_to for tier in tiers]
    before = ZERO
    for number, bound in enumerate(bounds[:-1]):
        if bound is None:
            yield FieldError(f"tiers.{number}.up_to", "must be null in the last tier alone")
        elif bound <= before:
            yield FieldError(f"tiers.{number}.up_to", f"must be greater than {to_plain(before)}")
        before = bound or before
    if bounds[-1] is not None:
        last = len(bounds) - 1
        yield FieldError(f"tiers.{last}.up_to", "must be null, because this is the last tier")
    if total(tier.flat_price_cents for tier in tiers) > EVENT_AMOUNT_CENTS_MAX:
        yield FieldError(
            "tiers", f"must not have more than {EVENT_AMOUNT_CENTS_MAX} cents of flat prices"
        )
