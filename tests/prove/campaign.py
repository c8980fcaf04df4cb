"""A campaign: every case up to a bound, then chance, on several processes within a budget."""

import itertools
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context

from tests.prove.explore import Bound, Finding, Search, Tally, kinds_of, shrunk
from tests.prove.fates import fates_of, telling_fates_of
from tests.prove.flows import deterministic
from tests.prove.pct import Pct
from tests.prove.running import Case, Runner
from tests.prove.stories import STORIES

# Cheapest first, so that a small budget finds what takes few decisions.
ROUNDS = (Bound(1, 1), Bound(2, 1), Bound(3, 1))
BOUND_ALONE = Bound(0, 2)

# Of the budget, what the bounded search may take at most; the rest is for schedules at random.
BOUNDED_SHARE = 0.8

SCHEDULES_PER_DRAW = 200
FLOWS_MAX = 3
FINDINGS_PER_CASE_MAX = 20


@dataclass(slots=True)
class Report:
    """What came of a case, or of some schedules at random."""

    name: str
    bound: Bound | None
    is_done: bool
    tally: Tally
    findings: list[Finding] = field(default_factory=list)


def cases(stories: Sequence[str]) -> list[Case]:
    """List every flow alone, and every pair of flows, that makes sense at a beginning."""
    listed = []
    for name in stories:
        flows = STORIES[name].flows
        listed += [Case(name, (flow,)) for flow in flows]
        pairs = itertools.combinations_with_replacement(flows, 2)
        listed += [Case(name, pair) for pair in pairs]
    return listed


def search(case: Case, bound: Bound, until: float) -> Report:
    """Search one case up to a bound, as far as the time goes."""
    if time.monotonic() > until:
        return Report(str(case), bound, is_done=False, tally=Tally())
    with deterministic():
        alone = len(case.flows) == 1
        runner = Runner(case)
        begun = Search(
            runner,
            BOUND_ALONE if alone else bound,
            fates_of if alone else telling_fates_of,
        )
        findings = _first_of_each_kind(begun.go_on(lambda: time.monotonic() > until))
        return Report(str(case), bound, begun.is_done, begun.tally, findings)


def draw(stories: Sequence[str], seed: int, until: float) -> Report:
    """Run schedules of a few flows at random."""
    tally = Tally()
    chosen = random.Random(seed)  # noqa: S311 - nothing here is a secret
    story = chosen.choice(list(stories))
    flows = tuple(chosen.choices(STORIES[story].flows, k=chosen.randint(2, FLOWS_MAX)))
    case = Case(story, flows)
    with deterministic():
        runner = Runner(case)

        def found() -> Iterator[Finding]:
            for number in range(SCHEDULES_PER_DRAW):
                if time.monotonic() > until:
                    return
                decider = Pct(seed * SCHEDULES_PER_DRAW + number)
                _, wrong = runner.judged_run(decider)
                tally.schedules += 1
                if wrong:
                    yield Finding(case, decider.decided, wrong)

        findings = _first_of_each_kind(found())
    return Report(f"{case} (seed {seed})", None, is_done=True, tally=tally, findings=findings)


def _first_of_each_kind(found: Iterator[Finding]) -> list[Finding]:
    """Keep the first finding of each kind, without the decisions that it does not need.

    They are left out in a world of its own: the search goes on from where its world stands.
    """
    kept: dict[frozenset[str], Finding] = {}
    for finding in found:
        kinds = kinds_of(finding.wrong)
        if kinds not in kept and len(kept) < FINDINGS_PER_CASE_MAX:
            kept[kinds] = shrunk(finding, Runner(finding.case))
    return list(kept.values())


@dataclass(slots=True)
class Campaign:
    """Everything that is explored, and what came of it."""

    stories: Sequence[str]
    seconds: float
    processes: int
    seed: int
    reports: list[Report] = field(default_factory=list)

    def run(self) -> None:
        """Search round by round, then draw until the time is over."""
        start = time.monotonic()
        bounded_until = start + self.seconds * BOUNDED_SHARE
        until = start + self.seconds
        listed = cases(self.stories)
        random.Random(self.seed).shuffle(listed)  # noqa: S311 - nothing here is a secret
        with ProcessPoolExecutor(self.processes, mp_context=get_context("spawn")) as pool:
            for bound in ROUNDS:
                again = [case for case in listed if bound == ROUNDS[0] or len(case.flows) > 1]
                self._gather([pool.submit(search, case, bound, bounded_until) for case in again])
            seeds = itertools.count(self.seed)
            while time.monotonic() < until:
                batch = list(itertools.islice(seeds, 4 * self.processes))
                self._gather([pool.submit(draw, self.stories, seed, until) for seed in batch])

    def _gather(self, futures: Sequence[Future[Report]]) -> None:
        self.reports += [future.result() for future in as_completed(futures)]
