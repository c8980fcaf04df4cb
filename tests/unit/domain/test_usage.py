"""A claim is checked at the door, so that nothing unbillable is ever stored."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.errors import InvalidInputError
from billing.domain.money import MAX_CENTS
from billing.domain.pricing import PriceVersion, Product
from billing.domain.records import RecordId
from billing.domain.usage import (
    EVENT_AMOUNT_CENTS_MAX,
    OCCURRED_AT_MIN,
    UNITS_MAX,
    UsageClaim,
    UsageEvent,
    check_claim,
)
from tests.support.clock import START


def product(price: str = "1", *, unit_decimals: int = 0) -> Product:
    """Make a product of one price."""
    return Product("p", "P", unit_decimals, (PriceVersion(1, Decimal(price), START),), START)


def claim(units: str, occurred_at: datetime | None = None) -> UsageClaim:
    """Say what was used."""
    return UsageClaim("acme", "e1", "p", Decimal(units), occurred_at)


def refusal(of: UsageClaim, product_: Product) -> tuple[str, str] | None:
    """Check a claim, and tell the field and the message if it is refused."""
    try:
        check_claim(of, product_, now=START)
    except InvalidInputError as error:
        [fault] = error.errors
        return fault.field, fault.message
    return None


@pytest.mark.parametrize(
    ("units", "message"),
    [
        ("0", "must be greater than 0"),
        ("-1", "must be greater than 0"),
        ("1.5", "must be an integer number"),
        ("9007199254740993", f"must not be greater than {UNITS_MAX}"),
        ("1E+20", f"must not be greater than {UNITS_MAX}"),
        ("1E+308", f"must not be greater than {UNITS_MAX}"),
        ("Infinity", f"must not be greater than {UNITS_MAX}"),
    ],
)
def test_units_that_cannot_be_billed_are_refused(units: str, message: str) -> None:
    assert refusal(claim(units), product()) == ("units", message)


def test_units_may_be_as_fine_as_their_product_says() -> None:
    fine = product(unit_decimals=3)

    assert refusal(claim("0.125"), fine) is None
    assert refusal(claim("0.1250"), fine) is None
    assert refusal(claim("0.0001"), fine) == ("units", "must not have more than 3 decimal places")


def test_one_event_may_cost_so_much_and_no_more() -> None:
    """2^53 - 1 units at 25 cents broke a wallet for ever elsewhere; here they are turned away."""
    assert refusal(claim("10000000000"), product("1")) is None
    assert refusal(claim("10000000001"), product("1")) == (
        "units",
        f"would cost 10000000001 cents; one event may cost at most {EVENT_AMOUNT_CENTS_MAX}",
    )
    assert refusal(claim(str(2**53 - 1)), product("25")) is not None


def test_a_free_product_may_be_used_up_to_the_bound_of_units() -> None:
    assert refusal(claim(str(UNITS_MAX)), product("0")) is None
    assert refusal(claim(str(UNITS_MAX + 1)), product("0")) is not None


@given(
    st.decimals(min_value=Decimal("0.000001"), max_value=2 * UNITS_MAX, places=6),
    st.decimals(min_value=0, max_value=10**15, places=12),
)
def test_a_hundred_thousand_of_the_largest_accepted_events_fit_into_a_wallet(
    units: Decimal, price: Decimal
) -> None:
    fine = product(str(price), unit_decimals=6)
    accepted = refusal(claim(str(units)), fine) is None

    assert accepted == (units <= UNITS_MAX and units * price <= EVENT_AMOUNT_CENTS_MAX)
    assert not accepted or 100_000 * units * price <= MAX_CENTS


@pytest.mark.parametrize(
    ("occurred_at", "message"),
    [
        (OCCURRED_AT_MIN - timedelta(microseconds=1), "must not be before the year 2000"),
        (START + timedelta(days=1, microseconds=1), "must not be more than a day ahead"),
        (datetime.max.replace(tzinfo=UTC), "must not be more than a day ahead"),
        (datetime.min.replace(tzinfo=UTC), "must not be before the year 2000"),
    ],
)
def test_a_time_that_cannot_be_true_is_refused(occurred_at: datetime, message: str) -> None:
    assert refusal(claim("1", occurred_at), product()) == ("occurredAt", message)


@pytest.mark.parametrize("occurred_at", [None, OCCURRED_AT_MIN, START, START + timedelta(days=1)])
def test_a_time_within_reason_is_taken(occurred_at: datetime | None) -> None:
    assert refusal(claim("1", occurred_at), product()) is None


EVENT = UsageEvent(
    customer_id="acme",
    event_id="e1",
    product_id="p",
    units=Decimal("1.5"),
    unit_price_cents=Decimal("0.3"),
    price_version=1,
    occurred_at=START,
    recorded_at=START,
    record_id=RecordId("acme", "0", "1"),
)
SAME = UsageClaim("acme", "e1", "p", Decimal("1.50"), START)


def test_an_event_costs_its_units_at_its_own_price() -> None:
    assert EVENT.amount_cents == Decimal("0.45")


def test_a_claim_that_says_the_same_repeats_an_event() -> None:
    assert EVENT.repeats(SAME)
    assert EVENT.repeats(replace(SAME, occurred_at=None))


@pytest.mark.parametrize(
    "other",
    [
        replace(SAME, units=Decimal("1.51")),
        replace(SAME, product_id="q"),
        replace(SAME, occurred_at=START + timedelta(microseconds=1)),
    ],
)
def test_a_claim_that_says_something_else_does_not(other: UsageClaim) -> None:
    assert not EVENT.repeats(other)
