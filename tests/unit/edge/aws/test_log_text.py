"""Whole lines before damage are read, and the reason names the line where it was met."""

import gzip
import io
import json
import random
import re
import tracemalloc
import zlib
from collections import deque
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from billing.domain.deadline import Deadline
from billing.domain.logfiles import BadLine, LogLine, UnreadableFileError
from billing.edge.aws.log_lines import read_lines

LINES = 400
MEGABYTE = 1024**2
NEVER = Deadline(at_seconds=1.0, monotonic=lambda: 0.0)


def line(number: int) -> bytes:
    """Write a good line of so many units."""
    entry = {"userId": "acme", "service": "api-calls", "timestamp": "2024-01-15T10:00:00Z"}
    return json.dumps({**entry, "quantity": number}).encode()


def ndjson(count: int = LINES) -> bytes:
    """Write a file of one object a line."""
    return b"".join(line(number) + b"\n" for number in range(1, count + 1))


def array(count: int = LINES) -> bytes:
    """Write a file that is one array."""
    return b"[" + b",\n".join(line(number) for number in range(1, count + 1)) + b"]\n"


FORMS = pytest.mark.parametrize("form", [ndjson, array])


def broken(data: bytes, *, after: int = 0) -> tuple[list[int], str]:
    """Read a file up to where it breaks off: the units of its lines, all good, and the reason."""
    units: list[int] = []
    try:
        for each in read_lines(io.BytesIO(data), after=after, deadline=NEVER):
            assert isinstance(each, LogLine), each
            units.append(int(each.units))
    except UnreadableFileError as error:
        return units, str(error)
    raise AssertionError("the file was read to its end")


@FORMS
@pytest.mark.parametrize("missing", [1, 4, 7, 8])
def test_a_file_whose_trailer_is_cut_is_read_whole(
    form: Callable[..., bytes], missing: int
) -> None:
    units, reason = broken(gzip.compress(form())[:-missing])

    assert units == list(range(1, LINES + 1))
    assert reason == f"cannot be read on at line {LINES + 1}: the gzip is cut off"


@FORMS
@pytest.mark.parametrize(
    ("place", "why"),
    [(-8, "incorrect data check"), (-5, "incorrect data check"), (-1, "incorrect length check")],
    ids=["the check of the data", "its end", "the length"],
)
def test_a_file_whose_trailer_is_damaged_is_read_whole(
    form: Callable[..., bytes], place: int, why: str
) -> None:
    packed = bytearray(gzip.compress(form()))
    packed[place] ^= 0xFF

    units, reason = broken(bytes(packed))

    assert units == list(range(1, LINES + 1))
    assert reason == f"cannot be read on at line {LINES + 1}: the gzip is damaged: {why}"


@FORMS
def test_what_stands_behind_a_whole_gzip_ends_the_file_after_its_lines(
    form: Callable[..., bytes],
) -> None:
    units, reason = broken(gzip.compress(form()) + b"no gzip")

    assert units == list(range(1, LINES + 1))
    assert reason == (
        f"cannot be read on at line {LINES + 1}: the gzip is damaged: incorrect header check"
    )


@FORMS
@pytest.mark.parametrize("place", [10, 12, 500, 5_000])
def test_a_gzip_that_is_cut_in_the_middle_is_read_up_to_there(
    form: Callable[..., bytes], place: int
) -> None:
    packed = gzip.compress(form(5_000))
    text = zlib.decompressobj(wbits=31).decompress(packed[:place])

    units, reason = broken(packed[:place])

    assert units == list(range(1, text.count(b"}") + 1))
    assert reason == f"cannot be read on at line {len(units) + 1}: the gzip is cut off"


