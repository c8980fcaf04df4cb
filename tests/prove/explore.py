"""Exploring the schedules of a case: all of them up to a bound.

The search begins with the schedule that needs no decision, and goes on from each place that it
passes with what could be decided otherwise there, cheapest first. Two schedules that come to the
same place, with the same rows and every flow answered the same so far, go on the same: the second
ends there.
"""

import heapq
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from tests.prove.decisions import Decisions
from tests.prove.fates import DONE, Call, Fate, telling_fates_of
from tests.prove.running import Case, Runner
from tests.prove.schedule import Moment, Schedule, by_default
from tests.prove.store import Store

# Ids, amounts and numbers.
_PARTICULARS = re.compile(r"[\w.:-]*[~#\d][\w.~#:/-]*")


@dataclass(frozen=True, slots=True)
class Bound:
    """How far a schedule may stray from the one without decisions."""

    preemptions: int = 2
    faults: int = 1

    @property
    def bit(self) -> int:
        """A bit of its own for each bound."""
        return 1 << (self.preemptions * 8 + self.faults)

    def bits_of_all_that_use_more(self, most: "Bound") -> int:
        """The bits of all bounds from this one on up to another one."""
        return _bits(self, most)


@cache
def _bits(least: Bound, most: Bound) -> int:
    preemptions = range(least.preemptions, most.preemptions + 1)
    faults = range(least.faults, most.faults + 1)
    return sum(Bound(p, f).bit for p in preemptions for f in faults)


@dataclass(frozen=True, slots=True)
class Finding:
    """A schedule at whose end something is wrong, and the line that replays it."""

    case: Case
    decisions: Decisions
    wrong: tuple[str, ...]

    @property
    def line(self) -> str:
        """Write what replays it."""
        return f"{self.case} | {self.decisions}"

    @classmethod
    def read(cls, line: str) -> tuple[Case, Decisions]:
        """Read what `line` wrote."""
        case, _, decisions = line.partition("|")
        return Case.parse(case), Decisions.parse(decisions)


@dataclass(slots=True)
class Tally:
    """What was explored."""

    schedules: int = 0
    cut_short: int = 0
    states: int = 0

    def add(self, other: "Tally") -> None:
        """Add what somebody else explored."""
        self.schedules += other.schedules
        self.cut_short += other.cut_short
        self.states += other.states


@dataclass(frozen=True, slots=True)
class Plan:
    """A way to go on: what was decided until then, and what of the bound that used up."""

    decisions: Decisions = field(default_factory=Decisions)
    used: Bound = field(default_factory=lambda: Bound(0, 0))

    def preempted(self, number: int, letter: str, *, at_a_cost: bool) -> "Plan":
        """Let another flow go on at a call, which is for free where the one before has ended."""
        used = Bound(self.used.preemptions + at_a_cost, self.used.faults)
        return Plan(self.decisions.with_who(number, letter), used)

    def disturbed(self, number: int, fate: Fate) -> "Plan":
        """Let something else happen to a call than that it is done."""
        used = Bound(self.used.preemptions, self.used.faults + 1)
        return Plan(self.decisions.with_fate(number, fate.name), used)


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """A moment to go on from, where a flow is to go on, and what is to happen to its call.

    With nothing chosen for a call, everything about it is still to be decided.
    """

    moment: Moment
    plan: Plan
    flow: int | None = None
    fate: Fate | None = None


@dataclass(slots=True)
class Search:
    """The bounded search of one case, which may be stopped and gone on with."""

    runner: Runner
    bound: Bound
    fates: Callable[[Store, Call], Iterator[Fate]] = telling_fates_of
    tally: Tally = field(default_factory=Tally)
    _schedule: Schedule = field(init=False)
    _branches: list[tuple[int, int, Branch]] = field(default_factory=list)
    # Of branches at one cost the last one first: it is near to where the schedule is.
    _order: Iterator[int] = field(default_factory=lambda: itertools.count(0, -1))
    _seen: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with the schedule that needs no decision."""
        self._schedule = self.runner.begin()
        self._push(Branch(self._schedule.keep(), Plan()))

    def go_on(self, until: Callable[[], bool]) -> Iterator[Finding]:
        """Run one schedule after another, until all are done or it is time to stop."""
        while self._branches and not until():
            _, _, branch = heapq.heappop(self._branches)
            self.tally.schedules += 1
            wrong = self._follow(branch)
            if wrong:
                yield Finding(self.runner.case, branch.plan.decisions, wrong)

    @property
    def is_done(self) -> bool:
        """Whether every schedule within the bound was run."""
        return not self._branches

    def _push(self, branch: Branch) -> None:
        cost = branch.plan.used.preemptions + branch.plan.used.faults
        heapq.heappush(self._branches, (cost, next(self._order), branch))

    def _follow(self, branch: Branch) -> tuple[str, ...]:
        """Run a schedule to its end, or to where another has been; tell what is wrong with it."""
        schedule, plan = self._schedule, branch.plan
        flow, fate = branch.flow, branch.fate
        schedule.go_back(branch.moment)
        while able := schedule.able:
            if fate is None:
                if flow is None:
                    if self._was_seen("who", plan.used):
                        return ()
                    flow = self._choose(able, plan)
                schedule.turn_to(flow)
                if self._was_seen("fate", plan.used):
                    return ()
                self._keep_fates(plan)
            schedule.meet(fate or DONE)
            flow = fate = None
            wrong = self.runner.wrong_on_the_way(schedule)
            if wrong:
                return wrong
        return self.runner.judge(schedule)

    def _choose(self, able: Sequence[int], plan: Plan) -> int:
        """Let who is running go on, and keep for later that others might."""
        schedule, default = self._schedule, by_default(self._schedule, able)
        costs = schedule.number > 0 and not schedule.is_idle
        if plan.used.preemptions + costs <= self.bound.preemptions:
            for flow in able:
                if flow != default:
                    letter = schedule.flows[flow].letter
                    other = plan.preempted(schedule.number, letter, at_a_cost=costs)
                    self._push(Branch(schedule.keep(), other, flow))
        return default

    def _keep_fates(self, plan: Plan) -> None:
        """Keep for later what else might happen to the call."""
        schedule = self._schedule
        if plan.used.faults < self.bound.faults:
            for fate in self.fates(schedule.world.store, schedule.call):
                other = plan.disturbed(schedule.number, fate)
                self._push(Branch(schedule.keep(), other, fate=fate))

    def _was_seen(self, kind: str, used: Bound) -> bool:
        """Tell whether a place was come to before with as much of the bound left, and note it."""
        # The hash alone: of a hundred thousand places no two share one, and it takes little memory.
        place = hash((kind, self._schedule.digest))
        before = self._seen.get(place, 0)
        if before & used.bit:
            self.tally.cut_short += 1
            return True
        self.tally.states += before == 0
        self._seen[place] = before | used.bits_of_all_that_use_more(self.bound)
        return False


def shrunk(finding: Finding, runner: Runner) -> Finding:
    """Leave out every decision that is not needed for something of the same kind to go wrong."""
    for fewer in finding.decisions.each_left_out():
        calls, wrong = runner.replay(fewer)
        if kinds_of(wrong) & kinds_of(finding.wrong):
            return shrunk(Finding(finding.case, fewer.up_to(len(calls)), wrong), runner)
    return finding


def kinds_of(wrong: Sequence[str]) -> frozenset[str]:
    """Tell kinds of findings apart, whatever the names and numbers in them."""
    return frozenset(_PARTICULARS.sub("…", text) for text in wrong)
