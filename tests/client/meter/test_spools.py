"""Spools: full, damaged, of another version, on no disk; what is put off, by whatever clock."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.meter.conftest import MakeMeter
from tests.client.meter.damage import damage_a_page
from tests.client.meter.server import Server, unavailable, well
from usage_billing.meter import SpoolError, SpoolFullError, sqlite_file, sqlite_spool
from usage_billing.meter.memory_spool import MemorySpool
from usage_billing.meter.spilling_spool import SpillingSpool
from usage_billing.meter.spool import LAST_KEY, Settlement, Spool, Spooled
from usage_billing.meter.sqlite_spool import SqliteSpool

NOW = 1_800_000_000_000
MANY_BYTES = 10_000_000
FEW_BYTES = 16 * 4096


def spooled(number: int, *, is_stamped: bool = False) -> Spooled:
    """Make an event whose key is its number."""
    event = {"id": f"e{number}", "customerId": "acme", "occurredAt": "2026-01-31T12:00:00Z"}
    text = json.dumps(event, separators=(",", ":"))
    return Spooled(number.to_bytes(16, "big"), "acme", text, is_stamped)


def take(spool: Spool, limit: int = 1000, now: int = NOW) -> list[Spooled]:
    """Take events while it is our turn."""
    with spool.turn():
        return spool.take(limit, now)


def numbers(events: list[Spooled]) -> list[int]:
    """Tell events by their numbers."""
    return [int.from_bytes(event.key, "big") for event in events]


def make_damaged(path: Path) -> None:
    """Make a file of two hundred events, one page of which was overwritten."""
    file = SqliteSpool(path, MANY_BYTES)
    for number in range(200):
        file.put(spooled(number))
    file.close()
    damage_a_page(path)


def fill(spool: Spool) -> int:
    """Put events in until it is full; returns how many it took."""
    for number in range(100_000):
        try:
            spool.put(spooled(number))
        except SpoolFullError:
            return number
    raise AssertionError("it never is full")


@pytest.fixture(params=["file", "memory", "spilling"])
def a_spool(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Spool]:
    """Give a spool of each kind; the last one keeps one event in memory and the rest in a file."""
    spools: dict[str, Spool] = {"memory": MemorySpool(MANY_BYTES)}
    if request.param != "memory":
        spools["file"] = SqliteSpool(tmp_path / "spool", MANY_BYTES)
        spools["spilling"] = SpillingSpool(MemorySpool(600), spools["file"])
    yield spools[request.param]
    spools[request.param].close()


def test_what_was_put_in_is_taken_until_it_is_done(a_spool: Spool) -> None:
    for number in range(5):
        a_spool.put(spooled(number))

    taken = take(a_spool)
    assert sorted(numbers(taken)) == [0, 1, 2, 3, 4]
    assert [event.event for event in taken if event.key == spooled(3).key] == [spooled(3).event]

    with a_spool.turn():
        a_spool.settle(Settlement(done=a_spool.take(1000, NOW)[:3]))
    assert a_spool.count() == 2
    with a_spool.turn():
        a_spool.settle(Settlement(done=a_spool.take(1000, NOW)))
    assert not a_spool.holds(LAST_KEY)


def test_what_is_put_off_comes_when_it_is_due_and_keeps_no_other_waiting(a_spool: Spool) -> None:
    for number in range(4):
        a_spool.put(spooled(number))
    with a_spool.turn():
        first = [event for event in a_spool.take(4, NOW) if event.key == spooled(0).key]
        a_spool.settle(Settlement(put_off=[(first[0], NOW + 5000)]))

    assert sorted(numbers(take(a_spool))) == [1, 2, 3]
    due = {number: event for event in take(a_spool, now=NOW + 5000) for number in numbers([event])}
    assert sorted(due) == [0, 1, 2, 3]
    assert due[0].tries == 1


def test_what_is_put_off_leaves_room_in_a_batch(a_spool: Spool) -> None:
    for number in range(20):
        a_spool.put(spooled(number))
    with a_spool.turn():
        some = a_spool.take(20, NOW)[:10]
        a_spool.settle(Settlement(put_off=[(event, NOW) for event in some]))

    with a_spool.turn():
        batch = a_spool.take(4, NOW)
    assert len(batch) == 4
    assert {event.tries for event in batch} == {0, 1}


def test_a_clock_that_was_ahead_puts_nothing_off_for_long(a_spool: Spool) -> None:
    a_spool.put(spooled(0))
    a_day = 24 * 3600 * 1000
    with a_spool.turn():
        a_spool.settle(Settlement(put_off=[(a_spool.take(1, NOW)[0], NOW + a_day)]))

    assert numbers(take(a_spool)) == [0]


def test_an_event_loses_the_time_that_the_meter_wrote(a_spool: Spool) -> None:
    a_spool.put(spooled(0, is_stamped=True))
    with a_spool.turn():
        a_spool.settle(Settlement(untimed=a_spool.take(1, NOW)))

    [event] = take(a_spool)
    assert json.loads(event.event) == {"id": "e0", "customerId": "acme"}
    assert not event.is_stamped


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_a_full_spool_says_so_and_takes_again_once_some_are_sent(kind: str, tmp_path: Path) -> None:
    file = SqliteSpool(tmp_path / "spool", FEW_BYTES)
    spool: Spool = file if kind == "file" else MemorySpool(FEW_BYTES)
    taken = fill(spool)

    with spool.turn():
        batch = spool.take(1000, NOW)
        spool.settle(Settlement(put_off=[(event, NOW + 1) for event in batch]))
        spool.settle(Settlement(done=spool.take(1000, NOW + 1)))

    assert taken > 50
    assert spool.count() < taken
    spool.put(spooled(1_000_000))
    file.close()


def test_a_full_disk_keeps_what_it_has(tmp_path: Path) -> None:
    spool = SqliteSpool(tmp_path / "spool", FEW_BYTES)
    taken = fill(spool)
    spool.close()

    again = SqliteSpool(tmp_path / "spool", MANY_BYTES)
    assert again.count() == taken
    again.close()


def test_a_meter_that_is_full_raises_and_has_what_it_took(
    server: Server, make_meter: MakeMeter
) -> None:
    meter = make_meter(bytes_max=FEW_BYTES)
    with pytest.raises(SpoolFullError):
        any(meter.record("acme", "api-calls", 1) is None for _ in range(100_000))

    meter.flush()

    assert len(server.ledger.events) == meter.stats().recorded > 50


def test_a_meter_that_blocks_goes_on_as_soon_as_there_is_room(
    server: Server, make_meter: MakeMeter
) -> None:
    meter = make_meter(bytes_max=FEW_BYTES, full="block")
    for _ in range(1000):
        meter.record("acme", "api-calls", 1)

    meter.flush()

    assert len(server.ledger.events) == 1000


def test_a_meter_spills_what_memory_has_no_room_for_and_what_it_would_lose(
    server: Server, make_meter: MakeMeter, tmp_path: Path
) -> None:
    server.behave = unavailable
    meter = make_meter(spool=None, bytes_max=20_000, spill=tmp_path / "spill")
    for _ in range(100):
        meter.record("acme", "api-calls", 1)
    meter.close(seconds=0.01)
    server.behave = well

    make_meter(spool=tmp_path / "spill").flush()

    assert len(server.ledger.events) == 100


def test_a_damaged_file_is_set_aside_and_what_can_be_read_is_sent(
    server: Server, make_meter: MakeMeter, spool: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_damaged(spool)

    meter = make_meter()
    given = meter.record("acme", "api-calls", 1)
    meter.flush()

    assert "was damaged and is kept as" in caplog.text
    [aside] = spool.parent.glob("usage.spool.damaged-*Z")
    assert aside.read_bytes()[4 * 4096 : 5 * 4096] == b"\xaa" * 4096
    # One page of some six is lost, and said to be.
    assert 100 < len(server.ledger.events) < 201
    assert given in server.ledger.ids()
    assert "163 events could be read" in caplog.text


@pytest.mark.parametrize("step", ["_salvage", "_set_aside", "_put_in_place"])
def test_whoever_dies_at_mending_a_file_leaves_what_can_be_read_to_the_next(
    spool: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_damaged(spool)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(sqlite_file, step, die)
        dies = SqliteSpool(spool, MANY_BYTES)
        with pytest.raises(KeyboardInterrupt):
            dies.count()

    again = SqliteSpool(spool, MANY_BYTES)
    assert 100 < again.count() < 200
    again.close()


def test_what_others_take_while_a_damaged_file_is_set_aside_is_sent_too(
    server: Server, make_meter: MakeMeter, spool: Path
) -> None:
    make_damaged(spool)
    one, other = make_meter(), make_meter()

    other.record("acme", "api-calls", 1, id="before")
    one.stats()  # Counting them, it comes upon the damage.
    other.record("acme", "api-calls", 1, id="after")
    one.flush()

    assert {"before", "after"} <= set(server.ledger.ids())
    assert one.stats().waiting == other.stats().waiting == 0


def test_what_is_no_database_is_set_aside(
    server: Server, make_meter: MakeMeter, spool: Path
) -> None:
    spool.write_bytes(b"This is no database. " * 1000)

    meter = make_meter()
    meter.record("acme", "api-calls", 1)
    meter.flush()

    assert len(server.ledger.events) == 1
    assert len(list(spool.parent.glob("usage.spool.damaged-*Z"))) == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("PRAGMA user_version = 2", "newer version"),
        ("PRAGMA application_id = 7", "something else"),
    ],
    ids=["newer", "foreign"],
)
def test_a_file_of_another_version_or_of_something_else_is_left_as_it_is(
    spool: Path, statement: str, said: str
) -> None:
    SqliteSpool(spool, MANY_BYTES).close()
    with sqlite3.connect(spool) as connection:
        connection.execute(statement)
    connection.close()
    before = spool.read_bytes()

    with pytest.raises(SpoolError, match=said):
        SqliteSpool(spool, MANY_BYTES)

    assert spool.read_bytes() == before


def test_a_file_whose_maker_died_half_way_is_made_to_the_end(spool: Path) -> None:
    with sqlite3.connect(spool) as connection:
        connection.execute(f"PRAGMA application_id = {0x75627370}")
    connection.close()

    file = SqliteSpool(spool, MANY_BYTES)
    file.put(spooled(1))

    assert file.count() == 1
    file.close()


def test_a_disk_that_cannot_be_written_is_told_at_once() -> None:
    with pytest.raises(SpoolError):
        SqliteSpool(Path("/proc/nowhere/spool"), MANY_BYTES)


def test_two_that_share_a_file_take_turns(tmp_path: Path) -> None:
    one, other = (SqliteSpool(tmp_path / "spool", MANY_BYTES) for _ in range(2))
    one.put(spooled(1))

    with one.turn():
        assert numbers(one.take(10, NOW)) == [1]
        assert take(other) == []

    assert numbers(take(other)) == [1]
    one.close()
    other.close()


@pytest.mark.parametrize("is_power_safe", [False, True])
def test_a_file_is_synchronous_as_it_was_asked_to_be(
    tmp_path: Path, *, is_power_safe: bool
) -> None:
    spool = SqliteSpool(tmp_path / "spool", MANY_BYTES, is_power_safe=is_power_safe)

    # 1 is NORMAL, 2 is FULL: https://sqlite.org/pragma.html#pragma_synchronous
    assert spool._run("PRAGMA synchronous", ()) == [(2 if is_power_safe else 1,)]
    assert spool._run("PRAGMA journal_mode", ()) == [("wal",)]
    spool.close()


def test_a_whole_batch_is_settled_by_a_sqlite_of_few_values_in_a_statement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    def older(*given: object, **named: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*given, **named)  # type: ignore[call-overload]
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)
        return connection

    monkeypatch.setattr(sqlite3, "connect", older)
    file = SqliteSpool(tmp_path / "spool", MANY_BYTES)
    for number in range(2000):
        file.put(spooled(number))

    file.settle(Settlement(put_off=[(each, NOW) for each in take(file)]))
    file.settle(Settlement(done=take(file, limit=2000)[:1000]))

    assert numbers(take(file, limit=2000)) == list(range(1000, 2000))
    file.close()


def test_a_log_that_nobody_could_begin_anew_is_short_again_as_soon_as_somebody_can(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_spool, "LOG_BYTES_MAX", 100_000)
    file = SqliteSpool(spool, MANY_BYTES)
    log = spool.with_name(f"{spool.name}-wal")
    with contextlib.closing(sqlite3.connect(spool, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        for number in range(1500):
            file.put(spooled(number))
        assert log.stat().st_size > 4_000_000

    for number in range(1500, 2000):
        file.put(spooled(number))

    assert log.stat().st_size < 4_000_000
    assert file.count() == 2000
    file.close()
