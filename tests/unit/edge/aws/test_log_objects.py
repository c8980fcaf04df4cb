"""Objects one behind another are lines; a file of one object a line is read as it ever was."""

import gzip
import io
import json
import random
import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.deadline import Deadline
from billing.domain.logfiles import LINE_BYTES_MAX, BadLine, LogLine, UnreadableFileError
from billing.edge.aws.log_lines import read_lines

MEGABYTE = 1024**2
NEVER = Deadline(at_seconds=1.0, monotonic=lambda: 0.0)
UNREAD = "; what follows it in the same line of text is not read"
TOO_LONG = f"is longer than {LINE_BYTES_MAX} bytes"


def line(number: int = 1, **more: object) -> bytes:
    """Write a good line of so many units."""
    entry = {"userId": "acme", "service": "api-calls", "timestamp": "2024-01-15T10:00:00Z"}
    return json.dumps({**entry, "quantity": number, **more}).encode()


def read(data: bytes, *, after: int = 0) -> list[LogLine | BadLine]:
    """Read a whole file."""
    return list(read_lines(io.BytesIO(data), after=after, deadline=NEVER))


def told(lines: Iterable[LogLine | BadLine]) -> dict[int, int | str]:
    """Give for each number of a line its units, or why it is bad."""
    return {
        each.number: each.reason if isinstance(each, BadLine) else int(each.units) for each in lines
    }


def first_words(data: bytes) -> dict[int, int | str]:
    """Read a file and keep of each reason what stands before its first colon."""
    lines = told(read(data))
    return {
        number: each.partition(":")[0] if isinstance(each, str) else each
        for number, each in lines.items()
    }


@pytest.mark.parametrize("between", [b"", b" ", b"\t", b"\r", b"  \t "],
                         ids=["nothing", "a space", "a tab", "a return", "blanks"])  # fmt: skip
@pytest.mark.parametrize("end", [b"", b"\n", b" \r\n"], ids=["no end", "an end", "Windows"])
def test_objects_one_behind_another_are_lines(between: bytes, end: bytes) -> None:
    assert told(read(between.join([line(1), line(2), line(3)]) + end)) == {1: 1, 2: 2, 3: 3}


def test_runs_and_lines_may_be_mixed_and_blank_lines_count_as_places() -> None:
    data = line(1) + line(2) + b"\n" + line(3) + b"\n\n" + line(5) + line(6) + line(7) + b"\n"

    assert told(read(data)) == {1: 1, 2: 2, 3: 3, 5: 5, 6: 6, 7: 7}


def test_a_file_of_one_object_a_line_keeps_its_numbers_whatever_the_lines_are() -> None:
    lines = [
        line(1),
        b"",
        line(3) + b",",
        line(4) + b" trailing",
        line(5, note="}{"),
        line(6, note='\\"} {\\"'),
        b"{}} {",
        b"5 {} {}",
        b'"{} {}"',
        b'{"a": [{}, {"b": {} }]}',
        b'{"a": "} {',
        line(12)[:-1],
        b"x" * (LINE_BYTES_MAX + 10),
        line(14),
    ]

    found = first_words(b"\n".join(lines))

    assert found == {
        1: 1, 3: "is not JSON", 4: "is not JSON", 5: "note", 6: "note", 7: "is not JSON",
        8: "is not JSON", 9: "must be an object", 10: "userId", 11: "is not JSON",
        12: "is not JSON", 13: TOO_LONG, 14: 14,
    }  # fmt: skip


def test_a_bad_line_in_a_run_spoils_itself_alone() -> None:
    bad = [b"{}", b'{"a": {"b": "}{"}}', line(4).replace(b"acme", b"ac\xffme"), line(5)[:-1]
           + b', "quantity": 5}', b'{"quantity": NaN}']  # fmt: skip

    assert first_words(b"".join([line(1), *bad, line(7)])) == {
        1: 1,
        2: "userId",
        3: "userId",
        4: "is not text in UTF-8",
        5: "quantity",
        6: "quantity",
        7: 7,
    }


