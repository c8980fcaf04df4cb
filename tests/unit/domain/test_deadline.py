"""A deadline is told by the clock that it was given."""

from billing.domain.deadline import Deadline
from tests.support.clock import SettableMonotonic


def test_a_deadline_passes_when_its_time_is_used_up() -> None:
    monotonic = SettableMonotonic(seconds=100.0)
    deadline = Deadline.after(5.0, monotonic)

    assert deadline.remaining_seconds() == 5.0
    monotonic.sleep(4.0)
    assert not deadline.passed()
    monotonic.sleep(1.0)
    assert deadline.passed()
    monotonic.sleep(1.0)
    assert deadline.remaining_seconds() == 0.0


def test_a_sooner_deadline_leaves_time_for_what_comes_after() -> None:
    monotonic = SettableMonotonic()
    deadline = Deadline.after(5.0, monotonic).sooner(2.0)

    assert deadline.remaining_seconds() == 3.0


def test_a_part_of_the_time_is_never_longer_than_what_is_left() -> None:
    monotonic = SettableMonotonic()
    deadline = Deadline.after(5.0, monotonic)

    assert deadline.within(2.0).remaining_seconds() == 2.0
    monotonic.sleep(4.0)
    assert deadline.within(2.0).remaining_seconds() == 1.0
