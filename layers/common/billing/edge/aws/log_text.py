"""From the bytes of a log file to its text, unpacked if need be, within bounds of time and growth.

Where a file cannot be read on, its text ends, and `fault` tells why: what stands before the place
is text like any other, so that no whole line is lost with it.
"""

import io
import zlib
from typing import Any, Protocol

from billing.domain.deadline import Deadline
from billing.domain.logfiles import FILE_BYTES_MAX, OutOfTimeError

CHUNK_BYTES = 64 * 1024

# JSON lines that hardly differ shrink to a fiftieth; a gzip made to grow comes to a thousandth.
GROWTH_MAX = 200
# What may grow as it likes: a file of this size is read in a second or two.
GROWTH_FREE_BYTES = 16 * 1024**2

_GZIP_MAGIC = b"\x1f\x8b"
# Has zlib read gzip's header, and check what it unpacked against the trailer.
_GZIP_WBITS = 16 + zlib.MAX_WBITS


class Source(Protocol):
    """Where the bytes of a file come from."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Read up to as many bytes as the buffer takes; 0 at the end."""


class LogText:
    """The text of a log file, as bytes; reads as io.BufferedReader does."""

    def __init__(self, unpacked: "_Unpacked") -> None:
        buffered = io.BufferedReader(unpacked, CHUNK_BYTES)
        self._unpacked = unpacked
        self.peek, self.read = buffered.peek, buffered.read
        self.read1, self.readline = buffered.read1, buffered.readline

    @property
    def fault(self) -> str | None:
        """Why the text ends before the file does, once that is met; it may be ahead of reading."""
        return self._unpacked.fault


def open_text(source: Source, deadline: Deadline) -> LogText:
    """Begin to read a file; reading raises OutOfTimeError, and what the source raises."""
    packed = _Counted(source)
    whole = io.BufferedReader(packed, CHUNK_BYTES)
    is_gzip = whole.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
    return LogText(_Unpacked(_Gunzip(whole) if is_gzip else whole, packed, deadline))


class _DamagedError(Exception):
    """Nothing after this place can be unpacked; the message says why."""


class _Counted(io.RawIOBase):
    """Passes bytes on, as many as are asked for unless the source ends, and counts them."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source
        self.bytes_read = 0

    def readable(self) -> bool:
        """Tell io.BufferedReader that it may read."""
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - typeshed's WriteableBuffer is no type at run time
        """Fill the buffer, unless the source ends, so that a look ahead sees enough."""
        view = memoryview(buffer)
        filled = 0
        while filled < len(view):
            count = self._fill(view[filled:])
            if not count:
                break
            filled += count
        self.bytes_read += filled
        return filled

    def _fill(self, view: memoryview) -> int | None:
        return self._source.readinto(view)


class _Unpacked(_Counted):
    """The text as bytes; ends where it meets damage or a limit, and then tells so."""

    def __init__(self, source: Source, packed: _Counted, deadline: Deadline) -> None:
        super().__init__(source)
        self._packed = packed
        self._deadline = deadline
        self.fault: str | None = None

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - as above
        """Fill the buffer, unless the text ends; raises OutOfTimeError."""
        if self._deadline.passed():
            raise OutOfTimeError
        if self.fault is None:
            self.fault = self._limit_passed()
        return super().readinto(buffer)

    def _fill(self, view: memoryview) -> int | None:
        if self.fault is not None:
            return 0
        try:
            return super()._fill(view)
        except _DamagedError as error:
            self.fault = str(error)
            return 0

    def _limit_passed(self) -> str | None:
        if self.bytes_read > FILE_BYTES_MAX:
            return f"the file holds more than {FILE_BYTES_MAX} bytes"
        grown = self.bytes_read > GROWTH_MAX * self._packed.bytes_read
        if grown and self.bytes_read > GROWTH_FREE_BYTES:
            return f"the gzip grows more than {GROWTH_MAX} times"
        return None


class _Gunzip:
    """Unpacks gzip, of one part or of several; every byte that stands before damage is given.

    Python's own reader drops what it unpacked in the step that met the damage.
    """

    def __init__(self, packed: "io.BufferedReader[_Counted]") -> None:
        self._packed = packed
        self._rest = b""
        self._inflater = zlib.decompressobj(wbits=_GZIP_WBITS)
        self._fault: str | None = None

    def readinto(self, buffer: memoryview, /) -> int:
        """Read up to as many bytes as the buffer takes; raises _DamagedError once all are given."""
        while self._fault is None:
            packed = self._rest or self._packed.read1(CHUNK_BYTES)
            is_end = not packed
            if self._inflater.eof:
                if is_end:
                    return 0
                # Zeros may pad a part; behind them, another part begins.
                self._rest = packed = packed.lstrip(b"\0")
                if not packed:
                    continue
                self._inflater = zlib.decompressobj(wbits=_GZIP_WBITS)
            part = self._inflate(packed, len(buffer))
            if part:
                buffer[: len(part)] = part
                return len(part)
            if is_end:
                self._fault = "the gzip is cut off"
        raise _DamagedError(self._fault)

    def _inflate(self, packed: bytes, limit: int) -> bytes:
        before = self._inflater.copy()
        try:
            part = self._inflater.decompress(packed, limit)
        except zlib.error as error:
            self._fault = f"the gzip is damaged: {str(error).rpartition(': ')[2]}"
            return _before_damage(before, packed)
        self._rest = self._inflater.unconsumed_tail or self._inflater.unused_data
        return part


def _before_damage(inflater: "zlib._Decompress", packed: bytes) -> bytes:
    """Unpack byte by byte what a step at once could not: all up to the byte that is at fault."""
    parts: list[bytes] = []
    try:
        for place in range(len(packed)):
            parts.append(inflater.decompress(packed[place : place + 1]))  # noqa: PERF401 - what came before the error is kept
    except zlib.error:
        pass
    return b"".join(parts)
