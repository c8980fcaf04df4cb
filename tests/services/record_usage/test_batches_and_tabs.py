"""Batches of any size, and the tabs that they are recorded on."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from billing.domain.errors import InvalidInputError, UnavailableError
from billing.domain.tabs import SHARDS_MAX
from billing.domain.usage import UsageClaim
from billing.services.record_usage import Outcome
from tests.services.record_usage.results import (
    ACCEPTED,
    DUPLICATE,
    error_of,
    outcomes,
)
from tests.support.books import Books, event_in
from tests.support.clock import START
from tests.support.faults import CONFLICT, Faults, meanwhile, on


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


def test_a_batch_of_many_products_and_months_is_recorded_whole(books: Books) -> None:
    """A tab's update spells out each line, of which there may be one for each event."""
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
    for number in range(8):
        books.product(f"product-{number}", "1")

    results = [books.use(1, product_id=f"product-{number}") for number in range(8)]

    assert outcomes(results) == [ACCEPTED] * 8
    assert {event_in(r).record_id.tab.shard for r in results} != {0}
    books.bill()
    assert books.balance_cents() == -8
    books.assert_sound()


def test_more_lines_than_all_tabs_hold_wait_for_the_next_run(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line is a product at a price version in a month, of one customer in one interval."""
    monkeypatch.setattr("billing.storage.tabs.LINES_MAX", 0)
    for number in range(SHARDS_MAX + 1):
        books.product(f"product-{number}", "1")
    claims = [
        books.claim(1, product_id=f"product-{number}", event_id=f"event-{number}")
        for number in range(SHARDS_MAX + 1)
    ]

    # Whoever finds a tab full goes on to the next one, not to any: by chance one may be missed.
    [*taken, left] = [books.recorder(lambda _count: 0).record([claim])[0] for claim in claims]

    assert outcomes(taken) == [ACCEPTED] * SHARDS_MAX
    assert isinstance(error_of(left), UnavailableError)
    books.bill()
    assert outcomes(books.record(claims[-1:])) == [ACCEPTED]
    books.bill()
    assert books.balance_cents() == -SHARDS_MAX - 1
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
