"""Log files that are too large, nested, damaged or cut off."""

import gzip
import io
import random
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.deadline import Deadline
from billing.domain.logfiles import (
    LINE_BYTES_MAX,
    BadLine,
    LogLine,
    OutOfTimeError,
    UnreadableFileError,
)
from billing.edge.aws.log_lines import DEPTH_MAX, TOKEN_BYTES_MAX, read_lines
from billing.edge.aws.log_text import GROWTH_FREE_BYTES
from tests.unit.edge.aws.log_lines.reading import (
    FORMS,
    MEGABYTE,
    NEVER,
    Line,
    broken,
    good,
    ndjson,
    read,
    reasons,
)


@FORMS
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_line_of_20_megabytes_is_one_bad_line(
    form: Callable[..., bytes], pack: Callable[[bytes], bytes]
) -> None:
    filler = random.Random(1).randbytes(10 * MEGABYTE).hex()  # noqa: S311 - only to resist gzip
    data = pack(form(good(), good(userId=filler), good()))

    assert reasons(data) == [None, f"is longer than {LINE_BYTES_MAX} bytes", None]


def test_a_line_of_20_megabytes_needs_no_such_memory() -> None:
    source = _Repeated(good() + b"\n" + b'{"userId": "', b"x" * MEGABYTE, 20, b'"}\n' + good())
    tracemalloc.start()
    lines = list(read_lines(source, after=0, deadline=NEVER))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [type(line) for line in lines] == [LogLine, BadLine, LogLine]
    assert peak_bytes < MEGABYTE


def test_an_element_of_many_small_parts_is_not_kept() -> None:
    parts = b'{"a": [1, 2, 3]}, ' * 5000
    count = 3 * MEGABYTE // len(parts) + 1
    source = _Repeated(b"[" + good() + b",[", parts, count, b"0]," + good() + b"]")
    tracemalloc.start()
    lines = list(read_lines(source, after=0, deadline=NEVER))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [type(line) for line in lines] == [LogLine, BadLine, LogLine]
    assert peak_bytes < 5 * MEGABYTE


def test_a_string_without_end_in_an_array_ends_the_reading() -> None:
    megabytes = TOKEN_BYTES_MAX // MEGABYTE + 1
    source = _Repeated(b"[" + good() + b',{"userId": "', b"x" * MEGABYTE, megabytes, b'"}]')
    lines = read_lines(source, after=0, deadline=NEVER)

    assert isinstance(next(lines), LogLine)
    with pytest.raises(UnreadableFileError, match="line 2: holds a string of more than"):
        next(lines)


@FORMS
def test_the_longest_line_is_read_and_a_longer_one_is_not(form: Callable[..., bytes]) -> None:
    room = LINE_BYTES_MAX - len(good(pad=""))
    longest = good(pad="x" * room)
    assert len(longest) == LINE_BYTES_MAX

    [fits, too_long] = reasons(ndjson(longest, longest + b" }"))
    assert fits == "pad: is not a known field"
    assert too_long == f"is longer than {LINE_BYTES_MAX} bytes"
    assert reasons(form(good(pad="x" * LINE_BYTES_MAX), good())) == [
        f"is longer than {LINE_BYTES_MAX} bytes",
        None,
    ]


def test_spaces_do_not_hide_what_stands_behind_them() -> None:
    hiding = good() + b" " * LINE_BYTES_MAX + b"{}"

    assert reasons(ndjson(hiding, good())) == [f"is longer than {LINE_BYTES_MAX} bytes", None]
    assert reasons(hiding) == [f"is longer than {LINE_BYTES_MAX} bytes"]


@FORMS
@pytest.mark.parametrize("depth", [40, 900])
def test_deep_nesting_spoils_its_line(form: Callable[..., bytes], depth: int) -> None:
    deep = b'{"userId": ' + b"[" * depth + b"]" * depth + b"}"

    [reason, after] = reasons(form(deep, good()))

    assert reason is not None
    assert after is None