@pytest.mark.parametrize(
    "broken",
    [b"{'userId': 1}", b'{"userId": }', b'{"userId": "acme}', b'{"a": "\\x"}', b'{"a": 1'],
    ids=["single quotes", "a value missing", "no end of a string", "a bad escape", "no end"],
)
@pytest.mark.parametrize("behind", [0, 3, 10_000], ids=["alone", "a few", "very many"])
def test_a_broken_object_is_one_bad_line_and_reading_goes_on_behind_the_lines_end(
    broken: bytes, behind: int
) -> None:
    found = told(read(line(1) + broken + line(9) * behind + b"\n" + line(3)))

    assert set(found) == {1, 2, 3}
    assert (found[1], found[3]) == (1, 3)
    reason = str(found[2])
    assert reason.startswith("is not JSON: ") or (behind == 10_000 and reason == TOO_LONG)
    assert reason.endswith(UNREAD) or behind == 0 or reason == TOO_LONG


@pytest.mark.parametrize("behind", [0, 3, 10_000], ids=["alone", "a few", "very many"])
def test_an_object_that_is_too_long_ends_its_run(behind: int) -> None:
    long = line(2, note="x" * LINE_BYTES_MAX)

    assert told(read(line(1) + long + line(9) * behind + b"\n" + line(3))) == {
        1: 1,
        2: TOO_LONG,
        3: 3,
    }


def test_the_longest_object_of_a_run_is_read() -> None:
    room = LINE_BYTES_MAX - len(line(2, note=""))
    longest = line(2, note="x" * room)
    assert len(longest) == LINE_BYTES_MAX

    assert first_words(line(1) + longest + line(3) + longest) == {1: 1, 2: "note", 3: 3, 4: "note"}
    assert told(read(line(1) + longest[:-2] + b'x"}' + line(3))) == {1: 1, 2: TOO_LONG}


def test_a_run_of_any_length_needs_the_memory_of_a_line() -> None:
    """However its objects lie to the places at which it is read in parts."""
    drawn = random.Random(7)  # noqa: S311 - a file of uneven lines, the same each time
    sizes = [drawn.randrange(2_000) for _ in range(4_000)]
    data = b"".join(
        line(n, id="x" * (1 + size % 128)) + b" " * size for n, size in enumerate(sizes)
    )
    assert len(data) > 4 * MEGABYTE
    source = io.BytesIO(data)
    tracemalloc.start()
    numbers = [
        (each.number, int(each.units))
        for each in read_lines(source, after=0, deadline=NEVER)
        if isinstance(each, LogLine)
    ]
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert numbers == [(n + 1, n) for n in range(4_000)]
    assert peak_bytes < 3 * MEGABYTE


@pytest.mark.parametrize("after", range(8))
def test_reading_goes_on_in_the_middle_of_a_run(after: int) -> None:
    data = (
        line(1) + line(2) + b"{}" + line(4) + b"\n" + line(5) + b"{'a'}" + line(7) + b"\n" + line(7)
    )

    assert read(data, after=after) == [each for each in read(data) if each.number > after]
    assert [each.number for each in read(data)] == [1, 2, 3, 4, 5, 6, 7]


def test_a_run_that_is_cut_off_counts_its_whole_objects() -> None:
    data = gzip.compress(line(1) + line(2) + line(3))

    for cut, whole in ((data[:-8], 3), (gzip.compress(line(1) + line(2) + line(3)[:-1])[:-8], 2)):
        lines = read_lines(io.BytesIO(cut), after=0, deadline=NEVER)
        assert [next(lines).number for _ in range(whole)] == list(range(1, whole + 1))
        with pytest.raises(UnreadableFileError, match=f"line {whole + 1}: the gzip is cut off"):
            next(lines)


texts = st.text(st.sampled_from(list('{}[]"\\ \n,:a\u00e9')), max_size=12)
separators = st.sampled_from([b"", b" ", b"\n", b"\r\n", b" \n "])


@given(notes=st.lists(st.tuples(texts, separators), max_size=12))
def test_whatever_stands_in_strings_no_object_is_torn_or_joined(
    notes: list[tuple[str, bytes]],
) -> None:
    """An unknown field names itself, so that each object is known again by its reason."""
    data = b"".join(json.dumps({note: note}).encode() + end for note, end in notes)

    reasons = [each.reason for each in read(data) if isinstance(each, BadLine)]

    assert len(reasons) == len(notes)
    for reason, (note, _) in zip(reasons, notes, strict=True):
        assert reason.endswith(f"; {note}: is not a known field")
