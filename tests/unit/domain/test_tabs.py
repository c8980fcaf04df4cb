"""A tab sums exactly, in whatever order its usage comes."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from billing.domain.money import multiply
from billing.domain.tabs import LineKey, LineTotals, accrue, count_events, exact_amount
from tests.unit.domain.drawn import prices, units

ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", fullmatch=True)
months = st.from_regex(r"20[0-9]{2}-(0[1-9]|1[0-2])", fullmatch=True)
lines = st.builds(LineKey, ids, st.integers(1, 100), months)
few_lines = st.builds(
    LineKey, st.sampled_from(["calls", "storage"]), st.integers(1, 2), st.just("2026-01")
)
additions = st.lists(
    st.tuples(
        few_lines,
        st.builds(lambda u, p: LineTotals(u, multiply(u, p), 1), units, prices),
    ),
    max_size=30,
)


@given(additions, st.randoms(use_true_random=False))
def test_the_order_of_usage_does_not_matter(
    added: list[tuple[LineKey, LineTotals]], random: st.DataObject
) -> None:
    shuffled = list(added)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert accrue(added) == accrue(shuffled)


@given(additions)
def test_a_tab_holds_every_event_and_every_part_of_a_cent(
    added: list[tuple[LineKey, LineTotals]],
) -> None:
    tab = accrue(added)

    assert count_events(tab) == len(added)
    exact = sum((Fraction(totals.amount_cents) for _, totals in added), Fraction(0))
    assert Fraction(exact_amount(tab)) == exact
    for line, totals in tab.items():
        mine = [of_line for key, of_line in added if key == line]
        assert Fraction(totals.units) == sum(Fraction(part.units) for part in mine)
        assert totals.events == len(mine)


def test_an_empty_tab_costs_nothing() -> None:
    assert accrue([]) == {}
    assert exact_amount({}) == Decimal(0)
    assert count_events({}) == 0


@given(lines)
def test_a_line_reads_back_from_its_text(line: LineKey) -> None:
    assert LineKey.parse(str(line)) == line


@given(lines, lines)
def test_two_lines_never_share_a_text(one: LineKey, other: LineKey) -> None:
    assert (str(one) == str(other)) == (one == other)
