"""Keys of what stands in a spool: UUIDs of version 7 (RFC 9562), of which ids are made too."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import RLock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTER_END = 1 << 12
_VERSION = 7
_VARIANT = 0b10


class Keys:
    """Makes keys that rise within this process, also while the clock goes back.

    The twelve bits behind the milliseconds count (RFC 9562, section 6.2, method 1); the other 62
    are of the system's randomness, which no fork repeats.
    """

    def __init__(self, random: Callable[[int], bytes] = os.urandom) -> None:
        """Begin; `random` gives so many random bytes."""
        self._random = random
        self._lock = RLock()
        self._milliseconds = 0
        self._counter = 0
        self.last: bytes | None = None

    def make(self, now: datetime) -> bytes:
        """Make the next key, sixteen bytes."""
        milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)
        with self._lock:
            if milliseconds > self._milliseconds:
                self._milliseconds, self._counter = milliseconds, 0
            else:
                self._counter += 1
                if self._counter == _COUNTER_END:
                    self._milliseconds, self._counter = self._milliseconds + 1, 0
            self.last = _key(self._milliseconds, self._counter, self._random(8))
            return self.last


def newest_key(now: datetime) -> bytes:
    """Return a key that no key of an earlier millisecond is above."""
    return _key((now - _EPOCH) // timedelta(milliseconds=1), _COUNTER_END - 1, b"\xff" * 8)


def key_text(key: bytes) -> str:
    """Write a key as UUIDs are written."""
    text = key.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _key(milliseconds: int, counter: int, random: bytes) -> bytes:
    high = (milliseconds << 16) | (_VERSION << 12) | counter
    low = (int.from_bytes(random, "big") & ((1 << 62) - 1)) | (_VARIANT << 62)
    return ((high << 64) | low).to_bytes(16, "big")
