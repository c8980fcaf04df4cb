"""Explore within a budget, and tell what was explored and what is wrong; or replay a schedule."""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Sequence

from tests.prove.behaviour import DEAD
from tests.prove.campaign import ROUNDS, Campaign
from tests.prove.decisions import Decisions, Replay
from tests.prove.explore import Finding, Tally, kinds_of
from tests.prove.flows import deterministic
from tests.prove.running import Case, Runner
from tests.prove.stories import STORIES

LINES_SHOWN = 3


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.prove", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="how long to explore")
    parser.add_argument("--processes", type=int, default=2, help="on how many processes")
    parser.add_argument("--seed", type=int, default=1, help="where chance begins")
    parser.add_argument("--story", action="append", choices=STORIES, help="only these beginnings")
    parser.add_argument("--replay", metavar="LINE", help="replay the line that a finding printed")
    parser.add_argument("--crash-points", action="store_true", help="list the crash points too")
    given = parser.parse_args(arguments)
    if given.replay:
        return replay(given.replay)
    campaign = Campaign(given.story or list(STORIES), given.seconds, given.processes, given.seed)
    start = time.monotonic()
    campaign.run()
    tell_explored(campaign, time.monotonic() - start)
    tell_crash_points(campaign.stories, listed=given.crash_points)
    if not any(report.tally.schedules for report in campaign.reports):
        print("the budget was too small for a single schedule")
        return 1
    return tell_findings([finding for report in campaign.reports for finding in report.findings])


def replay(line: str) -> int:
    """Run one schedule, and print its calls one by one and what is wrong in the end."""
    case, decisions = Finding.read(line)
    with deterministic():
        runner = Runner(case)
        schedule, calls = runner.run(Replay(decisions))
        wrong = runner.wrong_all_the_way() or runner.judge(schedule)
    for number, (flow, call, fate) in enumerate(calls):
        happened = "" if fate.name == "done" else f"   <- {fate.name}"
        print(f"{number:>3} {flow.letter} {flow.name:<12} {call}{happened}")
    for flow, place in zip(schedule.flows, schedule.places, strict=True):
        end = "died" if place is DEAD else repr(place.outcome)
        print(f"    {flow.letter} {flow.name:<12} ended: {end}")
    for text in wrong:
        print(f"WRONG: {text}")
    return 1 if wrong else 0


def tell_explored(campaign: Campaign, seconds: float) -> None:
    """Print how much was explored."""
    total = Tally()
    for report in campaign.reports:
        total.add(report.tally)
    flows = sorted({flow for story in campaign.stories for flow in STORIES[story].flows})
    print(f"flows: {len(flows)}: {', '.join(flows)}")
    print(f"beginnings: {len(campaign.stories)}: {', '.join(campaign.stories)}")
    for bound in ROUNDS:
        reports = [report for report in campaign.reports if report.bound == bound]
        done = sum(report.is_done for report in reports)
        schedules = sum(report.tally.schedules for report in reports)
        print(
            f"up to {bound.preemptions} preemptions and {bound.faults} faults: "
            f"{done} of {len(reports)} cases done, {schedules} schedules"
            + ("" if done == len(reports) else ", NOT ALL: time was over")
        )
    drawn = [report for report in campaign.reports if report.bound is None]
    schedules = sum(report.tally.schedules for report in drawn)
    print(f"at random: {schedules} schedules, {len(drawn)} seeds from {campaign.seed} on")
    print(
        f"schedules: {total.schedules}, of which {total.cut_short} ended early at a place where "
        f"another had been; {total.states} places; {seconds:.0f} s on {campaign.processes} "
        f"processes: {total.schedules / seconds:.0f} a second"
    )


def tell_crash_points(stories: Sequence[str], *, listed: bool) -> None:
    """Print how many crash points each flow has: before its first call, and after each."""
    points: dict[str, set[str]] = defaultdict(set)
    with deterministic():
        for story in stories:
            for flow in STORIES[story].flows:
                _, called = Runner(Case(story, (flow,))).run(Replay(Decisions()))
                calls = [f"after {call}" for _, call, _ in called]
                points[flow] |= {f"{story}: {text}" for text in ("before all", *calls)}
    counts = ", ".join(f"{flow} {len(found)}" for flow, found in sorted(points.items()))
    print(f"crash points: {sum(map(len, points.values()))}: {counts}")
    if listed:
        for flow, found in sorted(points.items()):
            print(*(f"  {flow} in {point}" for point in sorted(found)), sep="\n")


def tell_findings(findings: Sequence[Finding]) -> int:
    """Print each kind of finding once, by the shortest lines that replay it."""
    by_kind: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        for kind in kinds_of(finding.wrong):
            by_kind[kind].append(finding)
    for kind, found in sorted(by_kind.items(), key=lambda pair: -len(pair[1])):
        cases = {finding.case for finding in found}
        print(f"\nWRONG in {len(cases)} cases: {kind}")
        lines = sorted({finding.line for finding in found}, key=len)
        print(*(f"  --replay '{line}'" for line in lines[:LINES_SHOWN]), sep="\n")
    print("\nnothing is wrong" if not findings else f"\n{len(by_kind)} kinds of things are wrong")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
