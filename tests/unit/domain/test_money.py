"""Money is exact: nothing here rounds."""

from decimal import Decimal, Inexact, InvalidOperation
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.money import (
    MAX_CENTS,
    add,
    decimal_places,
    multiply,
    to_major_units,
    to_plain,
    trimmed,
    within_bounds,
)
from tests.unit.domain.drawn import exact_cents, prices, units


@given(units, prices)
def test_a_product_has_every_digit(quantity: Decimal, price: Decimal) -> None:
    assert Fraction(multiply(quantity, price)) == Fraction(quantity) * Fraction(price)


@given(exact_cents, exact_cents)
def test_a_sum_has_every_digit(left: Decimal, right: Decimal) -> None:
    assert Fraction(add(left, right)) == Fraction(left) + Fraction(right)


def test_an_amount_that_would_need_rounding_is_an_error_and_no_amount() -> None:
    with pytest.raises(Inexact):
        multiply(Decimal("1." + "1" * 40), Decimal("1." + "1" * 40))


def test_a_float_is_no_money() -> None:
    with pytest.raises(TypeError):
        multiply(0.1, Decimal(1))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        add(Decimal(1), 0.1)  # type: ignore[arg-type]


def test_nan_is_no_money() -> None:
    with pytest.raises(InvalidOperation):
        add(Decimal("sNaN"), Decimal(1))


def test_the_largest_safe_integer_of_a_float_times_25_is_exact() -> None:
    """A double would say ...770 here, and its wallet would differ from its ledger for ever."""
    assert multiply(Decimal(2**53 - 1), Decimal(25)) == Decimal(225179981368524775)


@given(st.integers(-(10**24), 10**24), st.integers(-6, 18))
def test_decimal_places_are_those_that_the_value_needs(digits: int, places: int) -> None:
    value = Decimal(digits).scaleb(-places)
    needed = decimal_places(value)

    assert Fraction(value) * 10**needed == int(Fraction(value) * 10**needed)
    assert needed == 0 or (Fraction(value) * 10 ** (needed - 1)).denominator != 1


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_a_number_has_no_decimal_places(text: str) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        decimal_places(Decimal(text))


@given(st.integers(-(10**24), 10**24), st.integers(-6, 18))
def test_plain_text_reads_back_as_the_same_amount(digits: int, places: int) -> None:
    value = Decimal(digits).scaleb(-places)
    text = to_plain(value)

    assert Decimal(text) == value
    assert "e" not in text.lower()
    assert "." not in text or text[-1] not in "0."


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.250", "0.25"), ("1E+2", "100"), ("-0.00", "0"), ("0E-9", "0"), ("-7.10", "-7.1")],
)
def test_plain_text_has_no_needless_character(value: str, text: str) -> None:
    assert to_plain(Decimal(value)) == text


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        ("-63", "-0.63"),
        ("0", "0.00"),
        ("1E+3", "10.00"),
        ("12.50", "0.125"),
        ("0.25", "0.0025"),
        ("1000000000000000", "10000000000000.00"),
    ],
)
def test_major_units_have_two_places_or_as_many_as_they_need(cents: str, text: str) -> None:
    assert to_major_units(Decimal(cents)) == text


def test_the_bounds_belong_to_what_is_held() -> None:
    assert within_bounds(MAX_CENTS)
    assert within_bounds(-MAX_CENTS)
    assert not within_bounds(MAX_CENTS + 1)
    assert not within_bounds(-MAX_CENTS - 1)
    assert not within_bounds(MAX_CENTS + Decimal("0.000001"))


@given(units | exact_cents | st.integers(0, 10**30).map(Decimal))
def test_a_trimmed_value_is_the_same_and_is_written_without_zeros_that_say_nothing(
    value: Decimal,
) -> None:
    assert trimmed(value) == value
    assert str(trimmed(value)) == str(Decimal(to_plain(value)))
