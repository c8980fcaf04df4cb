"""Rating: an event costs its units at its own price, and whole cents come of exact amounts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.accounts import Account
from billing.domain.charging import Posting
from billing.domain.customers import Customer, Mode, Status
from billing.domain.errors import InvalidInputError, ProductArchivedError
from billing.domain.ledger import Wallet
from billing.domain.money import EVENT_AMOUNT_CENTS_MAX, MAX_CENTS, add
from billing.domain.months import CountedMonths
from billing.domain.prices import flat
from billing.domain.pricing import PriceVersion, Product
from billing.domain.rating import (
    PricedClaim,
    amount_of,
    bill,
    lines_of,
    pending_cents,
    price_claim,
    rate,
    split_cents,
    to_shown_cents,
)
from billing.domain.records import BilledLine, RecordId, RecordStatus
from billing.domain.tabs import LineKey, LineTotals, SealedTab, Tab, TabRef, unbilled
from billing.domain.usage import OCCURRED_AT_MIN, UNITS_MAX, UsageClaim, UsageEvent
from tests.support.clock import START
from tests.unit.domain.drawn import exact_cents, prices, units

REF = TabRef("acme", 3)
NO_MONTHS: CountedMonths = {}
LINE = LineKey("p", 1, "2026-01")
LATER = START + timedelta(days=40)


def product(price: str = "1", *, unit_decimals: int = 0) -> Product:
    """Make a product of one price."""
    return Product("p", "P", unit_decimals, (PriceVersion(1, flat(Decimal(price)), START),), START)


def claim(units: str, occurred_at: datetime | None = None) -> UsageClaim:
    """Say what was used."""
    return UsageClaim("acme", "e1", "p", Decimal(units), occurred_at)


def refusal(of: UsageClaim, product_: Product) -> tuple[str, str] | None:
    """Price a claim, and tell the field and the message if it is refused."""
    try:
        price_claim(of, product_, now=START)
    except InvalidInputError as error:
        [fault] = error.errors
        return fault.field, fault.message
    return None


@pytest.mark.parametrize(
    ("units", "message"),
    [
        ("0", "must be greater than 0"),
        ("-1", "must be greater than 0"),
        ("1.5", "must be a whole number"),
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
    assert refusal(claim("1", occurred_at), product()) == ("occurred_at", message)


@pytest.mark.parametrize("occurred_at", [None, OCCURRED_AT_MIN, START, START + timedelta(days=1)])
def test_a_time_within_reason_is_taken(occurred_at: datetime | None) -> None:
    assert refusal(claim("1", occurred_at), product()) is None


REPRICED = replace(
    product("0.3", unit_decimals=1),
    prices=(
        PriceVersion(1, flat(Decimal("0.3")), START),
        PriceVersion(2, flat(Decimal("0.4")), LATER),
    ),
)
RECORD_ID = RecordId.of_tab(REF, 7)


def rated(of: UsageClaim, *, now: datetime) -> UsageEvent:
    """Price a claim and record it at once."""
    return rate(price_claim(of, REPRICED, now=now), RECORD_ID, now=now)


def test_an_event_is_rated_at_the_price_in_force_when_it_occurred() -> None:
    """One that is said to occur ahead counts as now: what comes into force by then may change."""
    just_before = LATER - timedelta(microseconds=1)
    expected = {
        rated(claim("1.50"), now=just_before): (1, Decimal("0.45")),
        rated(claim("1.50"), now=LATER): (2, Decimal("0.6")),
        rated(claim("1.50", just_before), now=LATER + timedelta(days=400)): (1, Decimal("0.45")),
        rated(claim("1.50", LATER), now=LATER + timedelta(days=400)): (2, Decimal("0.6")),
        rated(claim("1.50", LATER), now=just_before): (1, Decimal("0.45")),
        rated(claim("1.50", OCCURRED_AT_MIN), now=LATER): (1, Decimal("0.45")),
    }
    found = {event: (event.price_version, amount_of(event)) for event in expected}
    assert found == expected


def test_a_product_takes_no_usage_that_occurred_after_its_end() -> None:
    archived = product().archived(at=LATER)

    assert price_claim(claim("1", LATER - timedelta(microseconds=1)), archived, now=LATER)
    assert price_claim(claim("1"), archived, now=LATER - timedelta(microseconds=1))
    for late in (claim("1"), claim("1", LATER)):
        with pytest.raises(ProductArchivedError):
            price_claim(late, archived, now=LATER)


def test_a_claim_keeps_its_price_and_its_time_however_long_it_is_tried_to_record_it() -> None:
    judged_at = LATER - timedelta(seconds=1)
    priced = price_claim(claim("1.50"), REPRICED, now=judged_at)

    event = rate(priced, RECORD_ID, now=LATER)

    assert (event.price_version, event.occurred_at) == (1, judged_at)
    assert event.recorded_at == LATER


def test_an_event_says_what_its_claim_says_and_which_record_bills_it() -> None:
    event = rated(claim("1.50", START), now=LATER)

    assert event.repeats(claim("1.5", START))
    assert (event.occurred_at, event.recorded_at, event.record_id) == (START, LATER, RECORD_ID)
    # Stores count zeros that say nothing among the digits of a number.
    assert str(event.units) == "1.5"


def test_an_event_without_a_time_occurred_when_its_claim_was_judged() -> None:
    assert rated(claim("1"), now=LATER).occurred_at == LATER


def test_events_add_to_the_line_of_their_product_price_and_month() -> None:
    events = [
        rated(claim("1.5", START), now=START),
        rated(claim("2", START), now=START),
        rated(claim("2", START), now=LATER),
        rated(claim("1", LATER), now=LATER),
        rated(claim("1", LATER), now=LATER - timedelta(hours=1)),
    ]

    assert lines_of(events) == {
        LineKey("p", 1, "2026-01"): LineTotals(Decimal("5.5"), Decimal("0.3"), 3),
        LineKey("p", 1, "2026-02"): LineTotals(Decimal(1), Decimal("0.3"), 1),
        LineKey("p", 2, "2026-02"): LineTotals(Decimal(1), Decimal("0.4"), 1),
    }


@given(st.lists(st.tuples(units, prices), max_size=20))
def test_lines_hold_every_part_of_a_cent_of_their_events(
    used: list[tuple[Decimal, Decimal]],
) -> None:
    events = [
        rate(
            PricedClaim(claim(str(quantity)), START, PriceVersion(version, flat(price), START)),
            RECORD_ID,
            now=START,
        )
        for version, (quantity, price) in enumerate(used, start=1)
        for _ in range(2)
    ]
    held = [Fraction(amount_of(line) or 0) for line in lines_of(events).values()]

    assert sum(held) == sum(Fraction(amount_of(event) or 0) for event in events)


@given(exact_cents)
def test_whole_cents_and_the_carry_make_the_exact_amount_again(amount: Decimal) -> None:
    whole, carry = split_cents(amount)

    assert type(whole) is int
    assert 0 <= carry < 1
    assert add(Decimal(whole), carry) == amount


@given(st.lists(exact_cents.filter(lambda amount: amount >= 0), min_size=1, max_size=20))
def test_what_is_posted_stays_less_than_a_cent_from_the_exact_sum(amounts: list[Decimal]) -> None:
    posted, carry, exact = 0, Decimal(0), Decimal(0)
    for amount in amounts:
        exact = add(exact, amount)
        whole, carry = split_cents(add(amount, carry))
        posted += whole
        assert 0 <= exact - posted < 1


@pytest.mark.parametrize(
    ("exact", "shown"),
    [("0.5", 1), ("-0.5", -1), ("0.499999", 0), ("2.5", 3), ("-2.5", -3), ("1E+3", 1000)],
)
def test_shown_cents_round_half_away_from_zero(exact: str, shown: int) -> None:
    assert to_shown_cents(Decimal(exact)) == shown


def sealed(amount: Decimal, *, number: int = 1) -> SealedTab:
    """Make a sealed tab whose one line comes to an amount."""
    return SealedTab(number, {LINE: LineTotals(Decimal(1), amount, 1)}, START, LATER)


def account(
    carry_cents: str = "0", *, balance_cents: int = 0, mode: Mode = Mode.POSTPAID
) -> Account:
    """Make an account that carries a part of a cent."""
    customer = Customer("acme", mode, Status.ACTIVE, START)
    wallet = Wallet(
        "acme",
        balance_cents=balance_cents,
        floor_cents=customer.floor_cents,
        carry_cents=Decimal(carry_cents),
    )
    return Account(customer, wallet)


def billed(content: SealedTab, at: Account, schedule: Sequence[int] = (1,)) -> Posting:
    """Bill sealed content of which no line is counted by its month."""
    return bill(REF, content, at, NO_MONTHS, schedule, now=LATER)


def test_a_sealed_tab_becomes_the_record_that_its_events_name() -> None:
    posting = bill(
        REF, sealed(Decimal("2.75"), number=7), account("0.5"), NO_MONTHS, (1,), now=LATER
    )

    record = posting.record
    assert (record.id, record.status, record.amount_cents) == (RECORD_ID, RecordStatus.PAID, 3)
    assert (record.opened_at, record.sealed_at, record.created_at) == (START, LATER, LATER)
    assert record.lines == {LINE: BilledLine(Decimal(1), Decimal("2.75"), 1)}
    assert posting.account.wallet.carry_cents == Decimal("0.25")
    assert posting.account.wallet.balance_cents == -3


def test_less_than_a_cent_is_carried_and_posts_nothing() -> None:
    posting = billed(sealed(Decimal("0.25")), account("0.5"))

    assert (posting.record.amount_cents, posting.entry) == (0, None)
    assert posting.account.wallet.carry_cents == Decimal("0.75")


def test_a_tab_that_the_wallet_does_not_cover_leads_a_dunning_on_the_given_schedule() -> None:
    posting = bill(
        REF, sealed(Decimal(5)), account(mode=Mode.PREPAID), NO_MONTHS, (3, 9), now=LATER
    )

    assert posting.record.status is RecordStatus.RETRYING
    assert posting.record.retry_schedule_seconds == (3, 9)


@given(st.lists(st.decimals(0, 10**6, places=18), min_size=1, max_size=20))
def test_bills_stay_less_than_a_cent_from_the_exact_sum_and_the_wallet_carries_the_rest(
    amounts: Sequence[Decimal],
) -> None:
    at, exact = account(), Decimal(0)
    for number, amount in enumerate(amounts, start=1):
        at = billed(sealed(amount, number=number), at).account
        exact = add(exact, amount)

        assert exact + at.wallet.balance_cents == at.wallet.carry_cents
        assert 0 <= at.wallet.carry_cents < 1


def test_pending_is_all_that_is_not_paid_yet_rounded_once() -> None:
    open_lines = {LINE: LineTotals(Decimal(1), Decimal("0.2"), 1)}
    tabs = [Tab(REF, 2, open_lines, sealed(Decimal("0.2"))), Tab(TabRef("acme", 0), 1, open_lines)]
    wallet = replace(account("0.2").wallet, outstanding_cents=40)

    assert pending_cents(wallet, {}, NO_MONTHS) == 40
    assert pending_cents(wallet, unbilled(tabs), NO_MONTHS) == 41
