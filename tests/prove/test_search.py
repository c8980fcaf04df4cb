"""The search sees what goes wrong where a condition of storage, or a mend, is taken back."""

import pytest

from tests.prove.explore import Bound, Finding, Search
from tests.prove.fates import fates_of
from tests.prove.running import Case, Runner
from tests.prove.taken_back import MENDS, WEAKENED


def first_finding(case: str, bound: Bound) -> Finding | None:
    """Search a case up to a bound, for the first that is wrong."""
    return next(Search(Runner(Case.parse(case)), bound).go_on(lambda: False), None)


@pytest.mark.parametrize("condition", WEAKENED)
def test_a_condition_that_is_taken_back_is_missed(
    monkeypatch: pytest.MonkeyPatch, condition: str
) -> None:
    weaker, case = WEAKENED[condition]
    bound = Bound(1, 0)
    assert first_finding(case, bound) is None

    monkeypatch.setattr(condition, weaker)
    assert first_finding(case, bound) is not None


@pytest.mark.parametrize("mend", MENDS)
def test_a_mend_that_is_taken_back_is_missed(monkeypatch: pytest.MonkeyPatch, mend: str) -> None:
    taken = MENDS[mend]
    assert first_finding(taken.case, taken.bound) is None

    monkeypatch.setattr(taken.name, taken.instead)
    assert first_finding(taken.case, taken.bound) is not None


SOUND = (
    "postpaid: record settle",
    "postpaid: record-warm run",
    "postpaid: settle charge",
    "funded: settle suspend",
    "funded: run credit",
    "sealed: settle settle",
    "broke: settle charge",
    "counted: settle settle-other",
    "month-end: record-late settle",
    "open-days: close credit",
    "open-days: close close",
    "unbalanced: close find-imbalance",
    "leaving: close delete",
)


@pytest.mark.parametrize("case", SOUND)
def test_nothing_is_wrong_up_to_two_preemptions_and_one_fault(case: str) -> None:
    assert first_finding(case, Bound(2, 1)) is None


@pytest.mark.parametrize("case", ["funded: run", "sealed: settle", "in-dunning: attempt"])
def test_nothing_is_wrong_with_any_two_faults_of_a_flow_alone(case: str) -> None:
    search = Search(Runner(Case.parse(case)), Bound(0, 2), fates_of)

    assert list(search.go_on(lambda: False)) == []
    assert search.is_done
