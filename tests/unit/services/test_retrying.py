"""Trying again ends with the time there is, and one fault reaches no further than its subject."""

import threading
from collections.abc import Callable

import pytest

from billing.domain.deadline import Deadline
from billing.domain.errors import UnavailableError
from billing.services.retrying import (
    TRY_SECONDS_MIN,
    TURN_SECONDS_MAX,
    WORKERS,
    Retry,
    each_on_its_own,
    side_by_side,
    turn_seconds,
)
from billing.storage.dynamo import Backoff, Dynamo
from billing.storage.stores import Stores, Tables, open_stores
from tests.support import sessions
from tests.support.books import without_waiting
from tests.support.clock import SettableMonotonic


@pytest.fixture
def monotonic() -> SettableMonotonic:
    """Give a clock that stands still."""
    return SettableMonotonic()


@pytest.fixture
def stores(monotonic: SettableMonotonic) -> Stores:
    """Give stores of an invocation of a tenth of a second, which nobody asks anything."""
    backoff: Backoff = without_waiting(monotonic)
    client = sessions.testing_session().client("dynamodb")
    dynamo = Dynamo(client, Deadline.after(0.1, monotonic), backoff)
    return open_stores(dynamo, Tables("accounts", "ledger", "usage"))


def wait_to_the_end(retry: Retry, *, throttled: bool = False) -> None:
    """Wait until no time is left."""
    while True:
        retry.wait(throttled=throttled)


def test_who_lost_the_first_race_tries_again_at_once(
    stores: Stores, monotonic: SettableMonotonic
) -> None:
    retry = Retry(stores)
    monotonic.seconds += 0.01

    assert not retry.wait()
    assert monotonic.slept == []


def test_who_loses_again_waits_in_times_that_a_try_takes(
    stores: Stores, monotonic: SettableMonotonic
) -> None:
    retry = Retry(stores, places=10)
    waited = []
    for _ in range(8):
        monotonic.seconds += 0.006
        waited.append(retry.wait())

    assert monotonic.slept == pytest.approx([40 * 0.0006, 20 * 0.0006, 8 * 0.0006])
    assert waited == [False, True, True, False, False, False, True, False]


def test_after_a_try_that_took_no_time_a_turn_has_a_length_all_the_same() -> None:
    assert turn_seconds(2, 0.0) == 40 * TRY_SECONDS_MIN


def test_after_a_try_that_took_long_nobody_waits_long() -> None:
    assert turn_seconds(2, 10.0) == TURN_SECONDS_MAX


def test_who_never_wins_tries_less_and_less_often() -> None:
    rounds = [turn_seconds(lost, 0.01) for lost in range(7, 100, 4)]

    assert rounds[:3] == pytest.approx([0.08, 0.096, 0.1152])
    assert rounds == sorted(rounds)
    assert rounds[-1] == turn_seconds(100_003, 0.01) == TURN_SECONDS_MAX


def test_races_are_lost_until_the_time_runs_out(
    stores: Stores, monotonic: SettableMonotonic
) -> None:
    with pytest.raises(UnavailableError, match="The shop is busy"):
        wait_to_the_end(Retry(stores, busy="The shop is busy", places=10))

    assert 0.0 < monotonic.seconds < 0.1


def test_what_was_throttled_is_tried_after_longer_each_time(
    stores: Stores, monotonic: SettableMonotonic
) -> None:
    with pytest.raises(UnavailableError):
        wait_to_the_end(Retry(stores), throttled=True)

    assert monotonic.slept == [0.025, 0.05]


def test_a_race_that_was_lost_makes_no_throttling_worse(
    stores: Stores, monotonic: SettableMonotonic
) -> None:
    retry = Retry(stores)
    retry.wait()

    assert retry.wait(throttled=True)
    assert monotonic.slept == [0.025]


def test_nothing_is_tried_at_once_when_the_time_is_over(
    stores: Stores, monotonic: SettableMonotonic
) -> None:
    retry = Retry(stores)
    monotonic.seconds += 0.1

    with pytest.raises(UnavailableError):
        retry.wait()


@pytest.mark.parametrize("count", [0, 1, WORKERS + 1], ids=["none", "one", "many"])
def test_results_stand_in_the_order_of_what_was_given(count: int) -> None:
    assert side_by_side(str, range(count)) == [str(number) for number in range(count)]


def test_things_are_worked_on_at_the_same_time() -> None:
    all_there = threading.Barrier(WORKERS, timeout=10)

    side_by_side(lambda _number: all_there.wait(), range(WORKERS))


def failing_at(subject: str) -> Callable[[str], str]:
    """Make work that fails at one subject."""

    def work(given: str) -> str:
        if given == subject:
            raise ValueError("no luck")
        return given.upper()

    return work


def test_a_subject_that_fails_is_told_and_keeps_no_other_from_its_turn(
    monotonic: SettableMonotonic,
) -> None:
    deadline = Deadline.after(1, monotonic)
    progress = each_on_its_own(failing_at("b"), ["a", "b", "c"], deadline=deadline)

    assert progress.results == ["A", "C"]
    [failure] = progress.failures
    assert (failure.subject, str(failure.error)) == ("b", "no luck")
    assert progress.remaining == 0


def test_what_was_not_begun_in_time_remains(monotonic: SettableMonotonic) -> None:
    progress = each_on_its_own(str, [1, 2], deadline=Deadline.after(0, monotonic))

    assert (progress.results, progress.failures, progress.remaining) == ([], (), 2)
