"""Schedules do what was decided, and the same again when they are replayed."""

import random

import pytest

from tests.prove.behaviour import DEAD
from tests.prove.decisions import Decisions, Replay
from tests.prove.explore import Finding, shrunk
from tests.prove.fates import DONE, TRANSACT
from tests.prove.pct import Pct
from tests.prove.running import Calls, Case, Runner
from tests.prove.schedule import by_default
from tests.prove.taken_back import WEAKENED


def told(calls: Calls) -> list[str]:
    """Write what every flow did, in order."""
    return [f"{flow.letter} {call} {fate.name}" for flow, call, fate in calls]


def letters_of(calls: Calls) -> str:
    """Write who made each call."""
    return "".join(flow.letter for flow, _, _ in calls)


def run(case: str, decisions: str) -> Calls:
    """Run one schedule."""
    calls, _ = Runner(Case.parse(case)).replay(Decisions.parse(decisions))
    return calls


def test_without_decisions_one_flow_follows_the_other() -> None:
    assert letters_of(run("funded: credit suspend", "")) == "aabb"


def test_a_flow_goes_on_at_the_call_that_was_decided() -> None:
    assert letters_of(run("funded: credit suspend", "1>b")) == "abba"
    assert letters_of(run("funded: credit suspend", "0>b 1>a")) == "baab"


def test_the_same_decisions_give_the_same_schedule_again() -> None:
    runner = Runner(Case.parse("failed: top-up settle run"))
    decider = Pct(seed=7)
    _, first = runner.run(decider)
    again, _ = runner.replay(decider.decided)

    assert told(again) == told(first)


@pytest.mark.parametrize("case", ["failed: top-up settle run", "in-dunning: attempt top-up charge"])
def test_what_is_remembered_of_the_code_is_what_running_it_gives(case: str) -> None:
    remembering = Runner(Case.parse(case))
    for seed in range(20):
        schedule, calls = remembering.run(Pct(seed))
        other, anew = Runner(Case.parse(case)).run(Pct(seed))

        assert told(calls) == told(anew)
        assert [repr(p.stands) for p in schedule.places] == [repr(p.stands) for p in other.places]
        assert schedule.world.store.digest == other.world.store.digest


def test_a_schedule_that_goes_back_stands_where_it_stood() -> None:
    runner = Runner(Case.parse("failed: top-up settle run"))
    schedule = runner.begin()
    moments = []
    while schedule.able:
        moments.append((schedule.keep(), schedule.digest))
        schedule.turn_to(by_default(schedule, schedule.able))
        schedule.meet(DONE)
    wandering = random.Random(7)  # noqa: S311 - nothing here is a secret

    for moment, digest in wandering.choices(moments, k=50):
        schedule.go_back(moment)
        assert schedule.digest == digest
        schedule.turn_to(wandering.choice(schedule.able))
        schedule.meet(DONE)


def test_decisions_are_read_as_they_are_written() -> None:
    text = "3>b 4!died-after 9>a 9!stale-CUSTOMER#acme/RECORD#00#000000000001-0"

    assert str(Decisions.parse(text)) == text


def test_who_died_makes_no_further_call() -> None:
    schedule, calls = Runner(Case.parse("funded: run")).run(Replay(Decisions.parse("2!died")))

    assert len(calls) == 3
    assert schedule.places == [DEAD]


def test_who_died_after_a_call_did_it_and_who_died_before_did_not() -> None:
    runner = Runner(Case.parse("funded: credit"))
    after, before = Decisions.parse("1!died-after"), Decisions.parse("1!died")

    runner.run(Replay(after))
    assert runner.world.setup.balance_cents() == 105
    runner.run(Replay(before))
    assert runner.world.setup.balance_cents() == 100


def test_a_throttled_call_is_made_again_and_nobody_notices() -> None:
    runner = Runner(Case.parse("funded: settle"))
    schedule, undisturbed = runner.run(Replay(Decisions()))
    again, throttled = runner.run(Replay(Decisions.parse("2!throttled")))

    assert len(throttled) == len(undisturbed) + 1
    assert again.places == schedule.places


def test_a_transaction_whose_answer_is_lost_is_not_done_twice() -> None:
    runner = Runner(Case.parse("funded: credit"))
    schedule, calls = runner.run(Replay(Decisions.parse("1!lost")))

    assert [call.operation for _, call, _ in calls].count(TRANSACT) == 2
    assert schedule.places[0].outcome == ("acme~2", 105)
    assert runner.judge(schedule) == ()


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
