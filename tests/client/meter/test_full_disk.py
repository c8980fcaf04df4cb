"""A disk that is really full: what a meter does then, and that it goes on by itself afterwards."""

import itertools
import json
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.client.meter.conftest import Looks, MakeMeter
from tests.client.meter.damage import damage_a_page
from tests.client.meter.server import Answer, Ledger, Server, unavailable, well
from tests.support.polling import eventually
from usage_billing import Meter
from usage_billing.meter import SpoolFullError, UnsentError
from usage_billing.meter.room import ROOM_BYTES

DISK_BYTES = ROOM_BYTES + 6 * 1024**2
PAGE_BYTES = 4096


def have_own_mounts() -> None:
    """Have this process see mounts of its own, which end with it however that ends."""
    try:
        os.unshare(os.CLONE_NEWNS)
    except PermissionError:
        pytest.fail(
            "These tests fill a disk, and may mount none: run them as root, or by `unshare -rm`"
        )
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


class Disk:
    """A small disk, which others use as well."""

    def __init__(self, path: Path) -> None:
        """Take the place at which it is mounted."""
        self.path = path
        self._of_others = path / "of-others"

    def fill(self, but_bytes: int = 0) -> None:
        """Have others take all that is left, but for so many bytes: no file gets another page."""
        pages = itertools.repeat(b"\0" * PAGE_BYTES)
        no_space = pytest.raises(OSError, match="No space left")
        with self._of_others.open("ab", buffering=0) as file, no_space:
            sum(map(file.write, pages))
        os.truncate(self._of_others, self._of_others.stat().st_size - but_bytes)

    def free(self) -> None:
        """Have others clear up."""
        self._of_others.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Give a small disk."""
    have_own_mounts()
    path = tmp_path / "disk"
    path.mkdir()
    options = f"size={DISK_BYTES}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path], check=True)
    yield Disk(path)
    subprocess.run(["umount", "--lazy", path], check=True)


def record_until_full(meter: Meter) -> int:
    """Record until an event is not taken; returns how many were."""
    for number in range(1_000_000):
        try:
            meter.record("acme", "api-calls", 1)
        except SpoolFullError:
            return number
    raise AssertionError("it never is full")


def check_that_each_is_recorded_once(server: Server, count: int) -> None:
    """Compare what was taken with what the server has, which counts each id once."""
    assert len(server.ledger.events) == count


def test_a_meter_that_fills_its_disk_says_so_and_empties_it_by_itself(
    server: Server, make_meter: MakeMeter, disk: Disk
) -> None:
    server.behave = unavailable
    meter = make_meter(spool=disk.path / "spool")
    taken = record_until_full(meter)
    with pytest.raises(UnsentError):
        meter.flush(0.1)
    server.behave = well

    meter.flush()

    check_that_each_is_recorded_once(server, taken)
    assert taken > 1000
    # The file stays as large as it is, and takes as many again.
    assert record_until_full(meter) > taken / 2
    meter.flush()


def test_an_event_that_a_full_disk_has_no_room_for_is_not_taken_and_may_be_given_again(
    server: Server, make_meter: MakeMeter, disk: Disk
) -> None:
    meter = make_meter(spool=disk.path / "spool")
    meter.record("acme", "api-calls", 1, id="first")
    disk.fill()
    with pytest.raises(SpoolFullError, match="room"):
        meter.record("acme", "api-calls", 1, id="second")
    assert meter.stats().waiting == 1

    disk.free()
    meter.record("acme", "api-calls", 1, id="second")
    meter.flush()

    assert server.ledger.sightings == {"first": 1, "second": 1}


def test_a_meter_that_blocks_waits_for_room_on_its_disk_and_goes_on_by_itself(
    server: Server, make_meter: MakeMeter, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    is_full = Event()

    def behave(events: list[dict[str, Any]], ledger: Ledger) -> Answer:
        # However quick the meter is, it has something to write down on the disk once that is full.
        assert is_full.wait(60)
        return well(events, ledger)

    server.behave = behave
    meter = make_meter(spool=disk.path / "spool", full="block", background=True)
    for _ in range(10):
        meter.record("acme", "api-calls", 1)
    disk.fill()
    is_full.set()

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(meter.record, "acme", "api-calls", 1, "waited")
        try:
            eventually(meter.stats, lambda stats: "room" in str(stats.failure), seconds=60)
            assert not waiting.done()
        finally:
            disk.free()
        assert waiting.result(timeout=60) == "waited"
    # Once a minute, and not at each look; on a slow machine the wait may take minutes.
    assert 1 <= caplog.text.count("Whoever records waits") <= 3
    eventually(meter.stats, lambda stats: stats.waiting == 0, seconds=60)

    check_that_each_is_recorded_once(server, 11)


def test_a_meter_spills_what_its_disk_has_no_room_for(
    server: Server, make_meter: MakeMeter, disk: Disk, tmp_path: Path
) -> None:
    meter = make_meter(spool=disk.path / "spool", spill=tmp_path / "spill")
    meter.record("acme", "api-calls", 1, id="first")
    disk.fill()

    for number in range(20):
        meter.record("acme", "api-calls", 1, id=f"spilled-{number}")
    with pytest.raises(UnsentError):
        meter.flush(0.1)
    disk.free()
    meter.flush()

    check_that_each_is_recorded_once(server, 21)


def test_what_was_accepted_leaves_the_spool_as_soon_as_a_full_disk_lets_it(
    server: Server, make_meter: MakeMeter, disk: Disk
) -> None:
    meter = make_meter(spool=disk.path / "spool", monotonic=Looks())
    for _ in range(50):
        meter.record("acme", "api-calls", 1)
    disk.fill()

    with pytest.raises(UnsentError, match="room"):
        meter.flush()
    assert meter.stats().waiting == 50
    disk.free()
    meter.flush()

    assert meter.stats().waiting == 0
    check_that_each_is_recorded_once(server, 50)
    # What is sent, and only not written down, is not sent again.
    assert set(server.ledger.sightings.values()) == {1}


def test_a_meter_that_is_opened_on_a_full_disk_says_so_and_has_what_was_taken_before(
    server: Server, make_meter: MakeMeter, disk: Disk
) -> None:
    server.behave = unavailable
    before = make_meter(spool=disk.path / "spool")
    for _ in range(10):
        before.record("acme", "api-calls", 1)
    before.close(0.01)
    disk.fill()
    with pytest.raises(SpoolFullError):
        make_meter(spool=disk.path / "spool")
    with pytest.raises(SpoolFullError):
        make_meter(spool=disk.path / "another")
    server.behave = well
    disk.free()

    make_meter(spool=disk.path / "spool").flush()
    make_meter(spool=disk.path / "another").record("acme", "api-calls", 1)

    check_that_each_is_recorded_once(server, 10)


@pytest.mark.parametrize("but_bytes", [0, 100_000, 200_000, 400_000])
def test_a_damaged_spool_is_mended_once_its_full_disk_has_room_for_it(
    server: Server, make_meter: MakeMeter, disk: Disk, but_bytes: int
) -> None:
    server.behave = unavailable
    spool = disk.path / "spool"
    before = make_meter(spool=spool)
    for _ in range(2000):
        before.record("acme", "api-calls", 1)
    before.close(0.01)
    damage_a_page(spool)
    disk.fill(but_bytes)
    with pytest.raises(SpoolFullError):
        make_meter(spool=spool).stats()
    server.behave = well
    disk.free()

    make_meter(spool=spool).flush()

    assert 1950 < len(server.ledger.events) < 2000
    assert len(list(disk.path.glob("spool.damaged-*Z"))) == 1


def rejects_of(path: Path) -> list[str]:
    """Read the ids of what stands in a rejects file, each line of which is whole."""
    return [json.loads(line)["event"]["id"] for line in path.read_text().splitlines()]


def test_a_rejected_event_stays_in_the_spool_until_it_stands_whole_in_its_file(
    server: Server, make_meter: MakeMeter, disk: Disk
) -> None:
    rejects = disk.path / "rejects.ndjson"
    meter = make_meter(rejects=rejects, monotonic=Looks())
    meter.record("nobody", "api-calls", 1, id="x" * 100)
    meter.flush()
    # So that a part of the next line still goes into the last page, and the rest has no room.
    with rejects.open("ab") as file:
        line = rejects.read_bytes()
        file.write(line[:-1].ljust(PAGE_BYTES - len(line) - 51) + b"\n")
    whole = rejects.read_bytes()
    disk.fill()
    meter.record("nobody", "api-calls", 1, id="lost")
    meter.record("acme", "api-calls", 1, id="found")

    with pytest.raises(UnsentError):
        meter.flush()
    assert rejects.read_bytes() == whole
    assert meter.stats().waiting == 1
    assert meter.stats().counts.rejected == 1
    disk.free()
    meter.flush()

    assert rejects_of(rejects)[2:] == ["lost"]
    assert meter.stats().counts.rejected == 2
    assert server.ledger.ids() == ["found"]


def test_half_a_line_of_a_rejects_file_whose_writer_died_is_cut_off_and_told(
    make_meter: MakeMeter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rejects = tmp_path / "rejects.ndjson"
    rejects.write_text('{"event":{"id":"whole"}}\n{"event":{"id":"ha')
    meter = make_meter(rejects=rejects)
    meter.record("nobody", "api-calls", 1, id="lost")

    meter.flush()

    assert rejects_of(rejects) == ["whole", "lost"]
    assert "half a line" in caplog.text


def test_a_last_line_without_an_end_is_kept_where_it_is_whole(
    make_meter: MakeMeter, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.ndjson"
    rejects.write_text('{"event":{"id":"edited by hand"}}')
    meter = make_meter(rejects=rejects)
    meter.record("nobody", "api-calls", 1, id="lost")

    meter.flush()

    assert rejects_of(rejects) == ["edited by hand", "lost"]
