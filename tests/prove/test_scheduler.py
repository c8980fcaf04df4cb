"""Schedules do what was decided, and the same again when they are replayed."""

import pytest

from tests.prove.explore import Finding, shrunk
from tests.prove.fates import TRANSACT
from tests.prove.flows import WEAKENED
from tests.prove.pct import Pct
from tests.prove.running import Case, Runner
from tests.prove.scheduler import Decisions, Replay, Schedule


def calls_of(schedule: Schedule) -> list[str]:
    """Write what every flow did, in order."""
    return [f"{flow.letter} {call} {fate.name}" for flow, call, fate in schedule.calls]


def letters_of(schedule: Schedule) -> str:
    """Write who made each call."""
    return "".join(flow.letter for flow, _, _ in schedule.calls)


def run(case: str, decisions: str) -> Schedule:
    """Run one schedule."""
    schedule, _ = Runner(Case.parse(case)).replay(Decisions.parse(decisions))
    return schedule


def test_without_decisions_one_flow_follows_the_other() -> None:
    assert letters_of(run("funded: credit suspend", "")) == "aaabb"


def test_a_flow_goes_on_at_the_call_that_was_decided() -> None:
    assert letters_of(run("funded: credit suspend", "1>b")) == "abbaa"
    assert letters_of(run("funded: credit suspend", "0>b 1>a")) == "baaab"


def test_the_same_decisions_give_the_same_schedule_again() -> None:
    runner = Runner(Case.parse("failed: top-up settle run"))
    decider = Pct(seed=7)
    first = calls_of(runner.run(decider))

    assert calls_of(runner.replay(decider.decided)[0]) == first


def test_decisions_are_read_as_they_are_written() -> None:
    text = "3>b 4!died-after 9>a 9!stale-CUSTOMER#acme/RECORD#00#000000000001-0"

    assert str(Decisions.parse(text)) == text


def test_who_died_makes_no_further_call() -> None:
    schedule = run("funded: run", "2!died")

    assert schedule.number == 3
    assert schedule.flows[0].died
    assert schedule.flows[0].outcome is None


def test_who_died_after_a_call_did_it_and_who_died_before_did_not() -> None:
    runner = Runner(Case.parse("funded: credit"))
    after, before = Decisions.parse("1!died-after"), Decisions.parse("1!died")

    runner.run(Replay(after))
    assert runner.world.setup.balance_cents() == 105
    runner.run(Replay(before))
    assert runner.world.setup.balance_cents() == 100


def test_a_throttled_call_is_made_again_and_nobody_notices() -> None:
    undisturbed = run("funded: settle", "")
    throttled = run("funded: settle", "1!throttled")

    assert throttled.number == undisturbed.number + 1
    assert throttled.flows[0].standing == undisturbed.flows[0].standing


def test_a_transaction_whose_answer_is_lost_is_not_done_twice() -> None:
    runner = Runner(Case.parse("funded: credit"))
    schedule, wrong = runner.replay(Decisions.parse("1!lost"))

    assert [call.operation for _, call, _ in schedule.calls].count(TRANSACT) == 2
    assert schedule.flows[0].outcome == ("acme~2", 105)
    assert wrong == ()


def test_a_finding_keeps_only_the_decisions_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    condition = "billing.storage.tabs.STILL_OPEN"
    weaker, case = WEAKENED[condition]
    monkeypatch.setattr(condition, weaker)
    runner = Runner(Case.parse(case))
    decisions = Decisions.parse("0!throttled 2>b 4!throttled")
    _, wrong = runner.replay(decisions)

    found = shrunk(Finding(runner.case, decisions, wrong), runner)

    assert wrong
    assert str(found.decisions) == "2>b"
