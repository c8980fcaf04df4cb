"""A spool in memory: it ends with its process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from threading import RLock

from usage_billing.meter.errors import SpoolFullError
from usage_billing.meter.spool import DUE_AHEAD_MILLISECONDS_MAX, Settlement, Spooled

# What an event takes beside its text: a few objects, and its places in two dicts.
_OVERHEAD_BYTES = 400


class MemorySpool:
    """Keeps events in memory, up to about so many bytes."""

    def __init__(self, bytes_max: int) -> None:
        """Begin empty."""
        self._bytes_max = bytes_max
        self._begin()

    def _begin(self) -> None:
        self._lock = RLock()
        self._bytes = 0
        self._fresh: dict[bytes, Spooled] = {}
        self._put_off: dict[bytes, Spooled] = {}

    def put(self, spooled: Spooled) -> None:
        """Keep an event; raises SpoolFullError."""
        with self._lock:
            size = _size(spooled)
            if self._bytes + size > self._bytes_max:
                raise SpoolFullError(f"The spool in memory holds {self._bytes} bytes")
            self._bytes += size
            self._fresh[spooled.key] = spooled

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody else sends from this memory."""
        yield

    def take(self, limit: int, now_milliseconds: int) -> list[Spooled]:
        """Read what was recorded first and what is due again, half a batch of each where there is
        as much.
        """
        latest = now_milliseconds + DUE_AHEAD_MILLISECONDS_MAX
        with self._lock:
            fresh = list(islice(self._fresh.values(), limit))
            due = (s for s in self._put_off.values() if not now_milliseconds < s.due <= latest)
            again = list(islice(due, max(limit // 2, limit - len(fresh))))
            return again + fresh[: limit - len(again)]

    def settle(self, settlement: Settlement) -> None:
        """Carry out what became of events."""
        with self._lock:
            for spooled in settlement.done:
                self._remove(spooled)
            for spooled, due in settlement.put_off:
                if self._remove(spooled):
                    self._add(replace(spooled, due=due, tries=spooled.tries + 1))
            for spooled in settlement.untimed:
                if self._remove(spooled):
                    self._add(without_time(spooled))

    def _remove(self, spooled: Spooled) -> bool:
        found = self._fresh.pop(spooled.key, None) or self._put_off.pop(spooled.key, None)
        self._bytes -= 0 if found is None else _size(found)
        return found is not None

    def _add(self, spooled: Spooled) -> None:
        self._bytes += _size(spooled)
        (self._put_off if spooled.due else self._fresh)[spooled.key] = spooled

    def holds(self, newest: bytes) -> bool:
        """Tell whether an event is left whose key is not above this one."""
        with self._lock:
            return any(key <= newest for group in (self._fresh, self._put_off) for key in group)

    def count(self) -> int:
        """Count the events in it."""
        with self._lock:
            return len(self._fresh) + len(self._put_off)

    def everything(self) -> list[Spooled]:
        """List all that is in it."""
        with self._lock:
            return [*self._put_off.values(), *self._fresh.values()]

    def close(self) -> int:
        """Return how many events end here."""
        return self.count()

    def before_fork(self) -> None:
        """Come to rest."""
        self._lock.acquire()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        self._lock.release()

    def after_fork_in_child(self) -> None:
        """Begin empty: the parent sends what it recorded."""
        self._begin()


def without_time(spooled: Spooled) -> Spooled:
    """Take the time that the meter wrote out of an event, where it is the last member."""
    event = spooled.event.rpartition(',"occurredAt":')[0] + "}"
    return replace(spooled, event=event, is_stamped=False, due=0)


def _size(spooled: Spooled) -> int:
    return len(spooled.event) + _OVERHEAD_BYTES
