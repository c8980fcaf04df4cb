"""Bars as SVG, without a library: labels, and for each some values side by side or stacked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

_COLOURS = ("#2f6f9f", "#e0a030", "#8a8a8a", "#4f9f6f", "#b05050", "#7f5f9f", "#60a0b0", "#c0c0c0")
_LABEL_WIDTH = 190
_BARS_WIDTH = 520
_BAR_HEIGHT = 14
_GAP = 8
_HEAD = 52


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of several series under labels; `marks` are values that a line is drawn at, with what it
    means."""

    title: str
    unit: str
    rows: Mapping[str, Mapping[str, float]]
    stacked: bool = False
    marks: Mapping[str, float] | None = None

    @property
    def series(self) -> Sequence[str]:
        """The names of the series, in the order in which they first appear."""
        return list(dict.fromkeys(name for values in self.rows.values() for name in values))

    @property
    def largest(self) -> float:
        """The value at the right end."""
        add = sum if self.stacked else max
        rows = [add(values.values()) for values in self.rows.values()]
        return max([*rows, *(self.marks or {}).values()])

    def svg(self) -> str:
        """Draw it."""
        parts: list[str] = []
        y = _HEAD
        for label, values in self.rows.items():
            parts += self._row(label, values, y)
            y += _BAR_HEIGHT * (1 if self.stacked else len(values)) + _GAP
        parts += [self._mark(name, value, y) for name, value in (self.marks or {}).items()]
        width, height = _LABEL_WIDTH + _BARS_WIDTH + 90, y + 22
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
                f'width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
                f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
                _text(10, 20, f"{self.title} ({self.unit})", weight="bold"),
                *self._legend(),
                *parts,
                "</svg>\n",
            ]
        )

    def _row(self, label: str, values: Mapping[str, float], y: int) -> list[str]:
        parts = [_text(_LABEL_WIDTH - 8, y + _BAR_HEIGHT - 3, label, anchor="end")]
        x = float(_LABEL_WIDTH)
        for name, value in values.items():
            colour = _COLOURS[self.series.index(name) % len(_COLOURS)]
            width = value / self.largest * _BARS_WIDTH
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR_HEIGHT - 2}" '
                f'fill="{colour}"><title>{escape(name)}: {value:.3g}</title></rect>'
            )
            if self.stacked:
                x += width
            else:
                parts.append(_text(x + width + 4, y + _BAR_HEIGHT - 4, f"{value:.3g}"))
                y += _BAR_HEIGHT
        return parts

    def _legend(self) -> list[str]:
        parts, x = [], _LABEL_WIDTH
        for position, name in enumerate(self.series):
            colour = _COLOURS[position % len(_COLOURS)]
            parts.append(f'<rect x="{x}" y="30" width="10" height="10" fill="{colour}"/>')
            parts.append(_text(x + 14, 39, name))
            x += 26 + 7 * len(name)
        return parts

    def _mark(self, name: str, value: float, bottom: int) -> str:
        x = _LABEL_WIDTH + value / self.largest * _BARS_WIDTH
        line = (
            f'<line x1="{x:.1f}" y1="{_HEAD - 4}" x2="{x:.1f}" y2="{bottom}" stroke="#b05050" '
            'stroke-dasharray="4 3"/>'
        )
        return line + _text(x, bottom + 14, name, anchor="middle")


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="#222222">{escape(text)}</text>'
    )
