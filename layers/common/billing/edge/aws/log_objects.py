"""From text to its lines: a JSON object a line, or several one behind another in the same line.

Who collects records and joins them, as Firehose does, writes no ends of lines between them. An
object in such a run counts as a line. Ends are looked for only where one object may follow another,
so that a file of one object a line is read as if there were no runs.
"""

import json
import re
from collections.abc import Iterator

from billing.domain.logfiles import LINE_BYTES_MAX
from billing.edge.aws.log_text import CHUNK_BYTES, LogText
from billing.edge.http import strict_json
from billing.edge.http.errors import MalformedBodyError

# Two bytes more than a line may have, for its end.
_WINDOW_BYTES = LINE_BYTES_MAX + 2

_NEXT_OBJECT = re.compile(rb"[ \t\r]*\{")
_RUN = re.compile(rb"\}[ \t\r]*\{")
# What decides where an object ends: strings, whose braces do not count, and braces.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["{}]', re.DOTALL)


def split_lines(text: LogText) -> Iterator[bytes | None]:
    """Split text into lines without their ends; None stands for one that is too long.

    Memory holds as much as a line may have. Where the text ends with a fault, a line that it cuts
    off is none.
    """
    rest = b""
    while line := rest + text.readline(_WINDOW_BYTES - len(rest)):
        *objects, rest = _split_run(line)
        yield from objects
        if line.endswith(b"\n") or len(line) < _WINDOW_BYTES:
            last, rest = rest.strip(), b""
            if line.endswith(b"\n") or text.fault is None or is_object(last):
                yield last if len(last) <= LINE_BYTES_MAX else None
        elif not objects:
            # No end of an object is in sight after which another one begins.
            torso, rest = _torso(rest), b""
            if _skip_line(text) or text.fault is None:
                yield torso


def is_run(line: bytes) -> bool:
    """Tell whether an object may follow another one in a line."""
    return _RUN.search(line) is not None


def is_object(line: bytes) -> bool:
    """Tell whether a line is a JSON object and has its end, whatever is in it."""
    if not line.startswith(b"{"):
        return False
    try:
        strict_json.parse(line.decode(errors="replace"))
    except MalformedBodyError as error:
        return not isinstance(error.__cause__, json.JSONDecodeError)
    return True


def _split_run(line: bytes) -> Iterator[bytes]:
    """Give each object that another one follows, and then what is left.

    What is no JSON ends the run: nobody knows where it was meant to end, but for the line's end.
    """
    start = 0
    if is_run(line):
        start = len(line) - len(line.lstrip())
        while (end := _end_of_object(line, start)) is not None:
            follower = _NEXT_OBJECT.match(line, end)
            fits = end - start <= LINE_BYTES_MAX
            if follower is None or not fits or not is_object(line[start:end]):
                break
            yield line[start:end]
            start = follower.end() - 1
    yield line[start:]


def _end_of_object(line: bytes, start: int) -> int | None:
    """Find where the object that begins here ends; None where it does not, or none begins."""
    if line[start : start + 1] != b"{":
        return None
    depth = 0
    for token in _TOKEN.finditer(line, start):
        match token[0]:
            case b"{":
                depth += 1
            case b"}":
                depth -= 1
            case b'"':
                # A string without an end, in which braces mean nothing.
                return None
        if depth == 0:
            return token.end()
    return None


def _torso(line: bytes) -> bytes | None:
    """Return a run's beginning where that is what breaks the run; None where a line is too long."""
    end = _end_of_object(line, 0)
    if end is None or end > LINE_BYTES_MAX or _NEXT_OBJECT.match(line, end) is None:
        return None
    return line


def _skip_line(text: LogText) -> bool:
    """Skip what is left of a line; tells whether it has an end."""
    while part := text.readline(CHUNK_BYTES):
        if part.endswith(b"\n"):
            return True
    return False
