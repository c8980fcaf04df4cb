"""Time that stands still until a test moves it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


@dataclass
class SettableClock:
    """A clock that is called for the time, as the services do, and that tests set and advance."""

    now: datetime = field(default=START)

    def __call__(self) -> datetime:
        """Tell the time, as an aware instant in UTC."""
        return self.now

    def advance(self, seconds: float) -> datetime:
        """Move the time on by this many seconds and tell it."""
        self.now += timedelta(seconds=seconds)
        return self.now


@dataclass
class SettableMonotonic:
    """A monotonic clock in seconds, for deadlines, whose `sleep` only moves it on."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        """Tell the seconds since an arbitrary start."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Pass the time without waiting, and remember how long it was."""
        self.slept.append(seconds)
        self.seconds += seconds