@FORMS
@pytest.mark.parametrize("level", [0, 9], ids=["stored", "packed"])
def test_a_damaged_second_part_takes_no_line_of_the_first(
    form: Callable[..., bytes], level: int
) -> None:
    text = form(3_000)
    half = text.index(b"\n", len(text) // 2) + 1
    second = bytearray(gzip.compress(text[half:], level))
    # A kind of block that deflate does not know.
    second[10] |= 0b110

    units, reason = broken(gzip.compress(text[:half], level) + bytes(second))

    assert units == list(range(1, text[:half].count(b"}") + 1))
    assert reason == (
        f"cannot be read on at line {len(units) + 1}: the gzip is damaged: invalid block type"
    )


def test_a_last_line_without_an_end_counts_where_its_object_has_one() -> None:
    whole = gzip.compress(ndjson()[:-1])
    cut = gzip.compress(ndjson()[:-2])

    assert len(broken(whole[:-8])[0]) == LINES
    units, reason = broken(cut[:-8])
    assert len(units) == LINES - 1
    assert reason == f"cannot be read on at line {LINES}: the gzip is cut off"


def test_a_number_that_is_cut_off_is_no_line() -> None:
    packed = gzip.compress(line(1) + b"\n123456\n")
    short = zlib.compressobj(wbits=31)
    data = short.compress(line(1) + b"\n123") + short.flush(zlib.Z_SYNC_FLUSH)

    assert len(list(read_lines(io.BytesIO(packed), after=0, deadline=NEVER))) == 2
    assert broken(data) == ([1], "cannot be read on at line 2: the gzip is cut off")


def test_a_line_too_long_that_is_cut_off_is_no_line() -> None:
    packed = zlib.compressobj(wbits=31)
    data = packed.compress(line(1) + b"\n" + b"x" * MEGABYTE) + packed.flush(zlib.Z_SYNC_FLUSH)

    assert broken(data) == ([1], "cannot be read on at line 2: the gzip is cut off")


@FORMS
def test_reading_on_behind_a_line_meets_the_damage_at_the_same_place(
    form: Callable[..., bytes],
) -> None:
    data = gzip.compress(form())[:-4]

    assert broken(data, after=150) == (broken(data)[0][150:], broken(data)[1])


@FORMS
@pytest.mark.parametrize("keep", [3, 9])
def test_a_gzip_without_a_whole_header_has_no_line(form: Callable[..., bytes], keep: int) -> None:
    assert broken(gzip.compress(form())[:keep]) == (
        [],
        "cannot be read on at line 1: the gzip is cut off",
    )


@pytest.mark.parametrize("padding", [b"", b"\0", b"\0" * 100_000], ids=["none", "one", "many"])
def test_parts_of_a_gzip_may_be_padded_with_zeros(padding: bytes) -> None:
    parts = [gzip.compress(line(number) + b"\n") + padding for number in (1, 2, 3)]

    read = list(read_lines(io.BytesIO(b"".join(parts)), after=0, deadline=NEVER))

    assert [each.number for each in read] == [1, 2, 3]


def test_damage_behind_much_text_needs_no_such_memory() -> None:
    filler = random.Random(1).randbytes(32).hex().encode()  # noqa: S311 - only to resist gzip
    text = (line(1) + b" " + filler + b"\n") * 100_000
    packed = bytearray(gzip.compress(text))
    packed[-1000] ^= 0xFF
    tracemalloc.start()
    last = deque[LogLine | BadLine](maxlen=1)
    lines = read_lines(io.BytesIO(bytes(packed)), after=0, deadline=NEVER)
    with pytest.raises(UnreadableFileError, match=r"line \d+: the gzip is damaged"):
        last.extend(lines)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert last[0].number > 50_000
    # About one megabyte, and what other threads and garbage hold meanwhile.
    assert peak_bytes < len(text) // 4


@FORMS
@given(place=st.integers(0, 10_000), flip=st.integers(1, 255))
@example(place=1194, flip=4)
def test_wherever_a_gzip_is_damaged_reading_ends_with_a_reason_and_a_line(
    form: Callable[..., bytes], place: int, flip: int
) -> None:
    text = form()
    packed = bytearray(gzip.compress(text, mtime=0))
    # Behind the header, whose time, system and flags are told by nobody.
    place = 10 + place % (len(packed) - 10)
    packed[place] ^= flip
    lines: list[LogLine | BadLine] = []
    reason = "read to its end"
    try:
        lines.extend(read_lines(io.BytesIO(bytes(packed)), after=0, deadline=NEVER))
    except UnreadableFileError as error:
        reason = str(error)

    if reason == "read to its end":
        # Between the end of what is packed and the next byte are bits that mean nothing.
        assert lines == list(read_lines(io.BytesIO(text), after=0, deadline=NEVER))
        return
    at = re.match(r"cannot be read on at line (\d+): ", reason)
    assert at or reason == "is not text in UTF-8", reason
    numbers = [each.number for each in lines]
    assert numbers == sorted(set(numbers))
    assert at is None or not numbers or int(at[1]) > numbers[-1]
