"""Makes and reads log files in both forms."""

import io
import json

import pytest

from billing.domain.deadline import Deadline
from billing.domain.logfiles import (
    BadLine,
    LogLine,
    UnreadableFileError,
)
from billing.edge.aws.log_lines import read_lines

type Line = LogLine | BadLine


MEGABYTE = 1024**2


BOM = b"\xef\xbb\xbf"


GOOD = {
    "userId": "acme",
    "service": "api-calls",
    "quantity": 1000,
    "timestamp": "2024-01-15T10:00:00Z",
}


NEVER = Deadline(at_seconds=1.0, monotonic=lambda: 0.0)


def good(**changes: object) -> bytes:
    """Write a good line, with some of its members changed."""
    return json.dumps({**GOOD, **changes}, ensure_ascii=False).encode()


def ndjson(*lines: bytes) -> bytes:
    """Put lines into a file of one object a line."""
    return b"".join(line + b"\n" for line in lines)


def array(*lines: bytes) -> bytes:
    """Put lines into a file that is one array."""
    return b"[\n  " + b",\n  ".join(lines) + b"\n]\n"


FORMS = pytest.mark.parametrize("form", [ndjson, array])


def read(data: bytes, *, after: int = 0) -> list[Line]:
    """Read a whole file."""
    return list(read_lines(io.BytesIO(data), after=after, deadline=NEVER))


def broken(data: bytes) -> tuple[list[Line], str]:
    """Read a file up to the place where it breaks off; gives the lines until there, and why."""
    lines: list[Line] = []
    try:
        lines.extend(read_lines(io.BytesIO(data), after=0, deadline=NEVER))
    except UnreadableFileError as error:
        return lines, str(error)
    raise AssertionError("the file was read to its end")


def reasons(data: bytes) -> list[str | None]:
    """Give for each line why it is bad, None where it is good."""
    return [line.reason if isinstance(line, BadLine) else None for line in read(data)]
