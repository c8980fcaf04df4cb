"""A spool in a file: SQLite in WAL mode, by any number of threads and processes.

What `put` returned for outlives the process, however that ends; with `is_power_safe` also the power
(https://sqlite.org/pragma.html#pragma_synchronous). The file must be on a disk of this machine, as
WAL mode works over no network file system.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from threading import RLock
from typing import Any

from usage_billing.meter.errors import MeterClosedError, SpoolError, SpoolFullError
from usage_billing.meter.locks import TurnLock
from usage_billing.meter.memory_spool import without_time
from usage_billing.meter.room import has_room
from usage_billing.meter.spool import DUE_AHEAD_MILLISECONDS_MAX, Settlement, Spooled
from usage_billing.meter.sqlite_file import (
    BUSY_SECONDS,
    INSERT,
    INSERT_AGAIN,
    PAGE_BYTES,
    inode_of,
    is_damage,
    log_of,
    mend,
    open_spool_file,
    spool_error,
)

# SQLite before 3.32 takes no more than 999 values in a statement.
_KEYS_MAX = 900
# To take events out may need a page for a moment, also where putting one in was refused.
_SPARE_PAGES = 256

# SQLite begins its log anew when nobody reads it, which never is where several processes record
# all the time: then it is begun anew by force, which others wait for, now and then.
LOG_BYTES_MAX = 32 * 1024**2
_PUTS_BETWEEN_LOOKS = 256
_LOG_WAIT_MILLISECONDS = 100

_SELECT = "SELECT key, customer, event, is_stamped, due, tries FROM events "
_FRESH = _SELECT + "WHERE due = 0 ORDER BY key LIMIT ?"
_DUE_AGAIN = _SELECT + "WHERE due BETWEEN 1 AND ? ORDER BY due, key LIMIT ?"
# Put off by a clock that was ahead of what it is now.
_ASTRAY = _SELECT + "WHERE due > ? ORDER BY due, key LIMIT ?"
_HOLDS = (
    "SELECT EXISTS (SELECT 1 FROM events WHERE due = 0 AND key <= ?1)"
    " OR EXISTS (SELECT 1 FROM events WHERE due > 0 AND key <= ?1)"
)
_REMOVE = "DELETE FROM events "
_PUT_OFF = "UPDATE events SET tries = tries + 1, due = ? "
_UNTIME = "UPDATE events SET due = 0, is_stamped = 0, event = ? "


class SqliteSpool:
    """Keeps events in a file of about so many bytes at most."""

    def __init__(self, path: Path, bytes_max: int, *, is_power_safe: bool = False) -> None:
        """Open the file, or make it; raises SpoolError where that cannot be."""
        self._path = path
        self._pages_max = max(bytes_max // PAGE_BYTES, 16)
        self._is_power_safe = is_power_safe
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode: int | None = None
        self._is_closed = False
        self._turn_lock = self._make_turn_lock()
        self._has_turn = False
        self._puts = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SpoolError(f"There is no directory for the spool {path}: {error}") from error
        self._run("SELECT EXISTS (SELECT 1 FROM events)", ())

    def _make_turn_lock(self) -> TurnLock:
        return TurnLock(self._path.with_name(f"{self._path.name}.turn"))

    def put(self, spooled: Spooled) -> None:
        """Keep an event; raises SpoolFullError or SpoolError."""
        if not self._has_room():
            raise SpoolFullError(f"The disk of the spool {self._path} has no room but to empty it")
        self._keep_log_short()
        s = spooled
        row = (s.due, s.key, s.tries, s.customer, s.event, s.is_stamped)
        with self._lock:
            self._run(INSERT, row)
            while self._let_go_of_what_was_set_aside():
                self._run(INSERT_AGAIN, row)

    def _keep_log_short(self) -> None:
        self._puts += 1
        if self._puts % _PUTS_BETWEEN_LOOKS or _size(log_of(self._path)) <= LOG_BYTES_MAX:
            return
        with self._lock:
            self._run(f"PRAGMA busy_timeout = {_LOG_WAIT_MILLISECONDS}", ())
            try:
                # Where others are in the way it does nothing, and is tried again some events later.
                self._run("PRAGMA wal_checkpoint(TRUNCATE)", ())
            finally:
                self._run(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}", ())

    def _has_room(self) -> bool:
        """Tell whether there is room on the disk, or inside the file, which never shrinks."""
        if has_room(self._path.parent):
            return True
        [(free_pages,)] = self._run("PRAGMA freelist_count", ())
        return int(free_pages) >= _SPARE_PAGES

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn, where no other process does; raises SpoolError where nobody can tell."""
        try:
            with self._turn_lock.attempt() as self._has_turn:
                self._let_go_of_what_was_set_aside()
                yield
        except OSError as error:
            raise SpoolError(f"The turn at {self._path} is not to be had: {error}") from error
        finally:
            self._has_turn = False

    def take(self, limit: int, now_milliseconds: int) -> list[Spooled]:
        """Read what was recorded first and what is due again, half a batch of each where there is
        as much.
        """
        if not self._has_turn:
            return []
        latest = now_milliseconds + DUE_AHEAD_MILLISECONDS_MAX
        fresh = self._run(_FRESH, (limit,))
        room = max(limit // 2, limit - len(fresh))
        again = self._run(_DUE_AGAIN, (now_milliseconds, room))
        again += self._run(_ASTRAY, (latest, room - len(again)))
        return [
            Spooled(key, customer, event, bool(is_stamped), due, tries)
            for key, customer, event, is_stamped, due, tries in again + fresh[: limit - len(again)]
        ]

    def settle(self, settlement: Settlement) -> None:
        """Carry out what became of events; raises SpoolError where some of it is not done."""
        with self._lock, self._with_spare_pages():
            for due, keys in _keys_by_due(settlement.done):
                self._run(_REMOVE + _where(keys), [due, *keys])
            for until in sorted({until for _, until in settlement.put_off}):
                these = [spooled for spooled, due in settlement.put_off if due == until]
                for due, keys in _keys_by_due(these):
                    self._run(_PUT_OFF + _where(keys), [until, due, *keys])
            for spooled in settlement.untimed:
                event = without_time(spooled).event
                self._run(_UNTIME + _where([spooled.key]), [event, spooled.due, spooled.key])

    def holds(self, newest: bytes) -> bool:
        """Tell whether an event is left whose key is not above this one."""
        return bool(self._run(_HOLDS, (newest,))[0][0])

    def count(self) -> int:
        """Count the events in it."""
        [(count,)] = self._run("SELECT count(*) FROM events", ())
        return int(count)

    def close(self) -> int:
        """Close the file; nothing ends with it."""
        with self._lock:
            self._is_closed = True
            self._close_connection()
            self._turn_lock.close()
        return 0

    def before_fork(self) -> None:
        """Close the file: SQLite's connections are not to be carried into another process
        (https://sqlite.org/howtocorrupt.html, section 2.6).
        """
        self._lock.acquire()
        self._close_connection()

    def after_fork_in_parent(self) -> None:
        """Go on; whoever is next opens the file again."""
        self._lock.release()

    def after_fork_in_child(self) -> None:
        """Go on with a lock that nobody holds."""
        self._lock = RLock()
        self._turn_lock.close()
        self._turn_lock = self._make_turn_lock()
        self._has_turn = False

    def _run(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """Carry out one statement, a transaction of its own; a damaged file is mended for it."""
        with self._lock:
            try:
                return self._open().execute(statement, values).fetchall()
            except sqlite3.Error as error:
                if not is_damage(error):
                    raise spool_error(self._path, error) from error
            self._close_connection()
            self._connection = mend(self._path, is_power_safe=self._is_power_safe)
            self._inode = inode_of(self._path)
            try:
                return self._open().execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise spool_error(self._path, error) from error

    def _open(self) -> sqlite3.Connection:
        if self._is_closed:
            raise MeterClosedError("The meter is closed")
        if self._connection is None:
            before = inode_of(self._path)
            connection = open_spool_file(self._path, is_power_safe=self._is_power_safe)
            # Where it is another by now, nobody can tell which one was opened: the next look will.
            self._inode = before or inode_of(self._path)
            self._connection = connection
            self._bound(self._pages_max)
        return self._connection

    def _let_go_of_what_was_set_aside(self) -> bool:
        """Close the file where another process has mended it: whoever is next opens the new one."""
        with self._lock:
            if self._connection is None or inode_of(self._path) == self._inode:
                return False
            self._close_connection()
            return True

    def _bound(self, pages_max: int) -> None:
        if self._connection is None:
            return
        try:
            self._connection.execute(f"PRAGMA max_page_count = {pages_max}")
        except sqlite3.Error as error:
            raise spool_error(self._path, error) from error

    @contextmanager
    def _with_spare_pages(self) -> Iterator[None]:
        self._open()
        self._bound(self._pages_max + _SPARE_PAGES)
        try:
            yield
        finally:
            self._bound(self._pages_max)

    def _close_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _keys_by_due(spooled: Sequence[Spooled]) -> Iterator[tuple[int, list[bytes]]]:
    """Group keys by when they are due, as the primary key begins with that; so many at most."""
    ordered = sorted(spooled, key=lambda each: each.due)
    for due, group in groupby(ordered, key=lambda each: each.due):
        keys = [each.key for each in group]
        for start in range(0, len(keys), _KEYS_MAX):
            yield due, keys[start : start + _KEYS_MAX]


def _where(keys: Sequence[bytes]) -> str:
    return f"WHERE due = ? AND key IN ({', '.join('?' * len(keys))})"
