"""Figures with their spread, because a machine that does other things measures other figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """The middle of what was measured, and the least and the most of it."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, measured: Sequence[float]) -> "Figure":
        """Sum up measurements, of which there is at least one."""
        return cls(median(measured), min(measured), max(measured))

    @classmethod
    def ratio(cls, measured: Sequence[float], yardstick: Sequence[float]) -> "Figure":
        """Sum up how often the yardstick goes into what was measured by turns with it."""
        return cls.of([one / other for one, other in zip(measured, yardstick, strict=True)])

    def times(self) -> str:
        """Write a ratio with its spread."""
        return f"{self.middle:.2f} ({self.least:.2f} to {self.most:.2f})"

    def scaled(self, factor: float) -> "Figure":
        """Express the same in another unit."""
        return Figure(self.middle * factor, self.least * factor, self.most * factor)
