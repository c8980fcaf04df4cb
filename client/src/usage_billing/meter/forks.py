"""Keeps meters whole where their process forks."""

import os
from typing import Protocol
from weakref import WeakSet


class Forking(Protocol):
    """What has to know of a fork."""

    def before_fork(self) -> None:
        """Come to rest."""

    def after_fork_in_parent(self) -> None:
        """Go on."""

    def after_fork_in_child(self) -> None:
        """Go on as another process."""


_known: "WeakSet[Forking]" = WeakSet()
# Those that came to rest for the fork that is under way: others may be made or collected meanwhile.
_at_rest: list[Forking] = []


def tell_of_forks(forking: Forking) -> None:
    """Tell an object of every fork, as long as it lives."""
    _known.add(forking)


def _before() -> None:
    for forking in list(_known):
        forking.before_fork()
        _at_rest.append(forking)


def _after_in_parent() -> None:
    while _at_rest:
        _at_rest.pop().after_fork_in_parent()


def _after_in_child() -> None:
    while _at_rest:
        _at_rest.pop().after_fork_in_child()


# Not on Windows, where nothing forks.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
    )
