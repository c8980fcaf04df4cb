"""Instants: always UTC, always written with microseconds, so that text order is time order."""

from collections.abc import Callable
from datetime import UTC, datetime

type Clock = Callable[[], datetime]


def to_text(instant: datetime) -> str:
    """Write an aware instant as RFC 3339 UTC with six decimals, for instance
    `2026-01-31T09:00:00.000000Z`.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> datetime:
    """Read what `to_text` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def month_of(instant: datetime) -> str:
    """Name the calendar month of an instant in UTC, for instance `2026-01`."""
    return instant.astimezone(UTC).strftime("%Y-%m")
