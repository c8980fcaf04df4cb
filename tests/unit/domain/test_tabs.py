"""A tab sums exactly, in whatever order its usage comes."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.errors import IntegrityError
from billing.domain.rating import amount_of
from billing.domain.tabs import (
    LineKey,
    LineTotals,
    SealedTab,
    Tab,
    TabRef,
    accrue,
    count_events,
    counted_by_month,
    unbilled,
)
from tests.support.clock import START
from tests.unit.domain.drawn import prices, units

type Addition = tuple[LineKey, LineTotals]
type Additions = list[Addition]

ONE = Decimal(1)

ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", fullmatch=True)
months = st.from_regex(r"20[0-9]{2}-(0[1-9]|1[0-2])", fullmatch=True)
lines = st.builds(LineKey, ids, st.integers(1, 100), months)
PRODUCTS = ("calls", "storage")
few_lines = st.builds(LineKey, st.sampled_from(PRODUCTS), st.integers(1, 2), st.just("2026-01"))


def _at_prices(prices_drawn: dict[str, Decimal]) -> st.SearchStrategy[Additions]:
    """Draw additions, of which those to one line have one price."""

    def addition(line: LineKey, used: Decimal) -> Addition:
        return line, LineTotals(used, prices_drawn[str(line)], 1)

    return st.lists(st.builds(addition, few_lines, units), max_size=30)


additions = st.fixed_dictionaries(
    {f"{product}@{version}/2026-01": prices for product in PRODUCTS for version in (1, 2)}
).flatmap(_at_prices)


@given(additions, st.randoms(use_true_random=False))
def test_the_order_of_usage_does_not_matter(added: Additions, random: st.DataObject) -> None:
    shuffled = list(added)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert accrue(added) == accrue(shuffled)


@given(additions)
def test_a_tab_holds_every_event_and_every_part_of_a_cent(
    added: Additions,
) -> None:
    tab = accrue(added)

    assert count_events(tab) == len(added)
    exact = sum((Fraction(amount_of(totals) or 0) for _, totals in added), Fraction(0))
    assert sum((Fraction(amount_of(totals) or 0) for totals in tab.values()), Fraction(0)) == exact
    for line, totals in tab.items():
        mine = [of_line for key, of_line in added if key == line]
        assert Fraction(totals.units) == sum(Fraction(part.units) for part in mine)
        assert totals.events == len(mine)


@given(st.lists(units, min_size=1, max_size=10))
def test_a_line_that_its_month_counts_has_units_and_no_amount(used: list[Decimal]) -> None:
    line, other = LineKey("calls", 1, "2026-01"), LineKey("storage", 1, "2026-01")
    tab = accrue(
        [*((line, LineTotals(each, None, 1)) for each in used), (other, LineTotals(ONE, ONE, 1))]
    )

    assert tab[line] == LineTotals(sum(used, Decimal(0)), None, len(used))
    assert counted_by_month(tab) == {line}


def test_what_is_unbilled_is_open_or_sealed_on_any_tab() -> None:
    line = LineKey("calls", 1, "2026-01")
    content = {line: LineTotals(ONE, None, 1)}
    tabs = [
        Tab(TabRef("acme", 0), 2, content, SealedTab(1, content, START, START)),
        Tab(TabRef("acme", 3), 1, content),
        Tab(TabRef("acme", 4), 1, {}),
    ]

    assert unbilled(tabs) == {line: LineTotals(Decimal(3), None, 3)}
    assert unbilled([]) == {}


def test_an_empty_tab_has_nothing() -> None:
    assert accrue([]) == {}
    assert count_events({}) == 0


def test_a_line_has_one_price() -> None:
    line = LineKey("calls", 1, "2026-01")
    one, other = (LineTotals(Decimal(1), Decimal(price), 1) for price in ("0.25", "0.26"))

    with pytest.raises(IntegrityError, match="two prices"):
        accrue([(line, one), (line, other)])


@given(lines)
def test_a_line_reads_back_from_its_text(line: LineKey) -> None:
    assert LineKey.parse(str(line)) == line


@given(lines, lines)
def test_two_lines_never_share_a_text(one: LineKey, other: LineKey) -> None:
    assert (str(one) == str(other)) == (one == other)
