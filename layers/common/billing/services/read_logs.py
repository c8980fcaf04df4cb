"""Read what came of log files: the files' tallies, and the usage that was read from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from billing.domain.errors import LogFileNotFoundError
from billing.domain.logfiles import LogFile, Problem
from billing.domain.usage import UsageEvent
from billing.services.accounts import read_account
from billing.services.paging import (
    Page,
    cursor_at,
    decode_cursor,
    encode_cursor,
    not_a_cursor,
    position_of,
)
from billing.services.read_usage import BilledEvent, newest_usage, shards_of, with_records
from billing.storage.logfiles import position_of as file_position
from billing.storage.stores import Stores
from billing.storage.usage import position_of as usage_position

# One request looks at no more than this, so that a customer with a million other events, or a row
# of files without any, costs a short page and not a time-out; the cursor goes on.
EVENTS_EXAMINED_MAX = 1000
FILES_EXAMINED_MAX = 50

EVENTS_TOGETHER = 100

LINE_DIGITS_MAX = 12

# A file is shown with two lists, each of which goes on by itself.
_USAGE_CURSOR, _PROBLEMS_CURSOR = "usage_cursor", "problems_cursor"


def list_log_files(*, limit: int, cursor: str | None, stores: Stores) -> Page[LogFile]:
    """List the tallies of all log files, the newest upload first."""
    files, position = stores.log_files.page(limit=limit, before=position_of(cursor))
    return Page(files, cursor_at(position))


def get_log_file(file_id: str, *, stores: Stores) -> LogFile:
    """Read a file's tally; raises LogFileNotFoundError."""
    file = stores.log_files.get(file_id)
    if file is None:
        raise LogFileNotFoundError(file_id)
    return file


def list_file_usage(
    file: LogFile, *, limit: int, cursor: str | None, stores: Stores
) -> Page[BilledEvent]:
    """List the usage that was read from a file, in order of lines."""
    after = position_of(cursor, name=_USAGE_CURSOR)
    found, position = stores.usage.of_log_file(file.id, after=after, limit=limit)
    return _page(found, cursor_at(position), stores)


def list_file_problems(
    file: LogFile, *, limit: int, cursor: str | None, stores: Stores
) -> Page[Problem]:
    """List what is kept of a file's lines that were not accepted, in order of lines."""
    after = _line_in(cursor)
    rest = (problem for problem in stores.log_files.problems(file) if problem.line > after)
    found = list(islice(rest, limit + 1))
    more = cursor_at(str(found[limit - 1].line)) if len(found) > limit else None
    return Page(found[:limit], more)


def _line_in(cursor: str | None) -> int:
    """Read the line after which a list goes on; raises InvalidInputError for a foreign cursor."""
    text = position_of(cursor, name=_PROBLEMS_CURSOR) or "0"
    if not text.isdecimal() or len(text) > LINE_DIGITS_MAX:
        raise not_a_cursor(_PROBLEMS_CURSOR)
    return int(text)


def list_logs(*, limit: int, cursor: str | None, stores: Stores) -> Page[BilledEvent]:
    """List the usage that was read from log files: the newest file first, its last line first.

    A page may be short, even empty, before the end: a file without usage counts as looked at.
    """
    place = _Place.of(cursor)
    files, more = stores.log_files.page(limit=FILES_EXAMINED_MAX, before=place.after_file)
    events: list[UsageEvent] = []
    for file in files:
        room = limit - len(events)
        if room == 0:
            return _page(events, place.cursor(), stores)
        found, position = stores.usage.of_log_file_backwards(
            file.id, before=place.before_line, limit=room
        )
        events += found
        if position is not None:
            inside = _Place(after_file=place.after_file, before_line=position)
            return _page(events, inside.cursor(), stores)
        place = _Place(after_file=file_position(file))
    # Files that moved in their list since it was read are behind as well.
    return _page(events, None if more is None else _Place(after_file=more).cursor(), stores)


def list_customer_logs(
    customer_id: str, *, limit: int, cursor: str | None, stores: Stores
) -> Page[BilledEvent]:
    """List the usage of a customer that was read from log files, newest first.

    A page may be short, even empty, before the end: usage that came another way counts as looked
    at. A deleted customer's is listed too. Raises CustomerNotFoundError.
    """
    customer = read_account(customer_id, stores).customer
    shards = shards_of(customer, stores.tabs.of_customer(customer_id))
    events: list[UsageEvent] = []
    before = position_of(cursor)
    for _ in range(EVENTS_EXAMINED_MAX // EVENTS_TOGETHER):
        looked_at, before = newest_usage(
            shards, limit=EVENTS_TOGETHER, before=before, stores=stores
        )
        events += [event for event in looked_at if event.source is not None]
        if len(events) > limit:
            return _page(events[:limit], cursor_at(usage_position(events[limit - 1])), stores)
        if before is None:
            break
    return _page(events, cursor_at(before), stores)


def _page(events: Sequence[UsageEvent], cursor: str | None, stores: Stores) -> Page[BilledEvent]:
    return Page(with_records(events, stores=stores), cursor)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the list of all usage goes on: in the first file after one, before one of its lines.

    Without `after_file` that is the newest file, without `before_line` its last line.
    """

    after_file: str | None = None
    before_line: str | None = None

    @classmethod
    def of(cls, cursor: str | None) -> "_Place":
        """Read a cursor; raises InvalidInputError for a foreign one."""
        position = {} if cursor is None else decode_cursor(cursor)
        return cls(position.get("behind"), position.get("line"))

    def cursor(self) -> str:
        """Write the cursor."""
        parts = {"behind": self.after_file, "line": self.before_line}
        return encode_cursor({name: part for name, part in parts.items() if part is not None})
