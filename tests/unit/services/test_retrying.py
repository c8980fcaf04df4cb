"""Trying again ends with the time there is, and one fault reaches no further than its subject."""

import threading
from collections.abc import Callable

import pytest

from billing.domain.deadline import Deadline
from billing.domain.errors import UnavailableError
from billing.services.retrying import WORKERS, Retry, each_on_its_own, side_by_side
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


def wait_to_the_end(retry: Retry) -> None:
    """Wait until no time is left."""
    while True:
        retry.wait()


def test_waits_grow_until_the_time_runs_out(stores: Stores, monotonic: SettableMonotonic) -> None:
    with pytest.raises(UnavailableError, match="The shop is busy"):
        wait_to_the_end(Retry(stores, busy="The shop is busy"))

    assert monotonic.slept == [0.025, 0.05]


def test_a_first_correction_may_be_tried_at_once(
    stores: Stores, monotonic: SettableMonotonic
) -> None:
    retry = Retry(stores, first_at_once=True)
    retry.wait()
    assert monotonic.slept == []

    retry.wait()
    assert monotonic.slept == [0.05]


def test_no_correction_is_tried_when_the_time_is_over(
    stores: Stores, monotonic: SettableMonotonic
) -> None:
    monotonic.sleep(0.1)

    with pytest.raises(UnavailableError):
        Retry(stores, first_at_once=True).wait()


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