def test_nesting_without_end_spoils_a_line_and_ends_an_array() -> None:
    assert reasons(ndjson(b"{" + b'"a":[' + b"[" * 15_000, good()))[1] is None

    lines, reason = broken(b"[" + good() + b"," + b"[" * 1_000_000)
    assert len(lines) == 1
    assert reason == f"cannot be read on at line 2: nests more than {DEPTH_MAX} levels deep"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"{", "is not JSON: Expecting property name enclosed in double quotes at column 2"),
        (b'{"userId": "ac', "is not JSON: Unterminated string starting at at column 12"),
        (b"{'userId': 1}", "is not JSON: Expecting property name enclosed in double"),
        (good() + b"," + good(), "is not JSON: Extra data at column"),
        (good() + b",", "is not JSON: Extra data at column"),
        (good() + b" 5", "is not JSON: Extra data at column"),
        (b"5 " + good() + good(), "is not JSON: Extra data at column"),
        (b'{"quantity": NaN}', "quantity: NaN is not JSON"),
        (b"[" * 16_000, "nests more than 32 levels deep"),
    ],
)
def test_a_line_that_is_no_json_is_told_so(text: bytes, reason: str) -> None:
    # The first line decides that this file is no array.
    [first, bad, last] = reasons(ndjson(good(), text, good()))

    assert (first, last) == (None, None)
    assert bad is not None
    assert bad.startswith(reason)


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        (b'{"userId": "ac', "parse error: premature EOF"),
        (good() + b",", "parse error: premature EOF"),
        (b'{"quantity": NaN}]', "lexical error: invalid char in json text."),
        (b"{'userId': 1}]", "lexical error"),
        (b'{"quantity": ' + b"9" * 5000 + b"}, 1]", "a number is out of range"),
        (b'{"quantity": 1e99999999999999999999}, 1]', "a number is out of range"),
        (b"]]", "parse error"),
    ],
)
def test_an_array_is_read_up_to_where_it_breaks(rest: bytes, reason: str) -> None:
    lines, why = broken(b"[" + good() + b"," + rest)

    assert isinstance(lines[0], LogLine)
    assert why.startswith(("cannot be read on at line 2: ", "cannot be read on at line 3: "))
    assert reason in why
    assert "acme" not in why


@pytest.mark.parametrize("head", [b"\x00\x01", "[{}]".encode("utf-16"), b"PK\x03\x04\x00\x00"])
def test_what_is_no_text_is_told_so(head: bytes) -> None:
    assert broken(head) == ([], "is not text in UTF-8")


def test_a_gzip_that_grows_without_end() -> None:
    source = io.BytesIO(_bomb(64))
    tracemalloc.start()
    with pytest.raises(UnreadableFileError, match="line 1: the gzip grows more than 200 times"):
        list(read_lines(source, after=0, deadline=NEVER))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < MEGABYTE


def test_a_small_gzip_may_grow_as_it_likes() -> None:
    packed = gzip.compress(b" " * (GROWTH_FREE_BYTES - MEGABYTE) + b"\n" + good())
    assert len(packed) * 200 < GROWTH_FREE_BYTES

    assert [type(line) for line in read(packed)] == [BadLine, LogLine]


def test_a_file_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("billing.edge.aws.log_text.FILE_BYTES_MAX", MEGABYTE)
    line = ndjson(good())

    lines, reason = broken(line * (MEGABYTE // len(line) + 2000))

    assert reason == (
        f"cannot be read on at line {len(lines) + 1}: the file holds more than {MEGABYTE} bytes"
    )
    assert len(lines) >= MEGABYTE // len(line)


@FORMS
@pytest.mark.parametrize("after", range(6))
def test_reading_goes_on_behind_a_line(form: Callable[..., bytes], after: int) -> None:
    data = form(good(), b'{"quantity": -1}', good(quantity=3), b"[]", good(quantity=5))

    assert read(data, after=after) == read(data)[after:]


@FORMS
def test_reading_ends_with_the_time(form: Callable[..., bytes]) -> None:
    ticks = iter(range(1000))
    deadline = Deadline(at_seconds=5, monotonic=lambda: float(next(ticks)))
    source = io.BytesIO(form(*[good()] * 100_000))

    with pytest.raises(OutOfTimeError):
        list(read_lines(source, after=0, deadline=deadline))
    assert source.tell() < len(source.getvalue())


@FORMS
@given(data=st.binary(max_size=300), place=st.integers(0, 60))
def test_any_bytes_end_as_lines_or_as_one_reason(
    form: Callable[..., bytes], data: bytes, place: int
) -> None:
    file = form(good(), good())
    lines: list[Line] = []
    with suppress(UnreadableFileError):
        lines.extend(
            read_lines(io.BytesIO(file[:place] + data + file[place:]), after=0, deadline=NEVER)
        )
    numbers = [line.number for line in lines]
    assert numbers == sorted(set(numbers))


class _Repeated:
    """A file of a head, one part many times, and a tail, which is never in memory whole."""

    def __init__(self, head: bytes, part: bytes, count: int, tail: bytes) -> None:
        self._parts = self._all(head, part, count, tail)
        self._rest = memoryview(b"")

    @staticmethod
    def _all(head: bytes, part: bytes, count: int, tail: bytes) -> Iterator[bytes]:
        yield head
        for _ in range(count):
            yield part
        yield tail

    def readinto(self, buffer: memoryview, /) -> int:
        while not self._rest:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._rest = memoryview(part)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    zeros = b"0" * MEGABYTE
    return b"".join([*(packer.compress(zeros) for _ in range(megabytes)), packer.flush()])
