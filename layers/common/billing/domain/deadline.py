"""How long the caller can still wait, measured on a clock that is handed in."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant on a monotonic clock, in seconds, after which no further try begins."""

    at_seconds: float
    monotonic: Callable[[], float]

    @classmethod
    def after(cls, seconds: float, monotonic: Callable[[], float]) -> "Deadline":
        """Set a deadline this many seconds from now."""
        return cls(monotonic() + seconds, monotonic)

    def remaining_seconds(self) -> float:
        """Tell the seconds left, never negative."""
        return max(0.0, self.at_seconds - self.monotonic())

    def passed(self) -> bool:
        """Tell whether no time is left."""
        return self.remaining_seconds() <= 0.0

    def sooner(self, seconds: float) -> "Deadline":
        """Set a deadline that leaves this many seconds for what comes after it."""
        return Deadline(self.at_seconds - seconds, self.monotonic)

    def within(self, seconds: float) -> "Deadline":
        """Set a deadline this many seconds from now, and no later than this one."""
        return Deadline(min(self.at_seconds, self.monotonic() + seconds), self.monotonic)
