"""One case, a beginning and some flows: running schedules of it, and judging what came of them."""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from tests.prove import invariants
from tests.prove.acts import REPEATED, Act, act_of
from tests.prove.behaviour import DEAD, Behaviour, Place
from tests.prove.client import Client
from tests.prove.decisions import Decisions, Replay
from tests.prove.fates import Call, Fate
from tests.prove.flows import Shared, World, is_fault, is_refusal, new_world
from tests.prove.history import wrong_changes
from tests.prove.schedule import LETTERS, Decider, Flow, Schedule
from tests.prove.stories import STORIES

type Calls = list[tuple[Flow, Call, Fate]]

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
    flows: list[Flow] = field(default_factory=list)
    judged: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _beginning: Shared = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the beginning, once."""
        world = self.world
        STORIES[self.case.story].prepare(world, world.setup)
        world.store.mark()
        self._beginning = world.shared()
        for number, name in enumerate(self.case.flows):
            self.flows.append(self._flow(name, number, act_of(name, world)))

    def _flow(self, name: str, number: int, act: Act) -> Flow:
        world, letter = self.world, LETTERS[number]

        def begin(client: Client) -> Callable[[], object]:
            return partial(act, world.process(f"{name}{number}", client))

        return Flow(letter, name, Behaviour(letter, begin, world.clock))

    def begin(self) -> Schedule:
        """Begin a schedule; no other one goes on."""
        self.world.store.rewind()
        self.world.share(self._beginning)
        return Schedule(self.world, self.flows)

    def run(self, decider: Decider) -> tuple[Schedule, Calls]:
        """Run one schedule from the beginning; the world is left as it ended."""
        schedule = self.begin()
        return schedule, schedule.run(decider)

    def judged_run(self, decider: Decider) -> tuple[Calls, tuple[str, ...]]:
        """Run one schedule from the beginning, and tell what is wrong with it."""
        schedule, calls = self.run(decider)
        return calls, tuple(self.wrong_all_the_way()) or self.judge(schedule)

    def replay(self, decisions: Decisions) -> tuple[Calls, tuple[str, ...]]:
        """Run the schedule of some decisions, and tell what is wrong with it."""
        return self.judged_run(Replay(decisions))

    def wrong_on_the_way(self, schedule: Schedule) -> tuple[str, ...]:
        """Tell what is wrong with the changes of the last call."""
        return tuple(wrong_changes(schedule.met, self.world.store, self.world.tables))

    def wrong_all_the_way(self) -> list[str]:
        """Tell what is wrong with the changes since the beginning."""
        store = self.world.store
        changes = [
            (table, change)
            for table in store.tables.values()
            for change in table.log[store.begun[table.name] :]
        ]
        return wrong_changes(changes, store, self.world.tables)

    def judge(self, schedule: Schedule) -> tuple[str, ...]:
        """Tell what is wrong with a schedule at its end, or after some quiet time."""
        key = schedule.digest_of_end
        if key not in self.judged:
            self.judged[key] = tuple(self._judge(schedule))
        return self.judged[key]

    def _judge(self, schedule: Schedule) -> list[str]:
        ends = list(zip(schedule.flows, schedule.places, strict=True))
        found = [
            f"{flow.name} raised {_told(place)}" for flow, place in ends if is_fault(place.outcome)
        ]
        found += self._at_once()
        if found:
            return found
        store, lengths, shared = self.world.store, self.world.store.lengths, self.world.shared()
        pins, store.pins = store.pins, {}
        try:
            found = self._rest() + self._at_once() + self.wrong_all_the_way()
            return found or self._repeated(ends)
        except Exception as error:  # noqa: BLE001 - whatever quiet runs raise is a finding
            return [f"afterwards: {_text(error)}"]
        finally:
            store.undo_to(lengths)
            store.pins = pins
            self.world.share(shared)

    def _at_once(self) -> list[str]:
        return invariants.at_once(self.world.store, self.world.tables)

    def _repeated(self, ends: Sequence[tuple[Flow, Place]]) -> list[str]:
        """Repeat what callers repeat: who was answered is answered the same, and nothing changes;
        who was not is answered now, and it happened once.
        """
        found: list[str] = []
        for flow, place in ends:
            if flow.name not in REPEATED:
                continue
            answered = place is not DEAD and not isinstance(place.outcome, Exception)
            before = invariants.asked_for(self.world.store, self.world.tables)
            again = _outcome_of(flow.behaviour.begin_run(self.world.client))
            if answered and not is_refusal(again) and repr(again) != repr(place.outcome):
                found.append(f"{flow.name} was answered {place.outcome}, then {again}")
            if answered and before != invariants.asked_for(self.world.store, self.world.tables):
                found.append(f"repeating {flow.name} was done again")
            if is_fault(again):
                found.append(f"repeating {flow.name} raised {again!r}")
        return (
            found or self._at_once() or self._rest() or self._at_once() or self.wrong_all_the_way()
        )

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


def _told(place: Place) -> str:
    return _text(place.outcome) if isinstance(place.outcome, Exception) else ""


def _text(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}({error}) at {frame.name}:{frame.lineno}"
