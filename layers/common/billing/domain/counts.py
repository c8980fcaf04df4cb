"""Counts that stop at a bound, because counting costs something too."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """How many things there are, or the bound at which counting stopped, with `more`."""

    count: int
    more: bool
