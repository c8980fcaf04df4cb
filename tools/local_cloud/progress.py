"""What the person at the terminal sees while the local cloud starts."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

# Often enough to show that it is alive, seldom enough not to fill a log.
QUIET_SECONDS = 10.0


@dataclass
class Progress:
    """Prints lines that begin with the seconds since the start."""

    clock: Callable[[], float] = time.monotonic
    output: TextIO = field(default_factory=lambda: sys.stdout)
    started: float = field(init=False)
    last_said: float = field(init=False)
    step: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.started = self.last_said = self.clock()

    def say(self, text: str) -> None:
        """Print one line and remember it as the step that is under way."""
        self.step = text
        self._print(text)

    def still_at_it(self) -> None:
        """Repeat the step that is under way when nothing was printed for ten seconds."""
        if self.clock() - self.last_said >= QUIET_SECONDS:
            self._print(f"... still: {self.step}")

    def elapsed_seconds(self) -> float:
        """Return the seconds since the start."""
        return self.clock() - self.started

    def _print(self, text: str) -> None:
        self.last_said = self.clock()
        # Flushed, because the lines are wanted now also when a file or a pipe reads them.
        print(f"[{self.elapsed_seconds():5.1f} s] {text}", file=self.output, flush=True)
