"""What the code of a flow does after each answer: run once for each, and remembered.

Code that is given the same answers, at the same times, makes the same call next. So a schedule need
not run the code of its flows: it walks from place to place, and only where nobody has been is the
code run, from its beginning, with the answers that lead there.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from tests.prove.client import Client
from tests.prove.fates import TRANSACT, Call
from tests.support.clock import SettableClock

TOKEN = "ClientRequestToken"

# Makes what a flow does, as a process of its own that remembers nothing, whose calls are answered
# by the client that is given.
type Begin = Callable[[Client], Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Told:
    """What a flow is told, an answer or an error in its place, and what time it is then.

    `passes` tells that DynamoDB asks to make the same call again.
    """

    now: datetime
    answer: Any = None
    error: Exception | None = None
    passes: bool = False

    @property
    def key(self) -> object:
        """Tell different things to be told apart."""
        response = getattr(self.error, "response", self.error)
        return (self.now, hash((repr(self.answer), repr(response))))


@dataclass(frozen=True, slots=True)
class Ended:
    """What a flow returned, or raised."""

    outcome: object


# Places are what they are, however alike: no two need comparing.
@dataclass(slots=True, eq=False)
class Place:
    """Where the code of a flow stands: before a call, or at its end.

    `told` led there. `known` keeps what came of the call before, by what it met: see `Schedule`.
    `run` is code that stands there and may go on from there, once.
    """

    number: int
    told: tuple[Told, ...] = ()
    stands: "Call | Ended" = field(default_factory=lambda: Ended(None))
    run: "_Run | None" = None
    ahead: dict[object, "Place"] = field(default_factory=dict)
    known: dict[object, Any] = field(default_factory=dict)

    @property
    def call(self) -> Call | None:
        """The call that the flow is about to make, None at its end."""
        return self.stands if isinstance(self.stands, Call) else None

    @property
    def may_go_on(self) -> bool:
        """Whether the flow has a call to make, or has not begun."""
        return isinstance(self.stands, Call) or self is NOT_BEGUN

    @property
    def outcome(self) -> object:
        """What the flow returned or raised, None before its end."""
        return self.stands.outcome if isinstance(self.stands, Ended) else None


NOT_BEGUN = Place(-1)
DEAD = Place(-2)


@dataclass(slots=True)
class Behaviour:
    """The places of one flow, found out as schedules come to them.

    `name` is that of the flow among those of a schedule.
    """

    name: str
    begin_run: Begin
    clock: SettableClock
    _begun: dict[datetime, Place] = field(default_factory=dict)
    _ends: dict[str, Place] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def begin(self) -> Place:
        """Give the place before the first call, where the flow begins now."""
        now = self.clock.now
        if now not in self._begun:
            run = _Run(self.name, self.begin_run)
            self._begun[now] = self._place((Told(now),), run, run.begin())
        return self._begun[now]

    def go_on(self, place: Place, told: Told) -> Place:
        """Give the place that follows one where the flow is told something."""
        key = told.key
        if key not in place.ahead:
            run = place.run or self._run_again(place)
            place.run = None
            self.clock.now = told.now
            stands = run.go_on(told)
            if told.passes and stands == place.call:
                # The very call is made again, and what passed is forgotten.
                place.ahead[key] = place
            else:
                place.ahead[key] = self._place((*place.told, told), run, stands)
        return place.ahead[key]

    def _run_again(self, place: Place) -> "_Run":
        """Run the code from its beginning to a place where it was before."""
        run = _Run(self.name, self.begin_run)
        self.clock.now = place.told[0].now
        stands = run.begin()
        for told in place.told[1:]:
            self.clock.now = told.now
            stands = run.go_on(told)
        if stands != place.stands:
            raise AssertionError(f"a flow came to {stands}, and before to {place.stands}")
        return run

    def _place(self, told: tuple[Told, ...], run: "_Run", stands: Call | Ended) -> Place:
        if isinstance(stands, Call):
            return Place(next(self._numbers), told, stands, run)
        # Of flows that ended alike, it is all the same where they had been.
        ended = Place(next(self._numbers), told, stands)
        return self._ends.setdefault(repr(stands), ended)


class _Run:
    """The code of a flow, running up to its next call, and from there with what it is told."""

    def __init__(self, name: str, begin: Begin) -> None:
        act = begin(Client(_Asking(name).ask))
        self._greenlet = greenlet(lambda: _live(act))

    def begin(self) -> Call | Ended:
        """Run to the first call."""
        stands: Call | Ended = self._greenlet.switch()
        return stands

    def go_on(self, told: Told) -> Call | Ended:
        """Run to the next call."""
        stands: Call | Ended = self._greenlet.switch(told)
        return stands


def _live(act: Callable[[], object]) -> Ended:
    try:
        return Ended(act())
    except Exception as error:  # noqa: BLE001 - what it raises is judged like what it returns
        return Ended(error)


@dataclass(slots=True)
class _Asking:
    """Has the calls of a flow answered by whoever runs its code.

    It does not know the run that it is part of: code that waits in a circle is never cleared away.
    """

    name: str
    tokens: dict[str, str] = field(default_factory=dict)
    is_over: bool = False

    def ask(self, call: Call) -> Any:  # noqa: ANN401 - as boto3 answers
        """Wait until somebody tells what comes of a call."""
        runner = getcurrent().parent
        if self.is_over or runner is None:
            raise GreenletExit
        try:
            told: Told = runner.switch(self._with_token_of_its_own(call))
        except GreenletExit:
            # Nobody runs the code any more: what it does to clean up behind itself has no effect.
            self.is_over = True
            raise
        if told.error is not None:
            raise told.error.with_traceback(None)
        return told.answer

    def _with_token_of_its_own(self, call: Call) -> Call:
        """Name the token of a transaction by its number, in place of what chance called it."""
        if call.operation != TRANSACT:
            return call
        number = len(self.tokens)
        name = self.tokens.setdefault(call.request[TOKEN], f"{self.name}-{number}")
        return replace(call, request={**call.request, TOKEN: name})
