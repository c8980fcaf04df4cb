"""What a call is before anything is sent: pure values, made by the operations of the API."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote

T = TypeVar("T")

AnswerKind = Literal["json", "text", "nothing"]


class Unset(Enum):
    """What a field is that a change leaves as it is, where `None` would take its value away."""

    UNSET = "unset"


UNSET = Unset.UNSET


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request, the same however often it is sent, and what its answer is.

    `may_repeat` tells that sending it twice comes to the same as sending it once.
    """

    method: str
    path: str
    may_repeat: bool
    answers: AnswerKind = "json"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True)
class Pages(Generic[T]):
    """A list that is read page by page, each by a call of its own; `T` is one item."""

    first: Call[Mapping[str, Any]]

    def after(self, cursor: str) -> Call[Mapping[str, Any]]:
        """Return the call for the page that begins at a cursor."""
        return replace(self.first, query={**self.first.query, "cursor": cursor})


def path(pattern: str, **parameters: object) -> str:
    """Fill the parameters of a path; raises `ValueError` for one that would name another path."""
    filled = {name: _segment(name, value) for name, value in parameters.items()}
    return pattern.format_map(filled)


def _segment(name: str, value: object) -> str:
    text = str(value)
    if text.strip(".") == "":
        raise ValueError(f"{name} is empty, or made of dots alone")
    return quote(text, safe=":")


def query(**parameters: object) -> dict[str, str]:
    """Write the parameters of a query, but those that are left out (None)."""
    return {
        name: str(exact(value)).lower() if isinstance(value, bool) else str(exact(value))
        for name, value in parameters.items()
        if value is not None
    }


def given(**fields: object) -> dict[str, object]:
    """Return the fields of a body, but those that are left out (None)."""
    return {name: value for name, value in fields.items() if value is not None}


def changed(**fields: object) -> dict[str, object]:
    """Return the fields of a change, but those that are to stay; None takes a value away."""
    return {name: value for name, value in fields.items() if value is not UNSET}


def idempotency(key: str | None) -> dict[str, str]:
    """Name a request: by a given key, or by one that is made here, before the first try."""
    return {"Idempotency-Key": new_id() if key is None else key}


def new_id() -> str:
    """Make an id that nobody else has made."""
    return str(uuid.uuid4())


def named(events: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Name the events that have no id, before the first try, so that a repetition adds nothing."""
    return [event if event.get("id") is not None else {**event, "id": new_id()} for event in events]


def body(content: object) -> bytes:
    """Write a body as JSON, exactly; raises `TypeError` for a float."""
    return json.dumps(exact(content), ensure_ascii=False, separators=(",", ":")).encode()


def exact(value: object) -> object:
    """Write a value as the API takes it: a `Decimal` as its digits, a time as RFC 3339.

    Raises `TypeError` for a float, which is not what it looks like (0.1 is a little more), and
    `ValueError` for a time without an offset and for what is no finite number.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal):
        return _digits(value)
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, Mapping):
        return {name: exact(member) for name, member in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [exact(member) for member in value]
    raise TypeError(f"{value!r} cannot be sent exactly: give an int, a Decimal or a string")


def _digits(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is no number")
    return format(value, "f")


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"{value} has no offset: give it a time zone, such as datetime.UTC")
    return value.isoformat()
