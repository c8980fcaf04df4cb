"""What a command shows: data on stdout, as tables or as JSON; words and progress on stderr."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

# What is no terminal gets every line whole, however wide.
_WIDTH_OF_PIPES = 10_000
# Half of a terminal of 80 columns; an id that is made by the system has 32 or 36 characters.
_WHOLE_NAME_MAX = 40
_WHOLE_MAX = 10
_GOOD = frozenset({"active", "paid", "done", "ok", "running", "accepted", "succeeded"})
_BAD = frozenset({"suspended", "failed", "fault", "rejected", "conflict", "revoked", "timed_out"})

Row = Mapping[str, object]


class Output:
    """Shows what commands find, for people or for programs."""

    def __init__(self, *, as_json: bool) -> None:
        """Write to the streams of this process; `NO_COLOR` and pipes have no colour."""
        self.as_json = as_json
        self._has_line = False
        self._data = _console(stderr=False)
        self._words = _console(stderr=True)

    def say(self, words: str) -> None:
        """Tell people something that is no data."""
        self.line("")
        self._words.print(Text(words), soft_wrap=not self._words.is_terminal)

    def complain(self, words: str) -> None:
        """Tell people what went wrong."""
        # Perhaps behind a ^C that the terminal has shown.
        self._has_line = True
        self.line("")
        text = Text(words, style="red") if self._words.is_terminal else Text(words)
        self._words.print(text, soft_wrap=not self._words.is_terminal)

    def one(self, answer: Mapping[str, object], shown: Row | None = None) -> None:
        """Show one thing: as JSON whole, or for people as names and values."""
        if self.as_json:
            self._json(answer)
            return
        table = _table()
        table.add_column(no_wrap=True, style="bold")
        table.add_column(overflow="fold")
        for name, value in (shown or answer).items():
            table.add_row(name, _cell(value))
        self._print(table)

    def many(self, answers: Iterable[Mapping[str, object]], columns: "Columns") -> int:
        """Show a list: as JSON one object a line, or as a table; returns how many there were."""
        count = 0
        if self.as_json:
            for answer in answers:
                self._json(answer)
                count += 1
            return count
        table = _table(header=True)
        for name, _ in columns.of:
            numeric = name in columns.numeric
            table.add_column(name, overflow="fold", justify="right" if numeric else "left")
        try:
            for answer in answers:
                table.add_row(*(_cell(value(answer)) for _, value in columns.of))
                count += 1
        finally:
            # Whoever is interrupted has seen what was found until then.
            if count:
                _keep_whole(table.columns)
                self._print(table)
        if not count:
            self.say(columns.none)
        return count

    def text(self, text: str) -> None:
        """Write text as it stands."""
        self.line("")
        sys.stdout.write(text)
        sys.stdout.flush()

    def close(self) -> None:
        """Write no more data: nobody reads it, and Python would complain at its end."""
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())

    def bytes_progress(self, words: str) -> Progress:
        """Make the bar of something that is read byte by byte; only a terminal sees it."""
        return Progress(
            TextColumn(words, markup=False),
            BarColumn(bar_width=20),
            DownloadColumn(),
            TextColumn("{task.fields[done]}", markup=False),
            TimeRemainingColumn(),
            console=self._words,
            transient=True,
            disable=not self._words.is_terminal,
        )

    @property
    def has_terminal(self) -> bool:
        """Whether somebody looks at stderr."""
        return self._words.is_terminal

    def line(self, words: str) -> None:
        """Replace the line at the bottom of the terminal, which goes before anything else is shown.

        Elsewhere, do nothing.
        """
        if self._words.is_terminal and (words or self._has_line):
            self._words.file.write(f"\r\x1b[2K{words[: self._words.width - 1]}")
            self._words.file.flush()
        self._has_line = bool(words)

    def _json(self, answer: Mapping[str, object]) -> None:
        self.text(json.dumps(answer, ensure_ascii=False, default=_plain) + "\n")

    def _print(self, table: Table) -> None:
        self.line("")
        if self._data.is_terminal:
            self._data.print(table)
            return
        with self._data.capture() as capture:
            self._data.print(table)
        # Line by line: of one long text, an unbuffered Python drops what a pipe did not take.
        for line in capture.get().splitlines():
            self.text(f"{line.rstrip()}\n")


class Columns:
    """The columns of a table, each with what it shows of an item, and what an empty list says."""

    def __init__(
        self,
        *of: tuple[str, Callable[[Mapping[str, Any]], object]],
        none: str,
        numeric: Sequence[str] = (),
    ) -> None:
        """Name the columns; those in `numeric` stand at the right."""
        self.of = of
        self.none = none
        self.numeric = frozenset(numeric)


def money(cents: int | None) -> str:
    """Write cents in major units: -63 as -0.63."""
    if cents is None:
        return ""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02}"


def counted(count: int, one: str, several: str | None = None) -> str:
    """Write a count with its noun: 1 line, 2,000 lines."""
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def when(time: str | None) -> str:
    """Write a time of the API to the second."""
    return "" if time is None else f"{time[:10]} {time[11:19]}"


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    return (
        console
        if console.is_terminal
        else Console(stderr=stderr, highlight=False, width=_WIDTH_OF_PIPES)
    )


def _table(*, header: bool = False) -> Table:
    return Table(box=None, pad_edge=False, show_header=header, header_style="bold")


def _keep_whole(columns: Sequence[Column]) -> None:
    """Fold only what is long: a name is there to be copied, and half a date reads as another."""
    for number, column in enumerate(columns):
        most = _WHOLE_MAX if number else _WHOLE_NAME_MAX
        column.no_wrap = all(len(str(cell)) <= most for cell in column.cells)


def _cell(value: object) -> Text:
    text = "" if value is None else str(value)
    if text in _GOOD:
        return Text(text, style="green")
    return Text(text, style="red" if text in _BAD else "")


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{value!r} is no JSON")
