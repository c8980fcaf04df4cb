"""Processes that record usage and are killed at it: run as a module, with a plan as its argument.

Each of them notes an event before it gives it to `record` (`given`) and once `record` returned
(`taken`), so that the two files tell what a meter answers for, whatever became of the process.
"""

import contextlib
import itertools
import json
import logging
import os
import random
import signal
import ssl
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from types import CodeType

from tests.client.meter.server import KEY
from usage_billing.meter import Backoff, Meter, UnsentError
from usage_billing.transport import SyncTransport

SHARE_THAT_DIES_AT_A_LINE = 0.6
# In this many lines a meter is opened, takes some tens of events, and sends several batches.
LINES_MAX = 8000
SECONDS_MAX = 0.1
# The short story has more; were it fewer, it would not be what is killed.
STORY_LINES_MIN = 300
# No step between two writes is shorter.
LINES_BETWEEN = 4
METER = str(Path("usage_billing", "meter"))


@dataclass(frozen=True)
class Plan:
    """How many processes to kill, one after another, at one spool, and by which seed.

    Without `kills`, a short story is told again and again, and killed some lines later each time.
    """

    url: str
    folder: str
    seed: int
    kills: int = 0

    def text(self) -> str:
        """Write the plan as an argument."""
        return json.dumps(asdict(self))


class Notes:
    """The two files, which outlive whoever writes them."""

    def __init__(self, folder: Path) -> None:
        """Open them."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._given = os.open(folder / "given", flags)
        self._taken = os.open(folder / "taken", flags)

    def record(self, meter: Meter, number: int) -> None:
        """Give an event to a meter, and note it before and after."""
        event_id = f"{os.getpid()}-{number}-{time.time_ns()}"
        note = f"{event_id} {number + 1}\n".encode()
        os.write(self._given, note)
        customer = "nobody" if number % 7 == 0 else f"customer-{number % 3}"
        meter.record(customer, "api-calls", number + 1, id=event_id)
        os.write(self._taken, note)


def read_notes(path: Path) -> dict[str, str]:
    """Read what was noted: units by event id."""
    lines = path.read_text().splitlines()
    return dict(line.split(" ") for line in lines)


def victim(plan: Plan, chance: random.Random, ready: int) -> None:
    """Record and send for ever, fork now and then, and die at a line of our code where so drawn."""
    dies_at_line = chance.random() < SHARE_THAT_DIES_AT_A_LINE
    folder = Path(plan.folder)
    notes = Notes(folder)
    if dies_at_line:
        die_at_line(chance.randrange(1, LINES_MAX))
    meter = Meter(
        plan.url,
        KEY,
        spool=folder / "spool",
        background=not dies_at_line and chance.random() < 0.5,
        backoff=Backoff(first_seconds=0.001, most_seconds=0.01),
    )
    if not dies_at_line:
        os.write(ready, b".")
    for number in itertools.count():
        notes.record(meter, number)
        if number == 3 and chance.random() < 0.3:
            os.fork()
        if chance.random() < 0.3:
            with contextlib.suppress(UnsentError):
                meter.flush(0.5)


def short_story(plan: Plan, line: int) -> None:
    """Record three events, of which one is refused, and send them, unless the line comes before."""
    notes = Notes(Path(plan.folder))
    spool = Path(plan.folder) / "spool"
    die_at_line(line)
    meter = Meter(plan.url, KEY, spool=spool, background=False)
    for number in range(6, 9):
        notes.record(meter, number)
    meter.close()


def kill_at_each_line(plan: Plan) -> None:
    """Tell the short story until it comes to its end; it has some hundred lines of ours."""
    for line in itertools.count(plan.seed, LINES_BETWEEN):
        if line % (10 * LINES_BETWEEN) == plan.seed:
            # Otherwise what is left makes the story longer than it is killed later.
            Meter(plan.url, KEY, spool=Path(plan.folder) / "spool", background=False).close()
        child = os.fork()
        if child == 0:
            short_story(plan, line)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            assert os.waitstatus_to_exitcode(status) == 0
            assert line > STORY_LINES_MIN
            return


def die_at_line(number: int) -> None:
    """Be killed before so many lines of the meter were run."""
    left = [number]
    monitoring = sys.monitoring

    def count(code: CodeType, _: int) -> object:
        if METER not in code.co_filename:
            return monitoring.DISABLE
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return None

    monitoring.use_tool_id(monitoring.DEBUGGER_ID, "victims")
    monitoring.register_callback(monitoring.DEBUGGER_ID, monitoring.events.LINE, count)
    monitoring.set_events(monitoring.DEBUGGER_ID, monitoring.events.LINE)


def fork_victim(plan: Plan, chance: random.Random) -> tuple[int, int]:
    """Start a victim in a group of its own; returns that, and what tells that it is at work."""
    seed = chance.random()
    told, ready = os.pipe()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.close(told)
        try:
            victim(plan, random.Random(seed), ready)  # noqa: S311  It draws when to die.
        except BaseException:  # noqa: BLE001  The process ends here, whatever it was.
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(ready)
    with contextlib.suppress(OSError):  # It did so itself, or is dead already.
        os.setpgid(child, child)
    return child, told


def kill_all(plan: Plan) -> None:
    """Fork victims, one or two at a time, and kill each with all that it forked."""
    chance = random.Random(plan.seed)  # noqa: S311  It draws who dies when.
    killed = 0
    while killed < plan.kills:
        victims = [fork_victim(plan, chance) for _ in range(chance.choice((1, 1, 2)))]
        for _, told in victims:
            # Nothing comes where the victim dies at a line: then it is over before this returns.
            os.read(told, 1)
            os.close(told)
        time.sleep(chance.uniform(0, SECONDS_MAX))
        for group, _ in victims:
            with contextlib.suppress(ProcessLookupError):  # It died at its line.
                os.killpg(group, signal.SIGKILL)
            _, status = os.waitpid(group, 0)
            if not os.WIFSIGNALED(status):
                sys.exit("a victim ended by itself")
            killed += 1


if __name__ == "__main__":
    logging.disable()
    the_plan = Plan(**json.loads(sys.argv[1]))
    # Imported and read by each victim, what speaks HTTP and the certificates would take longer than
    # all that it does.
    context = ssl.create_default_context()
    ssl.create_default_context = lambda *_, **__: context
    SyncTransport(the_plan.url, KEY).close()
    kill_all(the_plan) if the_plan.kills else kill_at_each_line(the_plan)
