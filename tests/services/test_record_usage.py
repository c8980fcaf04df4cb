"""Recording usage: every event once and for ever, whatever else is in its batch."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from billing.domain.errors import (
    BillingError,
    CustomerNotFoundError,
    EventConflictError,
    InvalidInputError,
    ProductNotFoundError,
)
from billing.domain.tabs import SHARDS_MAX
from billing.domain.usage import UsageClaim
from billing.services.record_usage import Outcome, Refused, UsageResult
from tests.support.books import Books, event_in
from tests.support.clock import START
from tests.support.faults import CONFLICT, Faults, meanwhile, on

ACCEPTED, DUPLICATE, CONFLICTING, REJECTED = (
    Outcome.ACCEPTED,
    Outcome.DUPLICATE,
    Outcome.CONFLICT,
    Outcome.REJECTED,
)


@pytest.fixture
def books(books: Books) -> Books:
    """Give books with a customer and a product of one cent a unit."""
    books.customer("acme")
    books.product("api-calls", "1")
    return books


def outcomes(results: list[UsageResult]) -> list[Outcome]:
    """Tell only what became of the claims."""
    return [result.outcome for result in results]


def error_of(result: UsageResult) -> BillingError:
    """Give the error of a claim that was refused."""
    assert isinstance(result, Refused)
    return result.error


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


@pytest.mark.parametrize("count", [99, 100, 250])
def test_a_batch_of_one_customer_is_recorded_whole(books: Books, count: int) -> None:
    claims = [books.claim(1) for _ in range(count)]

    results = books.record(claims)

    assert outcomes(results) == [ACCEPTED] * count
    assert [event_in(r).event_id for r in results] == [c.event_id for c in claims]
    books.bill()
    assert books.balance_cents() == -count
    books.assert_sound()


def test_a_batch_of_many_customers_is_recorded_in_its_order(books: Books) -> None:
    names = [f"customer-{n}" for n in range(10)]
    for name in names:
        books.customer(name)
    claims = [books.claim(n + 1, customer_id=name) for n, name in enumerate(names * 2)]

    results = books.record(claims)

    assert outcomes(results) == [ACCEPTED] * 20
    assert [event_in(r).units for r in results] == [c.units for c in claims]
    books.bill()
    for n, name in enumerate(names):
        assert books.balance_cents(name) == -(n + 1) - (n + 11)
        books.assert_sound(name)


def test_a_batch_of_many_products_stays_within_the_limits_of_an_expression(books: Books) -> None:
    """A tab's update spells out each line; DynamoDB takes 4 KB of it at a time."""
    for number in range(60):
        books.product(f"product-{number}", str(number))
    claims = [books.claim(1, product_id=f"product-{number}") for number in range(60)]
    months = [
        replace(books.claim(1), occurred_at=datetime(2020 + n // 12, 1 + n % 12, 5, tzinfo=UTC))
        for n in range(40)
    ]

    results = books.record([*claims, *months])

    assert outcomes(results) == [ACCEPTED] * 100
    books.bill()
    assert books.balance_cents() == -sum(range(60)) - 40
    books.assert_sound()


def test_no_event_at_all_is_no_work(books: Books, faults: Faults) -> None:
    assert faults.count(lambda: books.record([])) == 0


def test_a_container_that_slept_through_a_run_records_on_the_next_tab(books: Books) -> None:
    books.use(1)
    awake = books.tab_numbers
    books.restart_container()
    books.bill()
    books.tab_numbers = awake
    books.clock.now -= timedelta(seconds=30)

    result = books.use(2)

    assert event_in(result).record_id.name == "2"
    books.bill()
    assert books.balance_cents() == -3
    books.assert_sound()


def test_an_outdated_number_costs_one_more_try_and_nothing_later(
    books: Books, faults: Faults
) -> None:
    books.use(1)
    books.bill()
    books.clock.now -= timedelta(seconds=60)

    assert faults.count(lambda: books.use(1)) == 2
    assert faults.count(lambda: books.use(1)) == 1


def test_usage_in_the_middle_of_a_run_is_billed_once(books: Books, faults: Faults) -> None:
    """Events that arrive after the seal belong to the next record, and stay in the dirty index."""
    books.use(1)
    with faults.planned(on("TransactWriteItems", meanwhile(lambda: books.use(2)))):
        report = books.bill()
    books.assert_sound()

    again = books.bill()

    assert (report.records_paid, again.records_paid) == (1, 1)
    assert [record.amount_cents for record in books.records()] == [1, 2]
    assert books.balance_cents() == -3
    books.assert_sound()


def test_a_conflict_moves_a_customer_to_another_tab(books: Books, faults: Faults) -> None:
    books.use(1)
    with faults.planned(on("TransactWriteItems", CONFLICT)):
        moved = books.use(2)
    stays = books.use(4)

    shards = [event_in(result).record_id.tab.shard for result in (moved, stays)]
    assert shards[0] == shards[1] != 0
    books.assert_sound()
    report = books.bill()
    assert (report.tabs_settled, report.records_paid) == (2, 2)
    assert books.balance_cents() == -7
    books.assert_sound()


def test_a_hot_customer_spreads_over_every_tab_and_all_are_billed(books: Books) -> None:
    for shard in range(SHARDS_MAX):
        record_on(shard, books.claim(2**shard), books)
    books.assert_sound()

    report = books.bill()

    assert report.tabs_settled == SHARDS_MAX
    assert books.balance_cents() == -(2**SHARDS_MAX) + 1
    books.assert_sound()


def record_on(shard: int, claim: UsageClaim, books: Books) -> None:
    """Record on a certain tab, by a conflict that moves a fresh container there from the first."""
    books.restart_container()
    fault = meanwhile(lambda: None) if shard == 0 else CONFLICT
    with Faults(books.client).planned(on("TransactWriteItems", fault)):
        [result] = books.recorder(lambda _count: shard - 1).record([claim])
    assert event_in(result).record_id.tab.shard == shard


@pytest.mark.on_dynamodb_local
def test_a_tab_full_of_lines_sends_usage_to_another(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.storage.tabs.LINES_MAX", 3)
    monkeypatch.setattr("billing.domain.tabs.LINES_MAX", 3)
    for number in range(8):
        books.product(f"product-{number}", "1")

    results = [books.use(1, product_id=f"product-{number}") for number in range(8)]

    assert outcomes(results) == [ACCEPTED] * 8
    assert {event_in(r).record_id.tab.shard for r in results} != {0}
    books.bill()
    assert books.balance_cents() == -8
    books.assert_sound()


def test_late_usage_counts_in_its_own_month(books: Books) -> None:
    december = datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)
    books.record([books.claim(1), replace(books.claim(2), occurred_at=december)])
    books.bill()

    [record] = books.records()
    assert {line.month: totals.units for line, totals in record.lines.items()} == {
        "2026-01": 1,
        "2025-12": 2,
    }
    books.assert_sound()


@pytest.mark.parametrize(
    "occurred_at", [datetime(1999, 12, 31, tzinfo=UTC), START + timedelta(days=2)]
)
def test_usage_of_an_impossible_time_is_refused(books: Books, occurred_at: datetime) -> None:
    [result] = books.record([replace(books.claim(1), occurred_at=occurred_at)])

    error = error_of(result)
    assert isinstance(error, InvalidInputError)
    assert error.errors[0].field == "occurred_at"


def test_every_part_of_a_cent_is_counted_and_none_twice(books: Books) -> None:
    books.product("tiny", "0.000000000001", unit_decimals=6)
    for _ in range(3):
        books.use("0.000001", product_id="tiny")
    books.bill()
    wallet = books.stores.wallets.get("acme")

    assert wallet is not None
    assert wallet.carry_cents == Decimal("3E-18")
    assert wallet.balance_cents == 0
    books.assert_sound()


def test_huge_usage_adds_up_to_the_cent(books: Books) -> None:
    books.product("dear", "25")
    largest = 4 * 10**8
    results = [books.use(largest - n, product_id="dear") for n in range(5)]
    books.bill()

    assert outcomes(results) == [ACCEPTED] * 5
    assert books.balance_cents() == -25 * (5 * largest - 10)
    books.assert_sound()


def test_a_batch_sent_by_many_at_once_is_recorded_once(books: Books) -> None:
    # All callers pause on one clock here, so that each must wait for the pauses of all.
    books.patience_seconds = 10_000
    claims = [books.claim(n + 1) for n in range(5)]

    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda _: books.record(claims), range(8)))

    for position in range(5):
        told = [answer[position] for answer in answers]
        assert outcomes(told).count(ACCEPTED) == 1
        assert outcomes(told).count(DUPLICATE) == 7
        assert len({event_in(result) for result in told}) == 1
    books.bill()
    assert books.balance_cents() == -15
    books.assert_sound()


def test_usage_that_pours_in_while_runs_go_on_is_billed_once(books: Books) -> None:
    books.patience_seconds = 10_000

    def record_ten(_: int) -> list[Outcome]:
        return outcomes([books.use(1) for _ in range(10)])

    with ThreadPoolExecutor(max_workers=4) as pool:
        recording = pool.map(record_ten, range(4))
        for number in range(3):
            books.bill(owner=f"run-{number}")
        recorded = [outcome for ten in recording for outcome in ten]

    assert recorded == [ACCEPTED] * 40
    books.assert_sound()
    books.bill()
    assert books.balance_cents() == -40
    books.assert_sound()
