"""A plugin of pytest that lets a collection take place at another time.

    python -m pytest -p tests.support.another_time --collect-only

What is imported afterwards reads clocks that are ahead of the real ones.
"""

import datetime as dt
import time

# Another second, minute, hour, day, month and year.
AHEAD_SECONDS = 400 * 86_400.0 + 3_661.0

_time, _time_ns = time.time, time.time_ns


class _LaterDatetime(dt.datetime):
    """Asks the clock that is ahead."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> "_LaterDatetime":
        return cls.fromtimestamp(time.time(), tz)


class _LaterDate(dt.date):
    """Asks the clock that is ahead."""

    @classmethod
    def today(cls) -> "_LaterDate":
        return cls.fromtimestamp(time.time())


time.time = lambda: _time() + AHEAD_SECONDS
time.time_ns = lambda: _time_ns() + int(AHEAD_SECONDS) * 10**9
dt.datetime = _LaterDatetime  # type: ignore[misc]
dt.date = _LaterDate  # type: ignore[misc]
