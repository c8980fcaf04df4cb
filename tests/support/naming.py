"""Ids of parametrized tests: words, the same in every process that collects them.

Workers that run one suite together must find the same tests in the same order, so that an id may
hold nothing that differs from one process to another: no bytes (those that gzip writes hold the
time), no address, nothing drawn.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

# Words between single blanks, in the marks of a sentence; what else stands in a path, a number or a
# route belongs to a word. No backslash, no quotation and no angle bracket: those come of a repr.
_WORD = r"(?:[\w.:/+~,()-]|\{\w+\}|(?<=\w)'(?=\w))+"
WORDS = re.compile(f"{_WORD}(?: {_WORD})*", re.ASCII)
ADDRESS = re.compile(r"\b0x[0-9a-f]|\bobject at\b", re.IGNORECASE)
ID_LENGTH_MAX = 120
# A test of several parameters joins what they are called.
VALUE_LENGTH_MAX = 40
_OTHER = re.compile(r"[^\w.:/+~-]+", re.ASCII)
_SPEAKING = re.compile(r"[A-Za-z0-9]")


def in_words(value: object) -> str | None:
    """Return what an id calls a plain value; None where no words tell it from another."""
    if not _is_plain(value):
        return None
    text = _OTHER.sub(" ", str(value))[:VALUE_LENGTH_MAX].strip()
    return text if _SPEAKING.search(text) and not ADDRESS.search(text) else None


def is_words(test_id: str) -> bool:
    """Tell whether an id is made of words, and short enough to be read."""
    return (
        len(test_id) <= ID_LENGTH_MAX
        and WORDS.fullmatch(test_id) is not None
        and ADDRESS.search(test_id) is None
    )


def _is_plain(value: object) -> bool:
    """Tell whether a value is of JSON's kinds throughout, and so reads the same everywhere."""
    if isinstance(value, Mapping):
        return all(_is_plain(each) for pair in value.items() for each in pair)
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, str | int | float | Decimal)
