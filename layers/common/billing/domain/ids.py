"""Identifiers: what a caller may choose, and the ones made here (UUID version 7, RFC 9562)."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
EVENT_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"
IDEMPOTENCY_KEY_LENGTH_MAX = 255

_ID = re.compile(ID_PATTERN.replace("$", r"\Z"))
_EVENT_ID = re.compile(EVENT_ID_PATTERN.replace("$", r"\Z"))
_IDEMPOTENCY_KEY = re.compile(r"^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?\Z")

_RANDOM_BYTES = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_id(text: str) -> bool:
    """Tell whether a text may name a customer or a product."""
    return _ID.match(text) is not None


def is_event_id(text: str) -> bool:
    """Tell whether a text may name a usage event."""
    return _EVENT_ID.match(text) is not None


def is_idempotency_key(text: str) -> bool:
    """Tell whether a text may be an idempotency key: printable ASCII, not blank, not too long."""
    return len(text) <= IDEMPOTENCY_KEY_LENGTH_MAX and _IDEMPOTENCY_KEY.match(text) is not None


def uuid7(now: datetime, random: bytes) -> str:
    """Make a time-ordered id from an instant and ten random bytes (RFC 9562, section 5.7)."""
    if len(random) != _RANDOM_BYTES:
        raise ValueError(f"a UUIDv7 takes {_RANDOM_BYTES} random bytes")
    # Not by `timestamp`, a float, which may fall into the millisecond beside the right one.
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)
    value = (milliseconds << 80) | int.from_bytes(random)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(UUID(int=value))
