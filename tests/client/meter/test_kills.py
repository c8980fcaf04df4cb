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

KILLS_OF_A_SEED = 50
# In memory where there is such a disk: whether it is slow has nothing to do with a kill.
MEMORY = Path("/dev/shm")  # noqa: S108  A folder of its own is made there.


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder for a spool that many processes share."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        yield Path(name)


@pytest.mark.parametrize("seed", [1, 2, 3, 4], ids=["first", "second", "third", "fourth"])
def test_fifty_kills_at_one_spool_lose_nothing_and_double_nothing(
    server: Server, make_meter: MakeMeter, folder: Path, seed: int
) -> None:
    server.misbehave(seed)
    plan = Plan(server.url, str(folder), seed, KILLS_OF_A_SEED)
    subprocess.run(
        [sys.executable, "-m", "tests.client.meter.victims", plan.text()],
        cwd=ROOT,
        check=True,
        timeout=240,
    )
    server.behave = well
    make_meter(spool=folder / "spool").close(seconds=120)

    taken, given = read_notes(folder / "taken"), read_notes(folder / "given")
    recorded = {event["id"]: event["units"] for event in server.ledger.events.values()}
    rejected = {
        event["id"]: event["units"]
        for line in (folder / "spool.rejects.ndjson").read_text().splitlines()
        for event in [json.loads(line)["event"]]
    }
    assert len(taken) > KILLS_OF_A_SEED
    assert recorded.keys() & rejected.keys() == set()
    ended = recorded | rejected
    assert taken.items() <= ended.items() <= given.items()
    assert len(server.ledger.events) == len(recorded)
