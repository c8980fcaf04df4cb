"""Runs flows side by side, one call at a time: before each call somebody decides what happens.

A schedule is told by its decisions alone, and the same decisions give it again. It may be kept at
any moment, and gone back to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.prove.behaviour import DEAD, NOT_BEGUN, Behaviour, Place, Told
from tests.prove.fates import DONE, GO_ON, START, Call, Fate, pinned_by, standing_of
from tests.prove.flows import Shared, World
from tests.prove.store import AllPins
from tests.prove.tables import Change, Table

LETTERS = "abcdefgh"

type Changes = tuple[tuple[Table, Change], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """One of the flows of a schedule: what it is called, and what its code does."""

    letter: str
    name: str
    behaviour: Behaviour


@dataclass(frozen=True, slots=True)
class Met:
    """What came of a call that met certain rows: what changed, where its flow stands, and when."""

    changes: Changes
    place: Place
    now: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """Where a schedule was kept, and what had changed since it was kept before that."""

    before: "Moment | None"
    depth: int
    number: int
    running: int
    places: tuple[Place, ...]
    pins: AllPins
    shared: Shared
    changes: Changes


class Decider(Protocol):
    """Who decides."""

    def who(self, schedule: "Schedule", able: Sequence[int]) -> int:
        """Choose which flow goes on."""

    def fate(self, schedule: "Schedule", call: Call) -> Fate:
        """Choose what happens to the call of the flow that goes on."""


@dataclass(slots=True)
class Schedule:
    """Some flows, each at its place, and the world that they share, from a beginning on.

    `number` counts the calls. `met` is what came of the last one.
    """

    world: World
    flows: Sequence[Flow]
    running: int = 0
    number: int = 0
    places: list[Place] = field(default_factory=list)
    met: Changes = ()
    _shared: Shared = field(init=False)
    _kept: Moment = field(init=False)
    _changes: list[tuple[Table, Change]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Stand at the beginning, where no flow has begun."""
        self.places = [NOT_BEGUN] * len(self.flows)
        self._shared = self.world.shared()
        self._kept = Moment(
            None, 0, 0, 0, tuple(self.places), self.world.store.pins, self._shared, ()
        )

    @property
    def able(self) -> list[int]:
        """The flows that can go on."""
        return [flow for flow, place in enumerate(self.places) if place.may_go_on]

    @property
    def is_idle(self) -> bool:
        """Whether the flow that ran last can go no further, so that another one must."""
        return not self.places[self.running].may_go_on

    @property
    def call(self) -> Call:
        """The call that the running flow is about to make."""
        call = self.places[self.running].call
        if call is None:
            raise AssertionError("a flow that runs is about to make a call")
        return call

    @property
    def digest(self) -> int:
        """Tell different places apart at which schedules of these flows may be."""
        places = tuple([place.number for place in self.places])
        return hash((self.running, self.world.store.digest_of_all, places, self._shared.digest))

    @property
    def digest_of_end(self) -> int:
        """Tell different ends apart, however they were come to."""
        places = tuple([place.number for place in self.places])
        return hash((self.world.store.digest, places, self._shared.digest))

    def turn_to(self, flow: int) -> None:
        """Let a flow go on, which begins now if it has not."""
        self.running = flow
        if self.places[flow] is NOT_BEGUN:
            self.places[flow] = self.flows[flow].behaviour.begin()

    def meet(self, fate: Fate) -> None:
        """Make the call of the running flow, as far as its fate allows."""
        store, call = self.world.store, self.call
        self.number += 1
        before = store.pins
        if fate.pinned is not None:
            store.pins = pinned_by(store, call, fate)
        self.met = ()
        self._meet(call, fate)
        if not fate.stays:
            store.pins = before
        # What the workflow does behind its step is no call of the flow's.
        while (silent := self.places[self.running].call) and silent.operation == GO_ON:
            self._meet(silent, DONE)

    def _meet(self, call: Call, fate: Fate) -> None:
        place = self.places[self.running]
        if call.operation in {START, GO_ON}:
            met = self._try(place, call, fate)
            self._shared = self.world.shared()
        else:
            now = self.world.clock.now
            key = (fate.name, now, standing_of(self.world.store, call))
            known = place.known.get(key)
            if known is None:
                known = place.known[key] = self._try(place, call, fate)
            else:
                for table, change in known.changes:
                    table.put(change.key, change.after)
                self.world.clock.now = known.now
            met = known
            if fate.seconds:
                self._shared = self.world.shared()
        self.places[self.running] = met.place
        self.met += met.changes
        self._changes += met.changes

    def _try(self, place: Place, call: Call, fate: Fate) -> Met:
        """Make a call that has not met these rows before."""
        tables = self.world.store.tables.values()
        lengths = [len(table.log) for table in tables]
        told = self._told(call, fate)
        changes = tuple(
            (table, change)
            for table, length in zip(tables, lengths, strict=True)
            for change in table.log[length:]
        )
        if told is None:
            return Met(changes, DEAD, self.world.clock.now)
        behaviour = self.flows[self.running].behaviour
        return Met(changes, behaviour.go_on(place, told), told.now)

    def _told(self, call: Call, fate: Fate) -> Told | None:
        """Give what the flow is told; None where it does not live to hear it."""
        clock = self.world.clock
        try:
            if fate.kills and not fate.takes_effect:
                return None
            if not fate.takes_effect:
                fate.raise_error(call)
            answer = self.world.answer(call, fate)
            if fate.kills:
                return None
            fate.raise_error(call)
            return Told(clock.advance(fate.seconds), answer)
        except (ClientError, ReadTimeoutError) as error:
            return Told(clock.now, error=error, passes=fate.passes or fate.lost)

    def keep(self) -> Moment:
        """Keep this moment, to go back to."""
        kept, places = self._kept, tuple(self.places)
        if (kept.number, kept.running, kept.places) == (self.number, self.running, places):
            return kept
        self._kept = Moment(
            self._kept,
            self._kept.depth + 1,
            self.number,
            self.running,
            places,
            self.world.store.pins,
            self._shared,
            tuple(self._changes),
        )
        self._changes.clear()
        return self._kept

    def go_back(self, moment: Moment) -> None:
        """Go to a moment that was kept, from wherever the schedule is."""
        self._undo(self._changes)
        self._changes.clear()
        to_redo: list[Moment] = []
        target = moment
        while target is not self._kept:
            if self._kept.depth >= target.depth:
                self._undo(self._kept.changes)
                self._kept = _before(self._kept)
            else:
                to_redo.append(target)
                target = _before(target)
        for each in reversed(to_redo):
            for table, change in each.changes:
                table.put(change.key, change.after)
        self._kept = moment
        self.number, self.running = moment.number, moment.running
        self.places = list(moment.places)
        self.world.store.pins = moment.pins
        if self._shared is not moment.shared:
            self._shared = moment.shared
            self.world.share(moment.shared)

    def _undo(self, changes: Sequence[tuple[Table, Change]]) -> None:
        for table, _ in changes:
            table.undo_to(len(table.log) - 1)

    def run(self, decider: Decider) -> list[tuple[Flow, Call, Fate]]:
        """Run on to the end; returns what was called, by whom, and what happened to it."""
        calls: list[tuple[Flow, Call, Fate]] = []
        while able := self.able:
            self.turn_to(decider.who(self, able))
            call = self.call
            fate = decider.fate(self, call)
            calls.append((self.flows[self.running], call, fate))
            self.meet(fate)
        return calls


def _before(moment: Moment) -> Moment:
    if moment.before is None:
        raise AssertionError("a moment of another schedule")
    return moment.before


def by_default(schedule: Schedule, able: Sequence[int]) -> int:
    """Choose who runs already, or else the first."""
    return able[0] if schedule.is_idle else schedule.running
