"""From the bytes of a log file to its lines, in bounded memory, whatever the bytes are.

A file is one JSON array (its elements are the lines) or JSON objects, a line each (NDJSON) or one
behind another, as its first character tells; it may be gzip, as its first bytes tell, and begin
with a byte order mark. What is wrong with one line is told about that line; only where nothing
after it can be read does reading end, with UnreadableFileError.
"""

import codecs
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import ijson

from billing.domain.deadline import Deadline
from billing.domain.logfiles import (
    LINE_BYTES_MAX,
    BadLine,
    LogLine,
    UnreadableFileError,
)
from billing.edge.aws.log_objects import is_run, split_lines
from billing.edge.aws.log_text import CHUNK_BYTES, LogText, Source, open_text
from billing.edge.http import strict_json
from billing.edge.http.errors import InvalidRequestError, MalformedBodyError
from billing.edge.http.values import (
    OBJECT_MESSAGE,
    Reader,
    read_event_id,
    read_id,
    read_instant,
    read_members,
    read_quantity,
    read_user_id,
)

# The parser holds a name or a string in memory whole, several times over, and goes through it anew
# with each chunk: one of this size takes it some seconds.
TOKEN_BYTES_MAX = 24 * 1024**2
DEPTH_MAX = 1000

_HEAD_BYTES = 1024
_REST_UNREAD = "; what follows it in the same line of text is not read"
_TOO_LONG = f"is longer than {LINE_BYTES_MAX} bytes"


_MEMBERS: dict[str, Reader] = {
    "userId": read_user_id,
    "service": read_id,
    "quantity": read_quantity,
    "timestamp": read_instant,
    "id": read_event_id,
}
# An event without a name is given one made from the file's key and the line's number.
_OPTIONAL = frozenset({"id"})


def read_lines(source: Source, *, after: int, deadline: Deadline) -> Iterator[LogLine | BadLine]:
    """Read the lines after number `after`; lines count from 1, blank ones with them.

    Raises UnreadableFileError after the last line that could be read, and OutOfTimeError.
    """
    text = open_text(source, deadline)
    _skip_byte_order_mark(text)
    is_array = text.peek(_HEAD_BYTES).lstrip()[:1] == b"["
    yield from _read_array(text, after) if is_array else _read_ndjson(text, after)


def _skip_byte_order_mark(text: LogText) -> None:
    head = text.peek(_HEAD_BYTES)[:_HEAD_BYTES]
    if b"\0" in head:
        raise UnreadableFileError("is not text in UTF-8")
    if head.startswith(codecs.BOM_UTF8):
        text.read(len(codecs.BOM_UTF8))


def _read_ndjson(text: LogText, after: int) -> Iterator[LogLine | BadLine]:
    number = 0
    for number, line in enumerate(split_lines(text), start=1):
        if number > after and line != b"":
            yield _parse(number, line)
    if text.fault is not None:
        raise _unreadable(number + 1, text.fault)


def _unreadable(number: int, fault: object) -> UnreadableFileError:
    return UnreadableFileError(f"cannot be read on at line {number}: {fault}")


def _parse(number: int, line: bytes | None) -> LogLine | BadLine:
    if line is None:
        return BadLine(number, _TOO_LONG)
    try:
        return _check(number, strict_json.parse(line.decode()))
    except UnicodeDecodeError:
        return BadLine(number, "is not text in UTF-8")
    except MalformedBodyError as error:
        cause = error.__cause__
        if isinstance(cause, json.JSONDecodeError):
            more = _REST_UNREAD if is_run(line) else ""
            return BadLine(number, f"is not JSON: {cause.msg} at column {cause.colno}{more}")
        return BadLine(number, error.detail.removeprefix("The body "))


def _check(number: int, value: object) -> LogLine | BadLine:
    if not isinstance(value, dict):
        return BadLine(number, OBJECT_MESSAGE)
    try:
        read = read_members(value, _MEMBERS, optional=_OPTIONAL)
    except InvalidRequestError as error:
        return BadLine(number, "; ".join(f"{each.field}: {each.message}" for each in error.errors))
    return LogLine(
        number=number,
        customer_id=read["userId"],
        product_id=read["service"],
        units=read["quantity"],
        occurred_at=read["timestamp"],
        event_id=read["id"],
    )


