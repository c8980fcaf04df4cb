"""Runs flows as real code, one call at a time: before each call somebody decides what happens.

A flow is a thread, but only the one that holds the baton runs, and it hands it on before a call or
when it ends. So a schedule is told by its decisions alone, and the same decisions give it again.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from tests.prove.fates import DIED_AFTER, DONE, TRANSACT, Call, Fate, fates_of
from tests.prove.store import Store

LETTERS = "abcdefgh"


class ProcessDiedError(BaseException):
    """The process of a flow is gone; none of its code may catch this and run on."""


class AbandonedError(BaseException):
    """What would follow was explored already; the flows end here, and nothing is judged."""


@dataclass(slots=True)
class Flow:
    """One flow: what it does, and how far it came.

    `history` sums up every answer that it was given: code that was answered the same stands at the
    same place. `outcome` is what it returned or raised at its end.
    """

    name: str
    act: Callable[[], object]
    letter: str = ""
    started: bool = False
    ended: bool = False
    died: bool = False
    history: int = 0
    calls: int = 0
    number_chosen: int = -1
    outcome: object = None
    disturbed: tuple[Call, int] | None = None
    baton: threading.Lock = field(default_factory=threading.Lock)

    @property
    def standing(self) -> object:
        """Tell places apart at which the flow may stand."""
        if self.ended:
            return ("died",) if self.died else ("ended", repr(self.outcome))
        return (self.started, self.history)


class Decider(Protocol):
    """Who decides."""

    def who(self, schedule: "Schedule", able: Sequence[Flow]) -> Flow:
        """Choose who goes on; may raise AbandonedError."""

    def fate(self, schedule: "Schedule", call: Call) -> Fate:
        """Choose what happens to the call of the flow that goes on."""


@dataclass(slots=True)
class Schedule:
    """One run of some flows; `calls` tells what each did, in order."""

    store: Store
    flows: Sequence[Flow]
    decider: Decider
    shared_digest: Callable[[], object]
    pass_time: Callable[[float], object]
    crew: "Crew"
    running: Flow = field(init=False)
    number: int = 0
    calls: list[tuple[Flow, Call, Fate]] = field(default_factory=list)
    abandoned: bool = False

    def __post_init__(self) -> None:
        """Give each flow its letter; none has begun."""
        for letter, flow in zip(LETTERS, self.flows, strict=False):
            flow.letter = letter
            flow.baton.acquire()
        self.running = self.flows[0]

    def run(self) -> None:
        """Run all flows to their ends."""
        self._begin(self._choose(self.flows))
        self.crew.wait()

    def call[Answer](self, call: Call, carry_out: Callable[[Fate], Answer]) -> Answer:
        """Make a call of the flow that runs, when it is its turn, as far as its fate allows."""
        flow = self.running
        self._check_alive(flow)
        self._note_repetition(flow, call)
        if flow.calls > 0 or flow.number_chosen != self.number:
            chosen = self._choose(self._able())
            if chosen is not flow:
                self._hand_over(flow, chosen)
                self._check_alive(flow)
        fate = self._decided(lambda: self.decider.fate(self, call))
        self.calls.append((flow, call, fate))
        self.number += 1
        flow.calls += 1
        return self._meet(flow, call, fate, carry_out)

    def taken(self, decisions: "Decisions") -> "Decisions":
        """Keep of some decisions those that this schedule came to."""
        return Decisions(
            {number: who for number, who in decisions.who.items() if number <= self.number},
            {number: fate for number, fate in decisions.fate.items() if number < self.number},
        )

    def _meet[Answer](
        self, flow: Flow, call: Call, fate: Fate, carry_out: Callable[[Fate], Answer]
    ) -> Answer:
        if fate.kills and not fate.takes_effect:
            self._kill(flow)
        try:
            if not fate.takes_effect:
                fate.raise_error(call)
            answer = carry_out(fate)
            if fate.kills:
                self._kill(flow)
            fate.raise_error(call)
            self.pass_time(fate.seconds)
        except Exception as error:
            told = hash((flow.history, repr(getattr(error, "response", error))))
            if fate.passes or fate.lost:
                flow.disturbed = (call, told)
            else:
                flow.history = told
            raise
        flow.history = hash((flow.history, repr(answer)))
        return answer

    def _note_repetition(self, flow: Flow, call: Call) -> None:
        """Forget a fault that passed where the very same call is made again."""
        if flow.disturbed is not None and flow.disturbed[0] != call:
            flow.history = flow.disturbed[1]
        flow.disturbed = None

    def _kill(self, flow: Flow) -> None:
        flow.died = True
        raise ProcessDiedError

    def _check_alive(self, flow: Flow) -> None:
        if self.abandoned:
            raise AbandonedError
        if flow.died:
            raise ProcessDiedError

    def _able(self) -> list[Flow]:
        return [flow for flow in self.flows if not flow.ended]

    def _choose(self, able: Sequence[Flow]) -> Flow:
        return self._decided(lambda: self.decider.who(self, able))

    def _decided[Choice](self, decide: Callable[[], Choice]) -> Choice:
        try:
            return decide()
        except AbandonedError:
            self.abandoned = True
            raise

    def _begin(self, flow: Flow) -> None:
        self.running = flow
        if flow.started:
            flow.baton.release()
            return
        # That it goes on with its first call is decided already.
        flow.started, flow.number_chosen = True, self.number
        self.crew.start(lambda: self._live(flow))

    def _hand_over(self, flow: Flow, chosen: Flow) -> None:
        self._begin(chosen)
        flow.baton.acquire()

    def _live(self, flow: Flow) -> None:
        """Be the thread of a flow, from its beginning to its end."""
        try:
            flow.outcome = flow.act()
        except (ProcessDiedError, AbandonedError):
            flow.outcome = None
        except Exception as error:  # noqa: BLE001 - what a flow raised is judged like what it returned
            flow.outcome = error
        flow.ended = True
        self._pass_on()

    def _pass_on(self) -> None:
        """Give the baton to who goes on after an end, or tell that all have ended."""
        able = self._able()
        if not self.abandoned and able:
            try:
                self._begin(self._choose(able))
            except AbandonedError:
                self._pass_on()
            return
        waiting = [flow for flow in able if flow.started]
        if waiting:
            self._begin(waiting[0])
        else:
            self.crew.finish()


class Crew:
    """Threads that are used again for flow after flow; the one who waits is told of the end."""

    def __init__(self) -> None:
        """Begin without threads."""
        self._idle: list[_Worker] = []
        self._fault: BaseException | None = None
        self._finished = threading.Lock()
        self._finished.acquire()

    def start(self, work: Callable[[], None]) -> None:
        """Have a thread do some work."""
        worker = self._idle.pop() if self._idle else _Worker(self)
        worker.give(work)

    def rest(self, worker: "_Worker") -> None:
        """Keep a thread for the next work."""
        self._idle.append(worker)

    def finish(self, fault: BaseException | None = None) -> None:
        """Tell who waits that all have ended, or that something of the proof itself is wrong."""
        self._fault = fault
        self._finished.release()

    def wait(self) -> None:
        """Wait until all have ended."""
        self._finished.acquire()
        if self._fault is not None:
            raise self._fault


@cache
def crew_of_this_process() -> Crew:
    """Give the one crew that serves all: threads that wait for work never end."""
    return Crew()


class _Worker:
    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._work: Callable[[], None] = lambda: None
        self._wake = threading.Lock()
        self._wake.acquire()
        threading.Thread(target=self._loop, daemon=True).start()

    def give(self, work: Callable[[], None]) -> None:
        self._work = work
        self._wake.release()

    def _loop(self) -> None:
        while True:
            self._wake.acquire()
            work, self._work = self._work, lambda: None
            try:
                work()
            except BaseException as fault:  # noqa: BLE001 - told to who waits, who would wait for ever
                self._crew.finish(fault)
            self._crew.rest(self)


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided otherwise than by default: who goes on, and what happens to a call."""

    who: Mapping[int, str] = field(default_factory=dict)
    fate: Mapping[int, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Write them in order: `7>b` lets flow b go on at call 7, `9!died` kills at call 9."""
        parts = [(number, f"{number}>{letter}") for number, letter in self.who.items()]
        parts += [(number, f"{number}!{name}") for number, name in self.fate.items()]
        return " ".join(text for _, text in sorted(parts, key=lambda part: part[0]))

    @classmethod
    def parse(cls, text: str) -> "Decisions":
        """Read what `str` wrote."""
        who, fate = {}, {}
        for part in text.split():
            if ">" in part:
                number, _, letter = part.partition(">")
                who[int(number)] = letter
            else:
                number, _, name = part.partition("!")
                fate[int(number)] = name
        return cls(who, fate)

    def with_who(self, number: int, letter: str) -> "Decisions":
        """Decide who goes on at a call."""
        return Decisions({**self.who, number: letter}, self.fate)

    def with_fate(self, number: int, name: str) -> "Decisions":
        """Decide what happens to a call."""
        return Decisions(self.who, {**self.fate, number: name})

    def each_left_out(self) -> Iterator["Decisions"]:
        """Leave each decision to the default in turn."""
        for number in self.who:
            yield Decisions({k: v for k, v in self.who.items() if k != number}, self.fate)
        for number in self.fate:
            yield Decisions(self.who, {k: v for k, v in self.fate.items() if k != number})


@dataclass(slots=True)
class Replay:
    """Decides what was decided before; a decision that cannot be taken any more is left out."""

    decisions: Decisions

    def who(self, schedule: Schedule, able: Sequence[Flow]) -> Flow:
        """Choose as before."""
        wanted = self.decisions.who.get(schedule.number)
        return next((flow for flow in able if flow.letter == wanted), by_default(schedule, able))

    def fate(self, schedule: Schedule, call: Call) -> Fate:
        """Choose as before."""
        wanted = self.decisions.fate.get(schedule.number)
        if wanted is None:
            return DONE
        return next((fate for fate in fates_of(schedule.store, call) if fate.name == wanted), DONE)


class DiesAfterTransaction:
    """Kills a lone flow when its first transaction is committed."""

    def who(self, schedule: Schedule, able: Sequence[Flow]) -> Flow:
        """Let it go on."""
        return by_default(schedule, able)

    def fate(self, _schedule: Schedule, call: Call) -> Fate:
        """Kill it."""
        return DIED_AFTER if call.operation == TRANSACT else DONE


def by_default(schedule: Schedule, able: Sequence[Flow]) -> Flow:
    """Choose who runs already, or else the first."""
    return able[0] if schedule.running.ended else schedule.running
