"""The file of a spool: opened, made, and set aside where it is damaged."""

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from usage_billing.meter.errors import SpoolError, SpoolFullError
from usage_billing.meter.locks import alone
from usage_billing.meter.room import has_room

logger = logging.getLogger("usage_billing.meter")

# Says whose file it is: "ubsp" in ASCII, in the place that SQLite has for that.
APPLICATION_ID = 0x75627370
# Raised with each change of the table; an older file is brought up to it in `_make`.
SCHEMA_VERSION = 1
PAGE_BYTES = 4096

BUSY_SECONDS = 10.0
_KEY_BYTES = 16

_TABLE = """CREATE TABLE IF NOT EXISTS events (
    due INTEGER NOT NULL, key BLOB NOT NULL, tries INTEGER NOT NULL, customer TEXT NOT NULL,
    event TEXT NOT NULL, is_stamped INTEGER NOT NULL, PRIMARY KEY (due, key)) WITHOUT ROWID"""
INSERT = (
    "INSERT INTO events (due, key, tries, customer, event, is_stamped) VALUES (?, ?, ?, ?, ?, ?)"
)
# Of what may be in it already.
INSERT_AGAIN = INSERT.replace("INSERT", "INSERT OR IGNORE")
_COLUMNS = "due, key, tries, customer, event, is_stamped"


def open_spool_file(path: Path, *, is_power_safe: bool) -> sqlite3.Connection:
    """Open the file of a spool, or make it.

    A damaged file is set aside under a name that tells so, and what can be read of it goes into a
    new one. Raises SpoolError where the file cannot be opened or is none of ours.
    """
    try:
        return _open(path, _nobody_else(path), is_power_safe=is_power_safe)
    except (OSError, sqlite3.Error) as error:
        if not is_damage(error):
            raise spool_error(path, error) from error
    return mend(path, is_power_safe=is_power_safe)


def spool_error(path: Path, error: OSError | sqlite3.Error) -> SpoolError:
    """Tell a spool that has no room from one that failed."""
    is_full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    # A full disk may be an I/O error too, where it keeps SQLite from sharing memory.
    if is_full or not has_room(path.parent):
        return SpoolFullError(f"The spool {path} has no room: {error}")
    return SpoolError(f"The spool {path} failed: {error}")


def is_damage(error: Exception) -> bool:
    """Tell whether an error says that the file is damaged, and not that it is locked or full."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def mend(path: Path, *, is_power_safe: bool) -> sqlite3.Connection:
    """Set a damaged file aside and open a new one with what can be read of it.

    Where another process did so meanwhile, its new file is opened. Whoever dies or finds no room on
    the way leaves either the damaged file where it was, or a new one with everything in it.
    """
    try:
        with _nobody_else(path):
            if not _is_sound(path):
                with _nobody_writing(path):
                    count = _salvage(path, _mended(path))
                    aside = _set_aside(path)
                    _put_in_place(path)
                logger.error(
                    "The spool %s was damaged and is kept as %s; "
                    "%d events could be read of it and are sent",
                    path,
                    aside,
                    count,
                )
            return _open(path, nullcontext(), is_power_safe=is_power_safe)
    except (OSError, sqlite3.Error) as error:
        raise spool_error(path, error) from error


def _nobody_else(path: Path) -> AbstractContextManager[None]:
    """Keep others from making or mending the file at the same time."""
    return alone(path.with_name(f"{path.name}.lock"))


@contextmanager
def _nobody_writing(path: Path) -> Iterator[None]:
    """Keep others, who have the damaged file open, from writing what would not be read of it.

    Who waits for that writes it once it is renamed, and finds out: see `inode_of`.
    """
    connection = _connect(path)
    try:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            # Where nothing can be written any more, nobody else writes.
            if not is_damage(error):
                raise
        yield
    finally:
        connection.close()


def inode_of(path: Path) -> int | None:
    """Tell which file has a name just now; one that was mended is another."""
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def log_of(path: Path) -> Path:
    """Name the log of a file (https://sqlite.org/walformat.html)."""
    return path.with_name(f"{path.name}-wal")


def _open(
    path: Path, making: AbstractContextManager[None], *, is_power_safe: bool
) -> sqlite3.Connection:
    """Open the file, and where it is new or of an older version, make it while `making` is held."""
    connection = _connect(path)
    try:
        if _needs_making(connection, path):
            with making:
                connection.close()
                if path.stat().st_size == 0 and _mended(path).exists():
                    # Whoever mended it died on the last step.
                    _put_in_place(path)
                connection = _connect(path)
                _make(connection, path)
        connection.execute(f"PRAGMA synchronous = {'FULL' if is_power_safe else 'NORMAL'}")
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    # Each statement is a transaction: nothing is ever half done between two of them.
    return sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )


