"""What recording costs over many billing intervals, while runs seal the tab again and again."""

from decimal import Decimal

import pytest

from tests.services.write_units.living import Life
from tests.services.write_units.test_budgets import Measured
from tests.support.books import Books
from tests.support.write_units import Meter


@pytest.mark.parametrize("containers", [1, 3], ids=["one-container", "three-containers"])
def test_a_customer_who_sends_batches(
    books: Books, meter: Meter, measured: Measured, containers: int
) -> None:
    """990 events an interval, with all that bills them: no try fails on a number."""
    life = Life(books, meter, spacing_seconds=6, events=99, containers=containers)

    counted = life.live()

    written, looked = counted.written_per_event, counted.looked_per_event(3 * 60, containers)
    measured(f"over three intervals, {containers} containers, per event", written, "at most 3.1")
    measured(f"over three intervals, {containers} containers, looks", looked, "at most 0.02")
    assert counted.failed == 0
    assert written <= Decimal("3.1")
    assert looked <= Decimal("0.02")


def test_a_customer_who_sends_an_event_a_second(
    books: Books, meter: Meter, measured: Measured
) -> None:
    """An event has four units to lose, so that it looks less eagerly than a batch."""
    counted = Life(books, meter, spacing_seconds=1).live()

    looked = counted.looked_per_event(3 * 60)
    measured(
        "over three intervals, one a second, per event", counted.written_per_event, "no budget"
    )
    measured("over three intervals, one a second, looks", looked, "at most 0.02")
    assert counted.failed <= 1
    assert looked <= Decimal("0.02")


def test_a_customer_who_sends_ten_events_an_interval(
    books: Books, meter: Meter, measured: Measured
) -> None:
    """Three looks cost less than a tenth of what the try would that fails after each seal."""
    counted = Life(books, meter, spacing_seconds=6, intervals=6).live()

    looked = counted.looked_per_event(6 * 60) * counted.events / 6
    measured("over six intervals, ten events each, looks an interval", looked, "at most 1.5")
    assert counted.failed == 0
    assert looked <= Decimal("1.5")


def test_a_tab_that_no_run_seals_is_looked_at_less_and_less(books: Books, meter: Meter) -> None:
    """For instance one that waits for its customer's money for a day."""
    life = Life(books, meter, spacing_seconds=20, intervals=60, runs_hold=True)
    counted = life.live()

    assert counted.failed == 0
    assert counted.looked_per_event(3600) <= Decimal("0.05")
