"""The flows by name: what a process does, where the world stands now."""

from collections.abc import Callable, Mapping
from functools import partial

from tests.prove.flows import Process, World
from tests.prove.stories import IMAGES, LATE, OTHER

type Act = Callable[[Process], object]


def act_of(flow: str, world: World) -> Act:
    """Give what a flow does, as any process, where the world stands now."""
    if flow == "record-warm":
        return _record_warm(world.setup)
    if flow in _CHOSEN:
        return _CHOSEN[flow](world)
    if flow in _STEPS:
        return partial(_STEPS[flow], start=world.workflow.next_to_wake())
    return _ACTS[flow]


def _record_warm(memory: Process) -> Act:
    def act(process: Process) -> object:
        process.remember_as(memory)
        return process.meter(3)

    return act


# What a workflow asks for.
_STEPS = {"attempt": Process.attempt, "give-up": Process.give_up}

# What is done to something that the world has.
_CHOSEN: Mapping[str, Callable[[World], Act]] = {
    "process": lambda world: partial(Process.process, record_id=world.first_outstanding()),
    "void": lambda world: partial(Process.take_back, record_id=world.first_outstanding()),
    "refund": lambda world: partial(
        Process.give_back, record_id=world.first_paid(), amount_cents=20
    ),
    "void-usage": lambda world: partial(
        Process.adjust_usage, event_id=world.first_event(), units=0
    ),
    "correct-usage": lambda world: partial(
        Process.adjust_usage, event_id=world.first_event(), units=9
    ),
}

# Their callers repeat them until they are answered; a repetition changes nothing more.
REPEATED = frozenset(
    {
        "record",
        "record-warm",
        "record-counted",
        "record-late",
        "batch",
        "credit",
        "top-up",
        "charge",
        "void",
        "void-usage",
        "correct-usage",
        "refund",
    }
)

_ACTS: Mapping[str, Act] = {
    "record": lambda process: process.meter(3),
    "batch": lambda process: process.meter(1, 2),
    "record-counted": lambda process: process.meter(2, product_id=IMAGES),
    "record-late": lambda process: process.meter(2, product_id=IMAGES, at=LATE),
    "settle": lambda process: process.settle(),
    "settle-other": lambda process: process.settle(1),
    "run": lambda process: process.run(),
    "close": lambda process: process.close(),
    "close-handed": lambda process: process.close_days(),
    "find-imbalance": lambda process: process.find_imbalance(),
    "close-other": lambda process: process.close_days(OTHER),
    "credit": lambda process: process.top_up(5),
    "top-up": lambda process: process.top_up(200),
    "suspend": lambda process: process.suspend(),
    "activate": lambda process: process.activate(),
    "delete": lambda process: process.delete(),
    "charge": lambda process: process.raise_by_hand(2),
    "visit": lambda process: process.visit(),
    "retry-all": lambda process: process.retry_all(),
    "limit": lambda process: process.limit(100),
}
