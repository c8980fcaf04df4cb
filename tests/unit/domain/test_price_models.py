"""Price models: worked examples, and what is true of any price whatever is used."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given

from billing.domain.money import ZERO
from billing.domain.price_models import (
    MODELS,
    Flat,
    Graduated,
    Package,
    Part,
    PartKind,
    PriceModel,
    Tier,
    Volume,
)
from billing.domain.prices import Price
from tests.unit.domain.drawn_prices import (
    STEP,
    graduated,
    models,
    packages,
    quantities,
    some_units,
    volumes,
)

TIERS = (
    Tier(Decimal(1000), Decimal(0)),
    Tier(Decimal(10_000), Decimal("0.5"), Decimal(100)),
    Tier(None, Decimal("0.2")),
)


def amount(model: PriceModel, units: Decimal | str | int) -> Decimal:
    """Tell what units come to."""
    return Price(model).amount(Decimal(units))


def steps_of(units: Decimal) -> Iterator[Decimal]:
    """Count units step by step: give the quantity at the end of each."""
    return (number * STEP for number in range(1, int(units / STEP) + 1))


def tier_at(tiers: tuple[Tier, ...], position: Decimal) -> Tier:
    """Find the tier that a quantity ends in, by trying one after another."""
    for tier in tiers:
        if tier.up_to is None or position <= tier.up_to:
            return tier
    raise AssertionError("the last tier has no end")


@pytest.mark.parametrize(
    ("units", "cents"),
    [("0", "0"), ("1", "500"), ("1000", "500"), ("1000.1", "1000"), ("2500", "1500")],
    ids=["nothing", "one started", "one full", "a second one started", "three"],
)
def test_a_package_is_charged_once_it_is_started(units: str, cents: str) -> None:
    assert amount(Package(Decimal(1000), Decimal(500)), units) == Decimal(cents)


@pytest.mark.parametrize(
    ("units", "cents"),
    [
        ("0", "0"),
        ("1000", "0"),
        ("1000.5", "100.25"),
        ("1001", "100.5"),
        ("10000", "4600"),
        ("10000.1", "4600.02"),
        ("15000", "5600"),
    ],
    ids=["nothing", "free", "a part", "entered", "full", "a part of the last", "the last"],
)
def test_graduated_charges_each_unit_in_its_tier(units: str, cents: str) -> None:
    assert amount(Graduated(TIERS), units) == Decimal(cents)


@pytest.mark.parametrize(
    ("units", "cents"),
    [
        ("0", "0"),
        ("1000", "0"),
        ("1000.5", "600.25"),
        ("10000", "5100"),
        ("10000.1", "2000.02"),
        ("15000", "3000"),
    ],
    ids=["nothing", "free", "a part", "full", "a part of the last", "the last"],
)
def test_volume_charges_all_units_in_the_tier_that_holds_them(units: str, cents: str) -> None:
    assert amount(Volume(TIERS), units) == Decimal(cents)


def test_a_flat_price_of_a_tier_is_charged_when_it_is_entered_and_never_for_nothing() -> None:
    fee = (Tier(None, ZERO, Decimal(900)),)

    for model in (Graduated(fee), Volume(fee)):
        assert amount(model, 0) == 0
        assert amount(model, "0.000001") == 900
        assert amount(model, 10**12) == 900


@given(models)
def test_nothing_costs_nothing_and_is_explained_by_nothing(model: PriceModel) -> None:
    assert model.explain(ZERO) == ()
    assert amount(model, 0) == 0


@given(graduated, quantities)
def test_graduated_agrees_with_counting_unit_by_unit(model: Graduated, units: Decimal) -> None:
    entered: set[Tier] = set()
    cents = ZERO
    for position in steps_of(units):
        tier = tier_at(model.tiers, position)
        cents += tier.unit_price_cents * STEP
        entered.add(tier)

    assert amount(model, units) == cents + sum(tier.flat_price_cents for tier in entered)


@given(volumes, quantities)
def test_volume_agrees_with_counting_unit_by_unit(model: Volume, units: Decimal) -> None:
    holding = tier_at(model.tiers, units)
    counted = sum((holding.unit_price_cents * STEP for _ in steps_of(units)), ZERO)

    assert amount(model, units) == (counted + holding.flat_price_cents if units else 0)


@given(packages, quantities)
def test_packages_agree_with_opening_one_after_another(model: Package, units: Decimal) -> None:
    left, opened = units, 0
    while left > 0:
        left -= model.package_units
        opened += 1

    assert amount(model, units) == opened * model.package_price_cents


@given(graduated | packages, quantities, some_units)
def test_more_never_costs_less_where_prices_are_of_each_unit_or_package(
    model: PriceModel, units: Decimal, more: Decimal
) -> None:
    assert amount(model, units) <= amount(model, units + more)


@given(volumes, quantities, some_units)
def test_more_never_costs_less_within_one_tier_of_volume(
    model: Volume, units: Decimal, more: Decimal
) -> None:
    if units and tier_at(model.tiers, units) == tier_at(model.tiers, units + more):
        assert amount(model, units) <= amount(model, units + more)


@given(graduated)
def test_graduated_jumps_at_a_bound_by_the_flat_price_of_the_next_tier_alone(
    model: Graduated,
) -> None:
    little = Decimal("0.000001")
    for tier, following in zip(model.tiers, model.tiers[1:], strict=False):
        assert tier.up_to is not None
        jump = amount(model, tier.up_to + little) - amount(model, tier.up_to)
        assert jump == following.flat_price_cents + little * following.unit_price_cents


@given(models, quantities)
def test_the_parts_have_all_the_units_and_add_up_to_the_amount(
    model: PriceModel, units: Decimal
) -> None:
    parts = model.explain(units)

    assert sum((part.units for part in parts), ZERO) == units
    assert all(part.units > 0 for part in parts)
    by_hand = (part.quantity * part.price_cents + part.flat_price_cents for part in parts)
    assert amount(model, units) == sum(by_hand, ZERO)


@given(models, quantities, some_units)
def test_no_event_adds_more_than_is_foreseen_but_for_flat_prices(
    model: PriceModel, before: Decimal, units: Decimal
) -> None:
    """Volume aside, where units that were there before change their price too."""
    if isinstance(model, Volume):
        before = ZERO
    flat = sum((tier.flat_price_cents for tier in getattr(model, "tiers", ())), ZERO)
    added = amount(model, before + units) - amount(model, before)

    assert added <= model.at_most(units) + flat


@given(models, quantities)
def test_a_month_never_comes_to_more_than_is_foreseen_of_its_events(
    model: PriceModel, units: Decimal
) -> None:
    flat = sum((tier.flat_price_cents for tier in getattr(model, "tiers", ())), ZERO)
    one_by_one = sum((model.at_most(STEP) for _ in steps_of(units)), ZERO)

    assert amount(model, units) <= one_by_one + flat


def test_only_a_flat_price_is_one_of_every_unit() -> None:
    assert Flat(Decimal("0.25")).unit_price_cents == Decimal("0.25")
    others = (Package(Decimal(10), Decimal(1)), Graduated(TIERS), Volume(TIERS))
    assert [model.unit_price_cents for model in others] == [None, None, None]


def test_parts_tell_what_was_counted_at_which_price() -> None:
    """The largest quantities and the finest prices keep every digit."""
    assert Package(Decimal(1000), Decimal(500)).explain(Decimal(2500)) == (
        Part(PartKind.PACKAGES, Decimal(2500), Decimal(3), Decimal(500)),
    )
    assert Graduated(TIERS).explain(Decimal(1200)) == (
        Part(PartKind.TIER, Decimal(1000), Decimal(1000), ZERO, ZERO, Decimal(1000)),
        Part(
            PartKind.TIER,
            Decimal(200),
            Decimal(200),
            Decimal("0.5"),
            Decimal(100),
            Decimal(10_000),
        ),
    )
    assert Flat(Decimal("0.000000000001")).explain(Decimal("999999999999.999999")) == (
        Part(
            PartKind.UNITS,
            Decimal("999999999999.999999"),
            Decimal("999999999999.999999"),
            Decimal("0.000000000001"),
        ),
    )


def test_every_model_is_found_by_its_name() -> None:
    assert list(MODELS) == ["flat", "package", "graduated", "volume"]
