"""Usage files, read as a stream: NDJSON, a JSON array or CSV, each perhaps packed with gzip.

The first bytes tell which, whatever the file is called. A number keeps its digits.
"""

import csv
import gzip
import io
import json
import re
import select
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
# No event comes near; what is longer is no file of events.
TEXT_MAX = 65_536
_CHUNK = 65_536
IDLE_SECONDS = 1.0
_BETWEEN = re.compile(r"[\s,]*")


class UnreadableFileError(Exception):
    """Nothing behind this place can be read, and why."""


@dataclass(frozen=True)
class Line:
    """One event of a file by its place, from 1, or what is wrong with it.

    Places count lines of NDJSON, elements of an array, and records of CSV behind the header.
    """

    number: int
    event: dict[str, Any] | None
    fault: str | None = None


class _Counted(io.RawIOBase):
    """Counts what is read of a file, before it is unpacked, and tells of waiting for it."""

    def __init__(
        self, inner: io.BufferedIOBase, count: Callable[[int], None], idle: Callable[[], None]
    ) -> None:
        self._inner = inner
        self._count = count
        self._idle = idle

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  As in the class above it.
        while not _is_ready(self._inner):
            self._idle()
        # What is there, and not as much as there is room for.
        found = self._inner.read1(len(buffer))
        buffer[: len(found)] = found
        self._count(len(found))
        return len(found)


def lines_of(
    file: io.BufferedIOBase, count: Callable[[int], None], idle: Callable[[], None]
) -> Iterator[Line]:
    """Read a file line by line; `count` is told how many bytes were taken from it.

    `idle` is called while whoever writes to a pipe writes nothing, each second. Raises
    `UnreadableFileError` at the first place behind which nothing can be read.
    """
    stream = _buffered(_Counted(file, count, idle))
    if stream.peek(len(_GZIP)).startswith(_GZIP):
        stream = _buffered(cast("io.RawIOBase", gzip.GzipFile(fileobj=stream)))
    try:
        yield from _lines(stream)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFileError(f"the gzip is damaged or cut off: {error}") from None


def _is_ready(file: io.BufferedIOBase) -> bool:
    """Wait for something to read, for a second; where nobody can tell, reading waits itself."""
    try:
        ready, _, _ = select.select([file], [], [], IDLE_SECONDS)
    except (OSError, ValueError):
        return True
    return bool(ready)


def _buffered(raw: io.RawIOBase) -> io.BufferedReader:
    return io.BufferedReader(raw, _CHUNK)


def _lines(stream: io.BufferedReader) -> Iterator[Line]:
    if stream.peek(len(_BOM)).startswith(_BOM):
        stream.read(len(_BOM))
    beginning = stream.peek(_CHUNK).lstrip()[:1]
    if beginning == b"[":
        yield from _array(io.TextIOWrapper(stream, encoding="utf-8", errors="replace"))
    elif beginning in {b"{", b""}:
        yield from _ndjson(stream)
    else:
        yield from _csv(io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline=""))


def _ndjson(stream: io.BufferedReader) -> Iterator[Line]:
    number = 0
    while raw := stream.readline(TEXT_MAX):
        number += 1
        if len(raw) == TEXT_MAX and not raw.endswith(b"\n"):
            raise UnreadableFileError(f"line {number} is longer than {TEXT_MAX} bytes")
        if raw.strip():
            yield _line(number, raw)


def _line(number: int, raw: bytes) -> Line:
    try:
        return _event(number, _DECODER.decode(raw.decode("utf-8").strip()))
    except json.JSONDecodeError as error:
        # Its line is always the first: there is but one.
        return Line(number, None, f"is not JSON: {error.msg}: column {error.colno}")
    except (ValueError, RecursionError) as error:
        return Line(number, None, f"is not JSON: {error}")


def _array(stream: io.TextIOWrapper) -> Iterator[Line]:
    """Read element by element; an array is never whole in memory."""
    text = stream.read(_CHUNK).lstrip().removeprefix("[")
    number, ended = 0, False
    while True:
        text = text[_end_of_gap(text) :]
        if text.startswith("]"):
            return
        try:
            element, end = _DECODER.raw_decode(text)
        except (ValueError, RecursionError) as error:
            if ended or len(text) > TEXT_MAX:
                raise UnreadableFileError(f"element {number + 1} is not JSON: {error}") from None
            more = stream.read(_CHUNK)
            text, ended = text + more, not more
            continue
        number += 1
        yield _event(number, element)
        text = text[end:]


def _end_of_gap(text: str) -> int:
    gap = _BETWEEN.match(text)
    return 0 if gap is None else gap.end()


def _csv(stream: io.TextIOWrapper) -> Iterator[Line]:
    """Read records under the names of the first one; an empty cell is a field that is left out."""
    try:
        records = csv.DictReader(stream, strict=True)
        for number, record in enumerate(records, start=1):
            if None in record or None in record.values():
                yield Line(number, None, "has another number of cells than the header")
            else:
                yield Line(number, {name.strip(): cell for name, cell in record.items() if cell})
    except csv.Error as error:
        raise UnreadableFileError(f"not CSV: {error}") from None


def _event(number: int, content: object) -> Line:
    if not isinstance(content, dict):
        return Line(number, None, "is no JSON object")
    return Line(number, content)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once)
