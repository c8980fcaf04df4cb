"""What becomes of an event: recorded, a duplicate, a conflict, or refused."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from billing.domain.errors import (
    CustomerNotFoundError,
    EventConflictError,
    InvalidInputError,
    ProductNotFoundError,
)
from billing.domain.usage import UsageClaim
from tests.services.record_usage.results import (
    ACCEPTED,
    CONFLICTING,
    DUPLICATE,
    REJECTED,
    error_of,
    outcomes,
)
from tests.support.books import Books, event_in
from tests.support.clock import START


def test_an_event_is_answered_as_it_was_recorded(books: Books) -> None:
    claim = replace(books.claim(3, event_id="e1"), occurred_at=START - timedelta(hours=1))

    [result] = books.record([claim])

    event = event_in(result)
    assert (event.customer_id, event.event_id, event.product_id) == ("acme", "e1", "api-calls")
    assert (event.units, event.unit_price_cents) == (Decimal(3), Decimal(1))
    assert event.price_version == 1
    assert (event.occurred_at, event.recorded_at) == (START - timedelta(hours=1), START)
    assert str(event.record_id) == "acme~0~1"


def test_an_event_sent_again_is_a_duplicate_with_the_first_answer(books: Books) -> None:
    claim = replace(books.claim(3), occurred_at=START)
    [first] = books.record([claim])
    books.clock.advance(5)
    before = books.counts()

    [again] = books.record([claim])

    assert again.outcome is DUPLICATE
    assert event_in(again) == event_in(first)
    assert books.counts() == before
    books.assert_sound()


def test_an_event_sent_again_without_its_time_is_a_duplicate_at_any_time(books: Books) -> None:
    claim = books.claim(3)
    [first] = books.record([claim])
    books.clock.advance(3600)

    [again] = books.record([claim])

    assert again.outcome is DUPLICATE
    assert event_in(again) == event_in(first)


@pytest.mark.parametrize(
    "other",
    [
        UsageClaim("acme", "e1", "api-calls", Decimal(4)),
        UsageClaim("acme", "e1", "storage", Decimal(3)),
        UsageClaim("acme", "e1", "api-calls", Decimal(3), START + timedelta(seconds=1)),
    ],
    ids=["units", "product", "time"],
)
def test_an_event_id_used_for_other_content_is_a_conflict(books: Books, other: UsageClaim) -> None:
    books.product("storage", "5")
    books.record([books.claim(3, event_id="e1")])
    before = books.counts()

    [conflicting] = books.record([other])

    assert conflicting.outcome is CONFLICTING
    assert isinstance(error_of(conflicting), EventConflictError)
    assert books.counts() == before
    books.assert_sound()


def test_an_event_id_is_free_for_every_other_customer(books: Books) -> None:
    books.customer("globex")

    results = books.record(
        [books.claim(1, customer_id=c, event_id="e") for c in ("acme", "globex")]
    )

    assert outcomes(results) == [ACCEPTED, ACCEPTED]


def test_an_event_stays_recorded_after_it_was_billed(books: Books) -> None:
    claim = books.claim(3)
    books.record([claim])
    books.bill()
    books.restart_container()

    [again] = books.record([claim])
    [other] = books.record([replace(claim, units=Decimal(4))])
    report = books.bill()

    assert (again.outcome, other.outcome) == (DUPLICATE, CONFLICTING)
    assert report.tabs_settled == 0
    assert books.balance_cents() == -3
    books.assert_sound()


def test_repetitions_within_a_batch_are_judged_like_any_other(books: Books) -> None:
    claim = books.claim(3)

    results = books.record([claim, replace(claim, units=Decimal(4)), claim])

    assert outcomes(results) == [ACCEPTED, CONFLICTING, DUPLICATE]
    books.bill()
    assert books.balance_cents() == -3


def test_a_repetition_after_a_conflict_in_the_same_batch_is_still_a_duplicate(books: Books) -> None:
    claim = books.claim(3)
    books.record([claim])

    results = books.record([replace(claim, units=Decimal(4)), claim])

    assert outcomes(results) == [CONFLICTING, DUPLICATE]


def test_a_refused_event_keeps_no_other_out(books: Books) -> None:
    old = books.claim(1)
    books.record([old])
    claims = [
        books.claim(2),
        books.claim("1.5"),
        books.claim(3, product_id="unknown"),
        old,
        replace(old, units=Decimal(9)),
        books.claim(4),
        books.claim(5, customer_id="nobody"),
    ]

    results = books.record(claims)

    assert outcomes(results) == [
        ACCEPTED,
        REJECTED,
        REJECTED,
        DUPLICATE,
        CONFLICTING,
        ACCEPTED,
        REJECTED,
    ]
    books.bill()
    assert books.balance_cents() == -7
    books.assert_sound()


def test_an_invalid_event_does_not_spoil_its_id_for_a_valid_one(books: Books) -> None:
    bad = books.claim("1.5", event_id="e1")

    results = books.record([bad, replace(bad, units=Decimal(2))])

    assert outcomes(results) == [REJECTED, ACCEPTED]


@pytest.mark.parametrize(
    ("units", "field"),
    [("0", "units"), ("-1", "units"), ("1.5", "units"), ("9007199254740993", "units")],
)
def test_units_that_cannot_be_billed_are_refused_and_stored_nowhere(
    books: Books, units: str, field: str
) -> None:
    before = books.counts()

    error = error_of(books.use(units))

    assert isinstance(error, InvalidInputError)
    assert [fault.field for fault in error.errors] == [field]
    assert books.counts() == before


def test_an_event_that_no_float_could_add_up_is_turned_away_and_spoils_nothing(
    books: Books,
) -> None:
    """Elsewhere 2^53 - 1 units at 25 cents left a wallet that its ledger never matched again."""
    books.product("dear", "25")
    before = books.counts()

    for units in (2**53 - 1, 2**53 + 1):
        assert isinstance(error_of(books.use(units, product_id="dear")), InvalidInputError)

    assert books.counts() == before
    books.use(4, product_id="dear")
    books.bill()
    assert books.balance_cents() == -100
    books.assert_sound()


def test_zeros_behind_the_point_are_no_digits(books: Books) -> None:
    """DynamoDB holds 38 digits; zeros that say nothing must not count among them."""
    [result] = books.record([books.claim("2." + "0" * 50)])

    assert result.outcome is ACCEPTED
    books.bill()
    assert books.balance_cents() == -2


def test_the_customer_is_looked_for_before_the_product(books: Books) -> None:
    claim = books.claim(1, customer_id="nobody", product_id="unknown")

    assert isinstance(error_of(books.record([claim])[0]), CustomerNotFoundError)
    error = error_of(books.use(1, product_id="unknown"))
    assert isinstance(error, ProductNotFoundError)
    assert str(error) == "Product unknown not found"


def test_a_customer_made_this_moment_may_be_used_at_once(books: Books) -> None:
    assert isinstance(error_of(books.use(1, customer_id="late")), CustomerNotFoundError)

    books.customer("late")

    assert books.use(1, customer_id="late").outcome is ACCEPTED


def test_ids_are_compared_letter_by_letter(books: Books) -> None:
    assert books.use(1, customer_id="ACME").outcome is REJECTED
    assert books.use(1, product_id="API-Calls").outcome is REJECTED
