"""Schedules at random: priorities that change at a few places (PCT), and a few faults."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.prove.decisions import Decisions
from tests.prove.fates import DONE, Call, Fate, fates_of
from tests.prove.schedule import Schedule, by_default

# About how many calls the flows of a schedule make together.
CALLS = 40
CHANGES_MAX = 4
FAULTS_MAX = 3


@dataclass(slots=True)
class Pct:
    """Lets who has the highest priority go on; at the places of change that one falls behind all.

    With n flows and d places of change among k calls, a fault that needs d decisions in an order
    is met with a probability of at least 1/(n * k^d), however the calls lie.
    """

    seed: int
    decided: Decisions = field(default_factory=Decisions)
    _random: random.Random = field(init=False)
    _changes: frozenset[int] = frozenset()
    _faults: frozenset[int] = frozenset()
    _priorities: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Draw the places of change and of faults."""
        self._random = random.Random(self.seed)  # noqa: S311 - nothing here is a secret
        self._changes = self._places(CHANGES_MAX)
        self._faults = self._places(FAULTS_MAX)

    def _places(self, count_max: int) -> frozenset[int]:
        count = self._random.randint(0, count_max)
        return frozenset(self._random.randrange(CALLS) for _ in range(count))

    def who(self, schedule: Schedule, able: Sequence[int]) -> int:
        """Choose who goes on."""
        for flow in range(len(schedule.flows)):
            self._priorities.setdefault(flow, 1 + self._random.random())
        default = by_default(schedule, able)
        if schedule.number in self._changes:
            self._priorities[default] = self._random.random() - schedule.number
        chosen = max(able, key=self._priorities.__getitem__)
        if chosen != default:
            letter = schedule.flows[chosen].letter
            self.decided = self.decided.with_who(schedule.number, letter)
        return chosen

    def fate(self, schedule: Schedule, call: Call) -> Fate:
        """Choose what happens to a call."""
        if schedule.number not in self._faults:
            return DONE
        chosen = self._random.choice(list(fates_of(schedule.world.store, call)))
        self.decided = self.decided.with_fate(schedule.number, chosen.name)
        return chosen
