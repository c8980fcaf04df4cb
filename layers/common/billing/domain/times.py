"""Instants: always UTC, always written with microseconds, so that text order is time order."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

type Clock = Callable[[], datetime]


def to_text(instant: datetime) -> str:
    """Write an aware instant as RFC 3339 UTC with six decimals, for instance
    `2026-01-31T09:00:00.000000Z`.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    # Five times as quick as strftime, and each event is written with several instants.
    in_utc = instant.astimezone(UTC).replace(tzinfo=None)
    return f"{in_utc.isoformat('T', 'microseconds')}Z"


def from_text(text: str) -> datetime:
    """Read what `to_text` wrote; raises ValueError where it did not."""
    instant = datetime.fromisoformat(text)
    if to_text(instant) != text:
        raise ValueError(f"{text!r} is no instant as this system writes it")
    return instant


def optional_text(instant: datetime | None) -> str | None:
    """Write an instant, where there is one."""
    return None if instant is None else to_text(instant)


def optional_instant(text: str | None) -> datetime | None:
    """Read what `optional_text` wrote."""
    return None if text is None else from_text(text)


def month_of(instant: datetime) -> str:
    """Name the calendar month of an instant in UTC, for instance `2026-01`."""
    in_utc = instant.astimezone(UTC)
    return f"{in_utc.year:04d}-{in_utc.month:02d}"


def day_of(instant: datetime) -> date:
    """Tell the date of an instant in UTC."""
    return instant.astimezone(UTC).date()


def day_start(day: date) -> datetime:
    """Return the first instant of a date in UTC."""
    return datetime.combine(day, time(), tzinfo=UTC)


def begins_month(instant: datetime) -> bool:
    """Tell whether an instant is the first of a calendar month in UTC."""
    return instant == _month_start(instant)


def month_start_from(instant: datetime) -> datetime:
    """Return the first instant of a calendar month in UTC that is not before an instant."""
    if begins_month(instant):
        return instant
    # A day that is in the next month, however long this one is.
    return _month_start(_month_start(instant) + timedelta(days=31))


def _month_start(instant: datetime) -> datetime:
    in_utc = instant.astimezone(UTC)
    return in_utc.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
