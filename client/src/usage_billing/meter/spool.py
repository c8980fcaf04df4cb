"""What holds events between `record` and the answer of the server."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

# No key is above it.
LAST_KEY = b"\xff" * 16

# Longer than anything is put off: what is due later was put off by a clock that was ahead.
DUE_AHEAD_MILLISECONDS_MAX = 2 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Spooled:
    """An event in a spool, as it is sent.

    `due` is 0, or the millisecond (since 1970) from which it is to be tried again, after `tries`.
    `is_stamped` where `record` was given an id and no time, and wrote the time itself.
    """

    key: bytes
    customer: str
    event: str
    is_stamped: bool
    due: int = 0
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of events that were taken: each step may be done twice, and none needs another.

    `done` leave the spool. `put_off` stay until an instant in milliseconds. `untimed` are sent
    again at once without the time that the meter wrote.
    """

    done: Sequence[Spooled] = ()
    put_off: Sequence[tuple[Spooled, int]] = ()
    untimed: Sequence[Spooled] = field(default=())


class Spool(Protocol):
    """Keeps events until they are settled."""

    def put(self, spooled: Spooled) -> None:
        """Keep an event; raises SpoolFullError or SpoolError where it is not kept."""

    def turn(self) -> AbstractContextManager[None]:
        """Hold, while a batch is taken and settled, the right to be the one that does so."""

    def take(self, limit: int, now_milliseconds: int) -> list[Spooled]:
        """Read events to send, which stay until they are settled; none where it is not our turn."""

    def settle(self, settlement: Settlement) -> None:
        """Carry out what became of events; those that are gone already are passed over."""

    def holds(self, newest: bytes) -> bool:
        """Tell whether an event is left whose key is not above this one."""

    def count(self) -> int:
        """Count the events in it."""

    def close(self) -> int:
        """Let go of what it uses; returns how many events end with it."""

    def before_fork(self) -> None:
        """Come to rest, so that nothing is half done in a copy of this process."""

    def after_fork_in_parent(self) -> None:
        """Go on."""

    def after_fork_in_child(self) -> None:
        """Go on as another process, to which nothing belongs that the parent holds or has open."""
