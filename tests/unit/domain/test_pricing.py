"""Prices come into force one after another, and what is agreed never changes."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.errors import InvalidInputError, LimitReachedError
from billing.domain.pricing import (
    PRICE_VERSIONS_MAX,
    PriceVersion,
    Product,
    check_unit_price,
)
from tests.support.clock import START

TOO_LARGE = "must not be greater than 10000000000, which is what one event may cost"


def product(*starts_after_seconds: int) -> Product:
    """Make a product whose version n costs n cents from its start on."""
    prices = tuple(
        PriceVersion(number, Decimal(number), START + timedelta(seconds=seconds))
        for number, seconds in enumerate(starts_after_seconds, start=1)
    )
    return Product("api-calls", "API calls", 0, prices, START)


gaps = st.lists(st.integers(1, 1000), min_size=1, max_size=10)


@given(gaps, st.integers(-100, 12_000))
def test_the_price_in_force_is_the_last_that_began(lengths: list[int], asked: int) -> None:
    starts = [sum(lengths[:position]) for position in range(len(lengths))]
    chosen = product(*starts).price_at(START + timedelta(seconds=asked))

    begun = [number for number, start in enumerate(starts, start=1) if start <= asked]
    assert chosen.version == (begun[-1] if begun else 1)


def test_a_price_is_in_force_from_its_very_instant() -> None:
    two = product(0, 60)

    assert two.price_at(START + timedelta(seconds=60)).version == 2
    assert two.price_at(START + timedelta(seconds=60, microseconds=-1)).version == 1


@given(st.lists(st.integers(-50, 200), max_size=12))
def test_however_prices_are_added_they_stand_in_order(starts: list[int]) -> None:
    built = product(0)
    for seconds in starts:
        effective_from = START + timedelta(seconds=seconds)
        before = built
        if effective_from <= before.prices[-1].effective_from:
            with pytest.raises(InvalidInputError, match="effective_from"):
                before.with_price(Decimal(1), effective_from)
        else:
            built = before.with_price(Decimal(1), effective_from)
            assert built.prices[:-1] == before.prices
        starts_of = [price.effective_from for price in built.prices]
        assert [price.version for price in built.prices] == list(range(1, len(starts_of) + 1))
        assert starts_of == sorted(set(starts_of))


def test_a_product_takes_so_many_prices_and_no_more() -> None:
    full = product(*range(PRICE_VERSIONS_MAX))

    with pytest.raises(LimitReachedError):
        full.with_price(Decimal(1), START + timedelta(days=1))


@pytest.mark.parametrize("price", ["0", "1", "0.000000000001", "10000000000", "0.2500000000000"])
def test_a_price_may_be_free_tiny_or_huge(price: str) -> None:
    check_unit_price(Decimal(price))

    assert Decimal(price) >= 0


@pytest.mark.parametrize(
    ("price", "message"),
    [
        ("-1", "must not be negative"),
        ("-0", "must not be negative"),
        ("NaN", "must not be negative"),
        ("Infinity", "must not be negative"),
        ("0.0000000000001", "must not have more than 12 decimal places"),
        ("10000000000.000000000001", TOO_LARGE),
        ("10000000001", TOO_LARGE),
        ("1000000000000001", TOO_LARGE),
    ],
)
def test_any_other_price_is_refused_by_field(price: str, message: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_unit_price(Decimal(price))

    [fault] = refused.value.errors
    assert (fault.field, fault.message) == ("unit_price_cents", message)
