"""Cold starts: the CPU that importing a function takes, in turn with a bare client."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.support.lambdas import FUNCTIONS
from tools.bench.figures import Figure
from tools.bench.processes import Side, start_bare_client

HTTP_GOAL = 1.7
OTHER_GOAL = 1.3

# Of these it is told too how they start without the bytecode of the layer.
UNCOMPILED = ("authorizer", "usage")

# The console has no client and none of the layer to load.
MEASURED = tuple(name for name in FUNCTIONS if name != "console")

type Seconds = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Start:
    """How a function starts: seconds of CPU, and how often a bare client goes into them."""

    function: str
    seconds: Figure
    ratio: Figure

    @property
    def goal(self) -> float:
        """What the ratio should not exceed; the authorizer, which every request waits for, has the
        goal of those that speak no HTTP."""
        speaks_http = find_spec(f"billing.edge.api.{self.function}") is not None
        return HTTP_GOAL if speaks_http else OTHER_GOAL


@dataclass(frozen=True, slots=True)
class ColdStarts:
    """How every function starts, by the name of the side, and how a bare client does."""

    bare: Figure
    by_side: dict[str, list[Start]]


def measure_starts(sides: Sequence[Side], uncompiled: Side, bare: Path, rounds: int) -> ColdStarts:
    """Start everything in turn, so that what else the machine does is everybody's."""
    seconds: defaultdict[str, Seconds] = defaultdict(lambda: defaultdict(list))
    wanted = [(side, name) for side in sides for name in MEASURED if side.handler(name).exists()]
    wanted += [(uncompiled, name) for name in UNCOMPILED]
    bare_seconds: list[float] = []
    for _ in range(rounds):
        bare_seconds.append(start_bare_client(bare))
        for side, name in wanted:
            seconds[side.name][name].append(side.start(name))
    return ColdStarts(
        Figure.of(bare_seconds),
        {
            side: [
                Start(name, Figure.of(taken), Figure.ratio(taken, bare_seconds))
                for name, taken in by_function.items()
            ]
            for side, by_function in seconds.items()
        },
    )
