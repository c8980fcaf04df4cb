"""A container looks at a number where a failed try would cost more."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.seals import JITTER, Sighting, chance_of_seal, is_worth_a_look
from billing.domain.tabs import OpenTab, TabRef
from tests.support.clock import START

INTERVAL = timedelta(seconds=60)
EARLY_SECONDS = 60 * (1 - JITTER)
LATE_SECONDS = 60 * (1 + JITTER)
BATCH, SINGLE = 99, 1

# Sealed at the start, and in use again at once.
BUSY = OpenTab(TabRef("acme", 0), 2, opened_at=START, sealed_at=START)
EMPTY = replace(BUSY, opened_at=None)


def chance(tab: OpenTab, *, seen: float, now: float) -> float:
    """Tell the chance by seconds since the start."""
    sighting = Sighting(tab, START + timedelta(seconds=seen))
    return chance_of_seal(sighting, now=START + timedelta(seconds=now), interval=INTERVAL)


def looks(tab: OpenTab, events: int, *, seen: float, now: float) -> bool:
    """Tell by seconds since the start whether a container looks."""
    sighting = Sighting(tab, START + timedelta(seconds=seen))
    at = START + timedelta(seconds=now)
    return is_worth_a_look(sighting, events, now=at, interval=INTERVAL)


def test_between_two_runs_nobody_looks() -> None:
    assert chance(BUSY, seen=0, now=EARLY_SECONDS) == 0
    assert not looks(BUSY, BATCH, seen=0, now=EARLY_SECONDS)


def test_after_the_run_everybody_looks() -> None:
    assert chance(BUSY, seen=50, now=LATE_SECONDS) == 1
    assert looks(BUSY, SINGLE, seen=50, now=LATE_SECONDS)


def test_while_the_run_is_due_a_batch_looks_sooner_than_an_event() -> None:
    """A batch has two hundred units to lose, an event four."""
    assert looks(BUSY, BATCH, seen=53, now=55)
    assert not looks(BUSY, SINGLE, seen=53, now=55)
    assert looks(BUSY, SINGLE, seen=53, now=56)


def test_events_in_quick_succession_are_tried_without_a_look() -> None:
    """One of them fails; a look before each would cost more than that."""
    assert not looks(BUSY, SINGLE, seen=60, now=60.1)


def test_usage_that_comes_rarely_makes_the_run_that_follows_it_the_one_that_seals() -> None:
    """Runs came at 0, 60 … 600 s, and found nothing; usage came at 605 s, and the next at 660 s."""
    tab = replace(BUSY, opened_at=START + timedelta(seconds=605))

    assert chance(tab, seen=605, now=650) == 0
    assert 0.4 < chance(tab, seen=605, now=660) < 0.6
    assert chance(tab, seen=605, now=667) == 1


def test_an_empty_tab_is_in_use_from_when_it_was_seen_as_far_as_anybody_knows() -> None:
    assert chance(EMPTY, seen=605, now=650) == 0
    assert chance(EMPTY, seen=605, now=667) == 1


def test_a_tab_that_was_never_sealed_may_be_sealed_at_any_moment_of_an_interval() -> None:
    tab = replace(BUSY, sealed_at=None)

    assert chance(tab, seen=0, now=33) == pytest.approx(0.5)
    assert chance(tab, seen=33, now=LATE_SECONDS) == 1


def test_the_longer_runs_left_a_tab_alone_the_longer_they_are_thought_to() -> None:
    """A tab that is held for a day is not looked at each minute."""
    a_minute_after_the_run, a_day = 120, 86_400
    assert looks(BUSY, BATCH, seen=a_minute_after_the_run, now=a_minute_after_the_run + 6)
    assert not looks(BUSY, BATCH, seen=a_day, now=a_day + 60)
    assert looks(BUSY, BATCH, seen=a_day, now=a_day + 300)


def test_a_clock_that_is_behind_takes_what_lies_ahead_for_now() -> None:
    """Else a run whose clock is ahead by an hour would not be expected for an hour."""
    ahead = START + timedelta(hours=1)
    sighting = Sighting.of(replace(BUSY, opened_at=ahead, sealed_at=ahead), now=START)

    assert sighting == Sighting(BUSY, START)


def test_a_clock_that_goes_back_is_no_reason_to_look() -> None:
    assert chance(BUSY, seen=60, now=30) == 0
    assert chance(BUSY, seen=300, now=0) == 0


seconds = st.floats(0, 10**6)


@given(
    opened=seconds | st.none(),
    sealed=seconds | st.none(),
    moments=st.tuples(seconds, seconds, seconds),
)
def test_a_chance_is_one_and_grows_with_time(
    opened: float | None, sealed: float | None, moments: tuple[float, float, float]
) -> None:
    seen, now, later = sorted(moments)
    tab = OpenTab(
        TabRef("acme", 0),
        1,
        None if opened is None else START + timedelta(seconds=opened),
        None if sealed is None else START + timedelta(seconds=sealed),
    )
    tab = Sighting.of(tab, now=START + timedelta(seconds=seen)).tab

    assert 0 <= chance(tab, seen=seen, now=now) <= chance(tab, seen=seen, now=later) <= 1
