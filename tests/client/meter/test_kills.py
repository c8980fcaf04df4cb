"""Whoever is killed, and whenever: what `record` returned for is recorded once, or rejected."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.meter.conftest import MakeMeter
from tests.client.meter.server import Server, well
from tests.client.meter.victims import Plan, read_notes
from tests.support.lambdas import ROOT
from usage_billing import Meter

KILLS_OF_A_SEED = 50
# In memory where there is such a disk: whether it is slow has nothing to do with a kill.
MEMORY = Path("/dev/shm")  # noqa: S108  A folder of its own is made there.


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder for a spool that many processes share."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        yield Path(name)


def carry_out(plan: Plan) -> None:
    """Have it done by another process, which forks the victims while it has one thread."""
    subprocess.run(
        [sys.executable, "-m", "tests.client.meter.victims", plan.text()],
        cwd=ROOT,
        check=True,
        timeout=400,
    )


def check_that_nothing_is_lost_or_doubled(server: Server, meter: Meter, folder: Path) -> None:
    """Send what is left, and compare what was taken with what is recorded or rejected."""
    meter.close(seconds=120)

    taken, given = read_notes(folder / "taken"), read_notes(folder / "given")
    recorded = {event["id"]: event["units"] for event in server.ledger.events.values()}
    rejected = {
        event["id"]: event["units"]
        for line in (folder / "spool.rejects.ndjson").read_text().splitlines()
        for event in [json.loads(line)["event"]]
    }
    assert len(taken) > KILLS_OF_A_SEED
    assert recorded.keys() & rejected.keys() == set()
    assert len(server.ledger.events) == len(recorded)
    assert taken.items() <= (recorded | rejected).items() <= given.items()


@pytest.mark.parametrize("seed", [1, 2, 3, 4], ids=["first", "second", "third", "fourth"])
def test_fifty_kills_at_one_spool_lose_nothing_and_double_nothing(
    server: Server, make_meter: MakeMeter, folder: Path, seed: int
) -> None:
    server.misbehave(seed)
    carry_out(Plan(server.url, str(folder), seed, KILLS_OF_A_SEED))
    server.behave = well

    check_that_nothing_is_lost_or_doubled(server, make_meter(spool=folder / "spool"), folder)


def test_a_kill_at_every_fourth_line_of_a_short_story_loses_nothing_and_doubles_nothing(
    server: Server, make_meter: MakeMeter, folder: Path
) -> None:
    carry_out(Plan(server.url, str(folder), seed=1))

    check_that_nothing_is_lost_or_doubled(server, make_meter(spool=folder / "spool"), folder)
