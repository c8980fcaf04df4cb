"""Exploring the schedules of a case: all of them up to a bound, or many at random.

The bounded search runs the schedule that needs no decision, and from each place that it passes the
ones that decide otherwise there, cheapest first. Two schedules that come to the same place, with
the same rows and every flow answered the same so far, go on the same: the second ends there.
"""

import heapq
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tests.prove.fates import DONE, Call, Fate, fates_of, telling_fates_of
from tests.prove.running import Case, Runner
from tests.prove.scheduler import AbandonedError, Decisions, Flow, Schedule, by_default
from tests.prove.store import Store

# Ids, amounts and numbers.
_PARTICULARS = re.compile(r"[\w.:-]*[~#\d][\w.~#:/-]*")


@dataclass(frozen=True, slots=True)
class Bound:
    """How far a schedule may stray from the one without decisions."""

    preemptions: int = 2
    faults: int = 1

    def allows(self, other: "Bound") -> bool:
        """Tell whether another one stays within this one."""
        return other.preemptions <= self.preemptions and other.faults <= self.faults

    @property
    def cost(self) -> int:
        """How many decisions are allowed together."""
        return self.preemptions + self.faults


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
    crash_points: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Add what somebody else explored."""
        self.schedules += other.schedules
        self.cut_short += other.cut_short
        self.states += other.states
        self.crash_points |= other.crash_points


@dataclass(frozen=True, slots=True)
class Plan:
    """Decisions to begin with, and what of the bound they used."""

    decisions: Decisions = field(default_factory=Decisions)
    used: Bound = field(default_factory=lambda: Bound(0, 0))
    # The point, counted among all at which something is decided, behind which others may be taken.
    behind: int = -1


@dataclass(slots=True)
class Search:
    """The bounded search of one case, which may be stopped and gone on with."""

    runner: Runner
    bound: Bound
    fates: Callable[[Store, Call], Iterator[Fate]] = telling_fates_of
    tally: Tally = field(default_factory=Tally)
    _plans: list[tuple[int, int, Plan]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)
    _seen: dict[int, list[Bound]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with the schedule that needs no decision."""
        self.push(Plan())

    def push(self, plan: Plan) -> None:
        """Keep a plan for later."""
        heapq.heappush(self._plans, (plan.used.cost, next(self._order), plan))

    def go_on(self, until: Callable[[], bool]) -> Iterator[Finding]:
        """Run one schedule after another, until all are done or it is time to stop."""
        while self._plans and not until():
            _, _, plan = heapq.heappop(self._plans)
            decider = Branching(self, plan)
            schedule = self.runner.run(decider)
            self.tally.schedules += 1
            self.tally.cut_short += schedule.abandoned
            wrong = self.runner.judge(schedule)
            if wrong:
                yield Finding(self.runner.case, plan.decisions, wrong)

    @property
    def is_done(self) -> bool:
        """Whether every schedule within the bound was run."""
        return not self._plans

    def was_seen(self, place: int, used: Bound) -> bool:
        """Tell whether a place was come to before with as much of the bound left, and note it."""
        before = self._seen.setdefault(place, [])
        if any(used.preemptions >= b.preemptions and used.faults >= b.faults for b in before):
            return True
        before.append(used)
        self.tally.states += len(before) == 1
        return False


@dataclass(slots=True)
class Branching:
    """Takes the decisions of a plan, then none, and keeps what else could be decided on the way."""

    search: Search
    plan: Plan
    point: int = -1

    def who(self, schedule: Schedule, able: Sequence[Flow]) -> Flow:
        """Choose who goes on."""
        self.point += 1
        decided = self.plan.decisions.who.get(schedule.number)
        default = by_default(schedule, able)
        if self.point <= self.plan.behind:
            return next((flow for flow in able if flow.letter == decided), default)
        self._check_new(schedule, "who")
        preempts = schedule.number > 0 and not schedule.running.ended
        used = replace(self.plan.used, preemptions=self.plan.used.preemptions + preempts)
        if self.search.bound.allows(used):
            for flow in able:
                if flow is not default:
                    self._keep(used, who=(schedule.number, flow.letter))
        return default

    def fate(self, schedule: Schedule, call: Call) -> Fate:
        """Choose what happens to a call."""
        self.point += 1
        decided = self.plan.decisions.fate.get(schedule.number)
        if self.point <= self.plan.behind:
            if decided is None:
                return DONE
            return next(f for f in fates_of(schedule.store, call) if f.name == decided)
        self._check_new(schedule, "fate")
        used = replace(self.plan.used, faults=self.plan.used.faults + 1)
        if self.search.bound.allows(used):
            for fate in self.search.fates(schedule.store, call):
                self._keep(used, fate=(schedule.number, fate.name))
        return DONE

    def _check_new(self, schedule: Schedule, kind: str) -> None:
        # The point of the plan's own last decision leads to a place that is judged at the next.
        parts = (
            kind,
            schedule.running.letter,
            schedule.store.digest,
            repr(schedule.store.pins),
            schedule.shared_digest(),
            tuple(flow.standing for flow in schedule.flows),
        )
        # The hash alone: of a hundred thousand places no two share one, and it takes little memory.
        if self.search.was_seen(hash(parts), self.plan.used):
            raise AbandonedError

    def _keep(
        self,
        used: Bound,
        *,
        who: tuple[int, str] | None = None,
        fate: tuple[int, str] | None = None,
    ) -> None:
        decisions = self.plan.decisions
        if who is not None:
            decisions = decisions.with_who(*who)
        if fate is not None:
            decisions = decisions.with_fate(*fate)
        self.search.push(Plan(decisions, used, self.point))


def shrunk(finding: Finding, runner: Runner) -> Finding:
    """Leave out every decision that is not needed for something of the same kind to go wrong."""
    for fewer in finding.decisions.each_left_out():
        schedule, wrong = runner.replay(fewer)
        if kinds_of(wrong) & kinds_of(finding.wrong):
            taken = schedule.taken(fewer)
            return shrunk(Finding(finding.case, taken, wrong), runner)
    return finding


def kinds_of(wrong: Sequence[str]) -> frozenset[str]:
    """Tell kinds of findings apart, whatever the names and numbers in them."""
    return frozenset(_PARTICULARS.sub("…", text) for text in wrong)