def _needs_making(connection: sqlite3.Connection, path: Path) -> bool:
    application, version, tables = (
        connection.execute(query).fetchone()[0]
        for query in (
            "PRAGMA application_id",
            "PRAGMA user_version",
            # By the name that SQLite before 3.33 knows too.
            "SELECT count(*) FROM sqlite_master",
        )
    )
    is_new = application == 0 and version == 0 and tables == 0
    if not is_new and application != APPLICATION_ID:
        raise SpoolError(f"{path} is a database of something else")
    if version > SCHEMA_VERSION:
        raise SpoolError(f"{path} was written by a newer version of this package")
    return bool(version < SCHEMA_VERSION)


def _make(connection: sqlite3.Connection, path: Path) -> None:
    """Make the table; each step may have been done before, by another process that died since."""
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    if connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
        raise SpoolError(f"{path} is where SQLite has no WAL mode: give it a disk of this machine")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(_TABLE)
    # Last, so that a file whose maker died half-way is made to the end by the next one.
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _is_sound(path: Path) -> bool:
    connection = _connect(path)
    try:
        return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return False
        raise
    finally:
        connection.close()


def _mended(path: Path) -> Path:
    """Name the file that is to take the place of a damaged one."""
    return path.with_name(f"{path.name}.mended")


def _salvage(damaged: Path, mended: Path) -> int:
    """Copy what can be read of a damaged file, in one transaction; returns how many events."""
    for part in _parts(mended):
        part.unlink(missing_ok=True)
    connection = _open(mended, nullcontext(), is_power_safe=True)
    try:
        connection.execute("BEGIN")
        count = sum(connection.execute(INSERT_AGAIN, row).rowcount for row in _readable(damaged))
        connection.execute("COMMIT")
    finally:
        # Nothing of it stays in a log of its own.
        connection.close()
    return count


def _set_aside(path: Path) -> Path:
    """Rename the file and what belongs to it; the name tells when."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}.damaged-{moment}")
    for part, part_aside in zip(_parts(path), _parts(aside), strict=True):
        if part.exists():
            part.replace(part_aside)
    return aside


def _put_in_place(path: Path) -> None:
    """Have the mended file take its place, where nothing of the damaged one may join it."""
    for part in _parts(path):
        part.unlink(missing_ok=True)
    _mended(path).replace(path)


def _parts(path: Path) -> list[Path]:
    """List the files of a database: after a crash, its log may hold more than the file itself."""
    return [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")]


def _readable(damaged: Path) -> Iterator[tuple[object, ...]]:
    """Read what can be read of a damaged file, from either end up to the damage."""
    for order in ("ASC", "DESC"):
        connection = _connect(damaged)
        try:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM events ORDER BY due {order}, key {order}"  # noqa: S608  Two words of ours.
            )
            yield from (row for row in rows if _is_event(row))
        except sqlite3.DatabaseError as error:
            # Another error, such as of a full disk, is no end of what can be read.
            if not is_damage(error) and error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise
            logger.warning("Reading %s ended: %s", damaged, error)
        finally:
            connection.close()


def _is_event(row: tuple[object, ...]) -> bool:
    """Tell whether a row is whole: one that is not would spoil the batch that it is sent in."""
    match row:
        case (int(), bytes(key), int(), str(customer), str(event), int()):
            try:
                told = json.loads(event)
            except (ValueError, RecursionError):
                return False
            return (
                len(key) == _KEY_BYTES
                and isinstance(told, dict)
                and told.get("customerId") == customer
            )
        case _:
            return False
