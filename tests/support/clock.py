"""Time that stands still until a test moves it."""

import threading
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
    _of_thread: threading.local = field(default_factory=threading.local)

    def __call__(self) -> float:
        """Tell the seconds since an arbitrary start."""
        return self.seconds + getattr(self._of_thread, "slept", 0.0)

    def sleep(self, seconds: float) -> None:
        """Pass the time for everybody without waiting, and remember how long it was."""
        self.slept.append(seconds)
        self.seconds += seconds

    def sleep_beside_others(self, seconds: float) -> None:
        """Pass the time of a thread that sleeps beside others, which passes for it alone.

        Eight workers that wait a second each would have waited eight otherwise.
        """
        if threading.current_thread() is threading.main_thread():
            self.sleep(seconds)
        else:
            self.slept.append(seconds)
            self._of_thread.slept = getattr(self._of_thread, "slept", 0.0) + seconds
