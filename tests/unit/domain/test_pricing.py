"""Prices come into force one after another; one that is not in force yet may be taken back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.errors import (
    InvalidInputError,
    LimitReachedError,
    PriceVersionInForceError,
    PriceVersionNotFoundError,
)
from billing.domain.price_models import Package
from billing.domain.prices import Price, flat
from billing.domain.pricing import PRICE_AHEAD_MAX, PRICE_VERSIONS_MAX, PriceVersion, Product
from tests.support.clock import START

NOTICE = timedelta(seconds=60)
FEBRUARY = datetime(2026, 2, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
BY_MONTH = Price(Package(Decimal(1000), Decimal(500)))


def product(*starts_after_seconds: int) -> Product:
    """Make a product whose version n costs n cents from its start on."""
    prices = tuple(
        PriceVersion(number, flat(Decimal(number)), START + timedelta(seconds=seconds))
        for number, seconds in enumerate(starts_after_seconds, start=1)
    )
    return Product("api-calls", "API calls", 0, prices, START, versions_made=len(prices))


def priced(
    of: Product, price: Price | int, start: datetime | None = None, *, now: datetime = START
) -> Product:
    """Set a price."""
    wanted = price if isinstance(price, Price) else flat(Decimal(price))
    return of.with_price(wanted, start, now=now, notice=NOTICE)


def without(of: Product, version: int, *, now: datetime = START) -> Product:
    """Take a price back."""
    return of.without_price(version, now=now, notice=NOTICE)


def refused_start(of: Product, price: Price | int, start: datetime) -> str:
    """Tell why a price may not begin at an instant."""
    with pytest.raises(InvalidInputError) as refused:
        priced(of, price, start)
    [fault] = refused.value.errors
    assert fault.field == "effective_from"
    return fault.message


def versions(of: Product) -> list[int]:
    """List the numbers of the versions, in order of their beginning."""
    return [each.version for each in of.prices]


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


@given(st.lists(st.tuples(st.integers(-50, 500), st.integers(1, 3)), max_size=12))
def test_however_prices_are_set_they_stand_in_order_and_no_number_comes_twice(
    wanted: list[tuple[int, int]],
) -> None:
    built = product(0)
    numbers = {1}
    for seconds, cents in wanted:
        before = built
        try:
            built = priced(built, cents, START + timedelta(seconds=seconds))
        except InvalidInputError:
            assert built == before
        added = {each.version for each in built.prices} - {each.version for each in before.prices}
        assert not added & numbers
        numbers |= added
        starts = [each.effective_from for each in built.prices]
        assert starts == sorted(set(starts))
        assert built.prices[0] == before.prices[0]


def test_a_product_takes_so_many_prices_and_no_more() -> None:
    full = product(*range(PRICE_VERSIONS_MAX))

    with pytest.raises(LimitReachedError):
        priced(full, 1000, START + timedelta(days=1))


def test_a_price_needs_its_notice_and_begins_within_two_years() -> None:
    assert refused_start(product(0), 2, START + NOTICE - timedelta(microseconds=1)) == (
        "must be at least 60 seconds ahead"
    )
    assert versions(priced(product(0), 2, START + NOTICE)) == [1, 2]
    assert versions(priced(product(0), 2, START + PRICE_AHEAD_MAX)) == [1, 2]
    late = START + PRICE_AHEAD_MAX + timedelta(microseconds=1)
    assert refused_start(product(0), 2, late) == "must not be more than two years ahead"
    assert START.replace(year=START.year + 2) <= START + PRICE_AHEAD_MAX


def test_a_price_that_begins_before_another_is_refused_until_that_is_taken_back() -> None:
    agreed = priced(product(0), 25, START + timedelta(hours=2))

    assert "newest price version" in refused_start(agreed, 1, START + timedelta(hours=1))
    assert versions(priced(without(agreed, 2), 1, START + timedelta(hours=1))) == [1, 3]


def test_a_price_that_is_not_in_force_yet_is_replaced_by_one_from_the_same_instant() -> None:
    start = START + timedelta(hours=2)
    two = priced(priced(product(0), 2, start), 3, start + timedelta(hours=1))

    replaced = priced(two, 4, start)

    assert versions(replaced) == [1, 4, 3]
    assert replaced.price_at(start).price == flat(Decimal(4))
    assert replaced.price_at(start + timedelta(hours=1)).price == flat(Decimal(3))
    with pytest.raises(InvalidInputError, match="60 seconds ahead"):
        priced(two, 5, start, now=start - NOTICE + timedelta(microseconds=1))


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=30)], ids=["at once", "later"])
def test_a_price_that_is_set_again_from_the_same_instant_is_set_once(later: timedelta) -> None:
    start = START + timedelta(hours=2)
    two = priced(priced(product(0), 2, start), 3, start + timedelta(hours=1))

    assert priced(two, 2, start, now=START + later) == two
    assert priced(two, 3, start + timedelta(hours=1), now=START + later) == two


def test_a_price_that_counts_by_the_month_begins_with_a_month() -> None:
    """So does one that follows it: else a part of a month would be counted by it alone."""
    message = "must be the first instant of a month (UTC), where a price counts by the month"
    middle = FEBRUARY + timedelta(days=14)

    assert refused_start(product(0), BY_MONTH, middle) == message
    assert refused_start(product(0), BY_MONTH, FEBRUARY + timedelta(microseconds=1)) == message
    counted = priced(product(0), BY_MONTH, FEBRUARY)
    assert refused_start(counted, 3, middle) == message
    assert versions(priced(counted, 3, MARCH)) == [1, 2, 3]
    assert versions(priced(priced(counted, 3, MARCH), 4, MARCH + timedelta(days=3))) == [1, 2, 3, 4]


def test_without_an_instant_a_price_begins_as_early_as_it_may() -> None:
    assert priced(product(0), 2).prices[-1].effective_from == START + NOTICE
    counted = priced(product(0), BY_MONTH)
    assert counted.prices[-1].effective_from == FEBRUARY
    assert priced(counted, 3, now=FEBRUARY).prices[-1].effective_from == MARCH
    just_before = FEBRUARY - NOTICE
    assert priced(product(0), BY_MONTH, now=just_before).prices[-1].effective_from == FEBRUARY
    just_too_late = just_before + timedelta(microseconds=1)
    assert priced(product(0), BY_MONTH, now=just_too_late).prices[-1].effective_from == MARCH


def test_without_an_instant_a_repetition_is_known_as_long_as_the_first_is_ahead() -> None:
    two = priced(product(0), 2)
    counted = priced(product(0), BY_MONTH)

    assert priced(two, 2, now=START + NOTICE - timedelta(microseconds=1)) == two
    assert versions(priced(two, 2, now=START + NOTICE)) == [1, 2, 3]
    assert priced(counted, BY_MONTH, now=FEBRUARY - timedelta(microseconds=1)) == counted
    assert versions(priced(counted, BY_MONTH, now=FEBRUARY)) == [1, 2, 3]


def test_a_price_is_taken_back_until_its_notice_and_no_later() -> None:
    start = START + timedelta(hours=2)
    two = priced(product(0), 2, start)

    assert versions(without(two, 2, now=start - NOTICE)) == [1]
    for now in (start - NOTICE + timedelta(microseconds=1), start, start + timedelta(days=1)):
        with pytest.raises(PriceVersionInForceError):
            without(two, 2, now=now)
    with pytest.raises(PriceVersionInForceError):
        without(two, 1)


def test_a_price_that_was_taken_back_stays_so_and_its_number_is_never_given_again() -> None:
    """Whoever repeats a request must not take back what somebody else has set since."""
    start = START + timedelta(hours=2)
    taken_back = without(priced(product(0), 2, start), 2)
    again = priced(taken_back, 3, start)

    assert versions(again) == [1, 3]
    assert without(again, 2) == again
    for unknown in (0, 4):
        with pytest.raises(PriceVersionNotFoundError):
            without(again, unknown)


def test_a_price_that_lets_another_begin_within_a_month_is_not_taken_back_before_that() -> None:
    counted = priced(product(0), BY_MONTH, FEBRUARY)
    plain = priced(counted, 3, MARCH)
    middle = priced(plain, 4, MARCH + timedelta(days=3))

    with pytest.raises(PriceVersionInForceError, match="take that one back first"):
        without(middle, 3)
    assert versions(without(without(middle, 4), 3)) == [1, 2]


def test_an_archived_product_takes_no_usage_from_its_end_on() -> None:
    archived = product(0).archived(at=START + NOTICE)

    assert archived.takes_usage_of(START + NOTICE - timedelta(microseconds=1))
    assert not archived.takes_usage_of(START + NOTICE)
    assert archived.archived(at=START + timedelta(days=1)) == archived
    assert archived.restored() == product(0)
    assert archived.restored().takes_usage_of(START + timedelta(days=1))
