"""Lines of a tab are short, and say the same as before."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.money import EXACT
from billing.domain.tabs import LineKey, LineTotals
from billing.storage import keys
from billing.storage.tab_lines import code_in, read_lines, stored_lines
from tests.unit.domain.drawn import prices, units

EVENTS_MAX = 5 * 10**9 - 1
UNITS_MAX = 10**12

ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", fullmatch=True)
months = st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(lambda day: f"{day:%Y-%m}")
keys_of_lines = st.builds(LineKey, ids, st.integers(1, 1000), months)
totals = st.builds(LineTotals, units | units.map(lambda u: -u), prices, st.integers(0, EVENTS_MAX))
LINE = LineKey("api-calls", 2, "2026-12")
CODE = keys.product_code("api-calls")


def read(content: dict[str, Decimal]) -> dict[LineKey, LineTotals]:
    """Read lines of the one product."""
    return dict(read_lines(content, {CODE: "api-calls"}))


@pytest.mark.parametrize(
    ("price", "name"),
    [
        ("0.25", f"{CODE}26c2:.25"),
        ("0", f"{CODE}26c2:0"),
        ("10.50", f"{CODE}26c2:10.5"),
        ("1E+3", f"{CODE}26c2:1000"),
        ("0.000000000001", f"{CODE}26c2:.000000000001"),
    ],
    ids=["less-than-one", "nothing", "more-than-one", "whole", "smallest"],
)
def test_a_line_is_named_by_code_month_version_and_price(price: str, name: str) -> None:
    totals = LineTotals(Decimal(3), Decimal(price), 2)

    [(found, value)] = stored_lines({LINE: totals}).items()

    assert (found, value) == (name, Decimal("3.0000000000000002"))
    assert code_in(name) == CODE
    assert read({name: value}) == {LINE: totals}


@given(st.dictionaries(keys_of_lines, totals, max_size=5))
def test_lines_read_back_from_what_is_stored(lines: dict[LineKey, LineTotals]) -> None:
    product_ids = {keys.product_code(key.product_id): key.product_id for key in lines}

    assert read_lines(stored_lines(lines), product_ids) == lines


@given(st.lists(st.tuples(units, st.integers(1, 99)), min_size=1, max_size=30))
def test_what_the_store_adds_up_is_the_sum_of_the_lines(
    added: list[tuple[Decimal, int]],
) -> None:
    """It knows nothing of units and events, and adds one number to another."""
    stored: dict[str, Decimal] = defaultdict(Decimal)
    for used, events in added:
        one = {LINE: LineTotals(used, Decimal("0.25"), events)}
        for name, value in stored_lines(one).items():
            stored[name] = EXACT.add(stored[name], value)

    [found] = read(stored).values()
    assert found.units == sum(used for used, _ in added)
    assert found.events == sum(events for _, events in added)


def test_units_that_are_taken_back_take_no_event_along() -> None:
    """A correction has fewer units than none, and as many events as it counts for."""
    taken_back = {LINE: LineTotals(Decimal("-2.5"), Decimal(1), 1)}
    voided = {LINE: LineTotals(Decimal("-2.5"), Decimal(1), -1)}

    assert read(stored_lines(taken_back)) == taken_back
    assert read(stored_lines(voided)) == voided


def test_the_largest_line_has_as_many_digits_as_the_store_takes() -> None:
    """As many events as one item takes in a day, each of the most units."""
    events = EVENTS_MAX
    largest = {LINE: LineTotals(events * Decimal(UNITS_MAX) - Decimal("1E-6"), Decimal(1), events)}

    [value] = stored_lines(largest).values()

    assert len(value.as_tuple().digits) <= 38
    assert read(stored_lines(largest)) == largest
