"""One case, a beginning and some flows: running schedules of it, and judging what came of them."""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.prove import invariants
from tests.prove.flows import World, is_fault, is_refusal, new_world
from tests.prove.history import wrong_changes
from tests.prove.scheduler import (
    Crew,
    Decider,
    Decisions,
    Flow,
    Replay,
    Schedule,
    crew_of_this_process,
)
from tests.prove.stories import REPEATED, STORIES, act_of

QUIET_RUNS_MAX = 6
A_DAY_MINUTES = 25 * 60


@dataclass(frozen=True, slots=True)
class Case:
    """A beginning and the flows that start there; `str` is how people name it."""

    story: str
    flows: tuple[str, ...]

    def __str__(self) -> str:
        """Write it, for instance `failed: credit settle`."""
        return f"{self.story}: {' '.join(self.flows)}"

    @classmethod
    def parse(cls, text: str) -> "Case":
        """Read what `str` wrote."""
        story, _, flows = text.partition(":")
        return cls(story.strip(), tuple(flows.split()))


@dataclass(slots=True)
class Runner:
    """Runs schedules of a case in its own world; what was judged once is remembered."""

    case: Case
    world: World = field(default_factory=new_world)
    crew: Crew = field(default_factory=crew_of_this_process)
    judged: dict[object, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare the beginning, once."""
        STORIES[self.case.story].prepare(self.world, self.world.setup)
        self.world.mark()

    def run(self, decider: Decider) -> Schedule:
        """Run one schedule from the beginning; the world is left as it ended."""
        self.world.rewind()
        flows = [
            Flow(flow, act_of(flow, f"{flow}{number}", self.world))
            for number, flow in enumerate(self.case.flows)
        ]
        return self.world.run(flows, decider, self.crew)

    def replay(self, decisions: Decisions) -> tuple[Schedule, tuple[str, ...]]:
        """Run the schedule of some decisions, and judge it."""
        schedule = self.run(Replay(decisions))
        return schedule, self.judge(schedule)

    def judge(self, schedule: Schedule) -> tuple[str, ...]:
        """Tell what is wrong with a schedule: on its way, at its end, or after some quiet time.

        The way there may be wrong though the place was come to before. One that was abandoned has
        no end of its own.
        """
        wrong = tuple(self._on_the_way())
        if wrong or schedule.abandoned:
            return wrong
        key = (
            self.world.store.digest,
            self.world.shared_digest(),
            tuple(flow.standing for flow in schedule.flows),
        )
        if key not in self.judged:
            self.judged[key] = tuple(self._judge(schedule.flows))
        return self.judged[key]

    def _judge(self, flows: Sequence[Flow]) -> list[str]:
        found = [f"{flow.name} raised {_told(flow)}" for flow in flows if is_fault(flow.outcome)]
        found += self._at_once()
        if found:
            return found
        try:
            found = self._rest() + self._at_once() + self._on_the_way()
            return found or self._repeated(flows)
        except Exception as error:  # noqa: BLE001 - whatever quiet runs raise is a finding
            return [f"afterwards: {_text(error)}"]

    def _on_the_way(self) -> list[str]:
        return wrong_changes(self.world.store, self.world.tables)

    def _at_once(self) -> list[str]:
        return invariants.at_once(self.world.store, self.world.tables)

    def _repeated(self, flows: Sequence[Flow]) -> list[str]:
        """Repeat what callers repeat: who was answered is answered the same, and nothing changes;
        who was not is answered now, and it happened once.
        """
        found: list[str] = []
        for number, flow in enumerate(flows):
            if flow.name not in REPEATED:
                continue
            answered = not flow.died and not isinstance(flow.outcome, Exception)
            before = invariants.asked_for(self.world.store, self.world.tables)
            again = _outcome_of(act_of(flow.name, f"{flow.name}{number}", self.world))
            if answered and not is_refusal(again) and repr(again) != repr(flow.outcome):
                found.append(f"{flow.name} was answered {flow.outcome}, then {again}")
            if answered and before != invariants.asked_for(self.world.store, self.world.tables):
                found.append(f"repeating {flow.name} was done again")
            if is_fault(again):
                found.append(f"repeating {flow.name} raised {again!r}")
        return found or self._at_once() or self._rest() or self._at_once() or self._on_the_way()

    def _rest(self) -> list[str]:
        """Let quiet runs go by until everybody is at rest, and a day, where something may wait."""
        found = ["nobody looked"]
        for _ in range(QUIET_RUNS_MAX):
            self.world.rest()
            found = self._restless(after_a_day=False)
            if not found:
                break
        if not found and self._restless(after_a_day=True):
            self.world.rest(A_DAY_MINUTES)
            self.world.rest()
            found = self._restless(after_a_day=True)
        return found

    def _restless(self, *, after_a_day: bool) -> list[str]:
        store, tables, now = self.world.store, self.world.tables, self.world.now()
        found = invariants.at_rest(store, tables, now=now, after_a_day=after_a_day)
        return found + [f"{start} waits" for start in self.world.workflow.waiting]


def _outcome_of(act: Callable[[], object]) -> object:
    try:
        return act()
    except Exception as error:  # noqa: BLE001 - what it raises is judged like what it returns
        return error


def _told(flow: Flow) -> str:
    return _text(flow.outcome) if isinstance(flow.outcome, Exception) else ""


def _text(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}({error}) at {frame.name}:{frame.lineno}"