class _BrokenArrayError(Exception):
    """The array cannot be read on; the message says why."""


def _read_array(text: LogText, after: int) -> Iterator[LogLine | BadLine]:
    number = 0
    element = _Element()
    try:
        for kind, value in _parser_events(text):
            if element.take(kind, value):
                number += 1
                if number > after:
                    yield element.line(number)
                element = _Element()
    except _BrokenArrayError as error:
        raise _unreadable(number + 1, error) from error


def _parser_events(text: LogText) -> Iterator[tuple[str, object]]:
    """Parse the array; yields the parser's events after the bracket that opens it."""
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events)
    # Bytes that are no UTF-8 would end the parser; as U+FFFD they only spoil their own line.
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    bytes_without_event = 0
    opened = False
    for chunk in iter(partial(text.read1, CHUNK_BYTES), b""):
        fault = _feed(parser.send, events, decoder.decode(chunk).encode())
        bytes_without_event = 0 if events else bytes_without_event + len(chunk)
        if bytes_without_event > TOKEN_BYTES_MAX:
            raise _BrokenArrayError(f"holds a string of more than {TOKEN_BYTES_MAX} bytes")
        yield from events if opened else events[1:]
        opened = opened or bool(events)
        events.clear()
        if fault is not None:
            raise _BrokenArrayError(fault)
    fault = _feed(lambda _nothing: parser.close(), events, b"")
    # Where the text was cut off, the parser only tells that more should have come.
    fault = text.fault or fault
    if fault is not None:
        raise _BrokenArrayError(fault)


def _feed(
    send: Callable[[bytes], object], events: list[tuple[str, object]], chunk: bytes
) -> str | None:
    """Feed the parser; tells what is wrong, where it cannot go on."""
    try:
        send(chunk)
    except ijson.JSONError as error:
        # The message goes on with a picture of the place, which holds parts of the file.
        return str(error).partition("\n")[0].strip()
    except ArithmeticError:
        return "a number is out of range"
    except SystemError:
        # The parser's answer to an integer of more than 4,300 digits; its last event is a torso.
        events.pop()
        return "a number is out of range"
    return None


class _Element:
    """One element of the array as it comes together from the parser's events.

    Only what a line may be is kept: an object of names and plain values, up to its longest size.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._size = 0
        self._is_object = False
        self._names: list[str] = []
        self._values: list[object] = []

    def take(self, kind: str, value: object) -> bool:
        """Take an event; tells whether the element is whole."""
        self._size += 1 + (len(value) if isinstance(value, str) else 0)
        if kind == "map_key":
            if self._depth == 1:
                self._keep(self._names, value)
        elif kind.startswith("start"):
            self._open(kind)
        elif kind.startswith("end"):
            self._depth -= 1
        elif self._depth == 1:
            self._keep(self._values, value)
        return self._depth == 0

    def _open(self, kind: str) -> None:
        if self._depth == 0:
            self._is_object = kind == "start_map"
        elif self._depth == 1:
            # No field takes anything nested, whatever is inside.
            self._keep(self._values, {})
        elif self._depth == DEPTH_MAX:
            raise _BrokenArrayError(f"nests more than {DEPTH_MAX} levels deep")
        self._depth += 1

    def _keep(self, kept: list[Any], value: object) -> None:
        if self._size <= LINE_BYTES_MAX:
            kept.append(value)

    def line(self, number: int) -> LogLine | BadLine:
        """Make the line of a whole element."""
        if self._size > LINE_BYTES_MAX:
            return BadLine(number, _TOO_LONG)
        if not self._is_object:
            return BadLine(number, OBJECT_MESSAGE)
        members = dict(zip(self._names, self._values, strict=True))
        if len(members) < len(self._names):
            return BadLine(number, "has a name that stands twice")
        return _check(number, members)
