"""Prices: free units first, whatever the model; and what a price may not be, field by field."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.errors import FieldError, InvalidInputError
from billing.domain.money import ZERO
from billing.domain.months import MonthTotal
from billing.domain.price_models import (
    BOUND_UNITS_MAX,
    TIERS_MAX,
    Flat,
    Graduated,
    Package,
    Part,
    PartKind,
    PriceModel,
    Tier,
    Volume,
)
from billing.domain.prices import Price, check_price, flat
from tests.unit.domain.drawn_prices import STEP, UNIT_DECIMALS, models, prices, quantities

TOO_LARGE = "must not be greater than 10000000000, which is what one event may cost"


def faults(price: Price, *, unit_decimals: int = 0) -> list[FieldError]:
    """Check a price, and tell what is wrong with it."""
    try:
        check_price(price, unit_decimals)
    except InvalidInputError as error:
        return list(error.errors)
    return []


def tiers(*bounds: str | None) -> tuple[Tier, ...]:
    """Make tiers of these bounds."""
    return tuple(Tier(None if bound is None else Decimal(bound), Decimal(1)) for bound in bounds)


@given(models, quantities, quantities)
def test_free_units_come_off_first_whatever_the_model(
    model: PriceModel, free: Decimal, units: Decimal
) -> None:
    with_free = Price(model, free)

    assert with_free.amount(units) == Price(model).amount(max(ZERO, units - free))
    assert with_free.amount(free) == 0
    assert sum((part.units for part in with_free.explain(units)), ZERO) == units
    parts = (part.amount_cents for part in with_free.explain(units))
    assert with_free.amount(units) == sum(parts, ZERO)


def test_what_is_free_is_explained_as_such() -> None:
    price = Price(Flat(Decimal(2)), Decimal(100))

    assert price.explain(Decimal(150)) == (
        Part(PartKind.FREE, Decimal(100), Decimal(100), ZERO),
        Part(PartKind.UNITS, Decimal(50), Decimal(50), Decimal(2)),
    )
    assert price.amount(Decimal(150)) == 100


@given(prices, st.integers(1, 1000))
def test_less_than_nothing_gives_back_what_that_costs_and_nothing_of_a_month(
    price: Price, units: int
) -> None:
    """What a month counts may be taken back before the usage itself is settled."""
    of_each = price.unit_price_cents or ZERO
    assert price.amount(Decimal(-units)) == -units * of_each
    parts = price.explain(Decimal(-units))
    assert parts == () or of_each == 0 or sum(part.units for part in parts) == -units


def test_only_flat_prices_without_free_units_need_no_month() -> None:
    assert not flat(Decimal("0.25")).is_counted_by_month
    assert flat(Decimal("0.25")).unit_price_cents == Decimal("0.25")
    counted = [
        Price(Flat(Decimal(1)), Decimal(1)),
        Price(Package(Decimal(10), Decimal(1))),
        Price(Graduated(tiers(None))),
        Price(Volume(tiers(None))),
    ]
    assert all(price.is_counted_by_month for price in counted)
    assert {price.unit_price_cents for price in counted} == {None}


@given(prices, st.lists(quantities, max_size=20), st.data())
def test_however_a_month_is_cut_into_bills_in_any_order_it_comes_to_the_same(
    price: Price, used: list[Decimal], data: st.DataObject
) -> None:
    """Corrections in between take back some of what was used, before it is billed or after."""
    taken_back = [-units for units in used if data.draw(st.booleans())]
    month, debited = MonthTotal(), ZERO
    for units in data.draw(st.permutations([*used, *taken_back])):
        after = month.billed(units, price)
        debited += after.debited_since(month)
        month = after

    whole = MonthTotal().billed(sum([*used, *taken_back], ZERO), price)
    assert (month.units, month.debited_cents) == (whole.units, whole.debited_cents)
    assert debited == price.amount(whole.units) == whole.debited_cents


def test_a_volume_price_that_falls_gives_money_back() -> None:
    price = Price(Volume((Tier(Decimal(10), Decimal(5)), Tier(None, Decimal(1)))))
    ten = MonthTotal().billed(Decimal(10), price)
    eleven = ten.billed(Decimal(1), price)

    assert ten.debited_since(MonthTotal()) == 50
    assert eleven.debited_since(ten) == -39


@given(prices)
def test_what_is_drawn_for_these_tests_is_a_price(price: Price) -> None:
    assert faults(price, unit_decimals=UNIT_DECIMALS) == []
    assert Decimal(1).scaleb(-UNIT_DECIMALS) == STEP


@pytest.mark.parametrize(
    ("cents", "message"),
    [
        ("-1", "must not be negative"),
        ("-0", "must not be negative"),
        ("NaN", "must not be negative"),
        ("Infinity", "must not be negative"),
        ("0.0000000000001", "must not have more than 12 decimal places"),
        ("10000000000.000000000001", TOO_LARGE),
        ("10000000001", TOO_LARGE),
    ],
    ids=["negative", "minus nothing", "no number", "no end", "too fine", "just above", "above"],
)
def test_a_price_that_cannot_be_is_told_by_its_field(cents: str, message: str) -> None:
    wrong = Decimal(cents)

    assert faults(flat(wrong)) == [FieldError("price.unit_price_cents", message)]
    assert faults(Price(Package(Decimal(1), wrong))) == [
        FieldError("price.package_price_cents", message)
    ]
    second = (Tier(Decimal(1), ZERO), Tier(None, wrong))
    assert faults(Price(Graduated(second))) == [
        FieldError("price.tiers.1.unit_price_cents", message)
    ]
    fee = (Tier(Decimal(1), ZERO), Tier(None, ZERO, wrong))
    assert faults(Price(Volume(fee))) == [FieldError("price.tiers.1.flat_price_cents", message)]


@pytest.mark.parametrize(
    ("bounds", "field", "message"),
    [
        (("10", "5", None), "1.up_to", "must be greater than 10"),
        (("10", "10", None), "1.up_to", "must be greater than 10"),
        (("0", None), "0.up_to", "must be greater than 0"),
        (("10", None, None), "1.up_to", "must be null in the last tier alone"),
        (("10", "20"), "1.up_to", "must be null, because this is the last tier"),
        (("-1", None), "0.up_to", "must not be negative"),
        (("1.5", None), "0.up_to", "must be a whole number"),
        ((str(10**16), None), "0.up_to", f"must not be greater than {BOUND_UNITS_MAX}"),
    ],
    ids=["falls", "repeats", "at 0", "open too early", "closed", "negative", "fine", "large"],
)
@pytest.mark.parametrize("model", [Graduated, Volume], ids=["graduated", "volume"])
def test_a_bound_that_cannot_be_is_told_by_its_tier(
    model: type[Graduated | Volume], bounds: tuple[str | None, ...], field: str, message: str
) -> None:
    assert faults(Price(model(tiers(*bounds)))) == [FieldError(f"price.tiers.{field}", message)]


@pytest.mark.parametrize("count", [0, TIERS_MAX + 1], ids=["none", "too many"])
def test_a_price_has_so_many_tiers_and_no_more(count: int) -> None:
    bounds = [str(number) for number in range(1, count)]
    price = Price(Graduated(tiers(*bounds, None) if count else ()))

    assert faults(price) == [FieldError("price.tiers", f"must be from 1 to {TIERS_MAX} tiers")]


def test_fifty_tiers_are_taken() -> None:
    bounds = [str(number) for number in range(1, TIERS_MAX)]

    assert faults(Price(Volume(tiers(*bounds, None)))) == []


def test_flat_prices_together_stay_within_what_one_event_may_cost() -> None:
    fees = (Tier(Decimal(1), ZERO, Decimal(10**10)), Tier(None, ZERO, Decimal(1)))

    assert faults(Price(Graduated(fees))) == [
        FieldError("price.tiers", "must not have more than 10000000000 cents of flat prices")
    ]


@pytest.mark.parametrize(
    ("price", "field", "message"),
    [
        (Price(Package(ZERO, Decimal(1))), "package_units", "must be greater than 0"),
        (Price(Package(Decimal("0.5"), Decimal(1))), "package_units", "must be a whole number"),
        (Price(Flat(Decimal(1)), Decimal("0.5")), "free_units", "must be a whole number"),
        (Price(Flat(Decimal(1)), Decimal(-1)), "free_units", "must not be negative"),
    ],
    ids=["no package", "a fine package", "fine free units", "negative free units"],
)
def test_a_quantity_that_cannot_be_is_told_by_its_field(
    price: Price, field: str, message: str
) -> None:
    assert faults(price) == [FieldError(f"price.{field}", message)]


def test_quantities_are_as_fine_as_the_product_counts() -> None:
    price = Price(Package(Decimal("0.125"), Decimal(1)), Decimal("1.5"))

    assert faults(price, unit_decimals=3) == []
    assert [fault.message for fault in faults(price, unit_decimals=2)] == [
        "must not have more than 2 decimal places"
    ]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    price = Price(Graduated((Tier(Decimal(-1), Decimal(-1)), Tier(None, ZERO, Decimal(-1)))))

    with pytest.raises(InvalidInputError) as refused:
        check_price(price, 0)

    assert [fault.field for fault in refused.value.errors] == [
        "price.tiers.0.up_to",
        "price.tiers.0.unit_price_cents",
        "price.tiers.1.flat_price_cents",
    ]
    assert refused.value.detail == "price.tiers.0.up_to: must not be negative (and 2 more)"
