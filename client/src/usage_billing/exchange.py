"""How a call comes to its answer, without any input or output: steps that others carry out.

What speaks HTTP sends what `exchange` yields, waits as long as it says, and hands back what came;
so one decision serves those who wait and those who await.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from usage_billing.api.problems import PROBLEM_OF
from usage_billing.errors import (
    AnsweredError,
    FieldError,
    NoAnswerError,
    Refusal,
    UnreadableAnswerError,
    UsageBillingError,
    branch_of,
    gateway_error,
)

if TYPE_CHECKING:
    from usage_billing.calls import AnswerKind, Call

T = TypeVar("T")

_SUCCESS = range(200, 300)
_NO_CONTENT = 204
# What is shown of an answer that nobody can read.
_EXCERPT_CHARACTERS = 200


@dataclass(frozen=True)
class Answer:
    """What came back, whole; the names of `headers` are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Wait:
    """The step of letting so many seconds pass, after what went wrong."""

    seconds: float
    reason: str = ""

    def words(self) -> str:
        """Say what is waited for."""
        return f"{self.reason}; trying again in {self.seconds:.1f} s"


Reply = Answer | NoAnswerError | UnreadableAnswerError | None
Steps = Generator["Call[Any] | Wait", Reply, T]


@dataclass(frozen=True)
class Retries:
    """How often a call is sent, and how long to wait between.

    The wait before try n + 1 is drawn between 0 and `wait_seconds` x 2^(n - 1), at most
    `wait_seconds_max`; where the server asks for more, it is what the server asks for, unless that
    is beyond `patience_seconds`: then the error is raised at once.
    """

    tries_max: int = 5
    wait_seconds: float = 1.0
    wait_seconds_max: float = 20.0
    patience_seconds: float = 60.0

    def wait_after(
        self, error: UsageBillingError, *, tries: int, may_repeat: bool, chance: float
    ) -> float | None:
        """Tell how long to wait after so many tries; None where the error is the end.

        `chance` is a random number from 0 to 1.
        """
        if not error.passes or not (may_repeat or error.nothing_done) or tries >= self.tries_max:
            return None
        asked = error.retry_after_seconds or 0.0
        if asked > self.patience_seconds:
            return None
        drawn = chance * min(self.wait_seconds_max, self.wait_seconds * 2.0 ** (tries - 1))
        return max(asked, drawn)


def exchange(
    call: Call[T],
    retries: Retries,
    *,
    random: Callable[[], float],
    now: Callable[[], datetime],
) -> Steps[T]:
    """Yield the steps of a call: itself, to be sent, and waits; returns its answer or raises."""
    tries = 0
    while True:
        reply = yield call
        tries += 1
        try:
            return cast("T", read(reply, call.answers, now=now))
        except UsageBillingError as error:
            wait = retries.wait_after(
                error, tries=tries, may_repeat=call.may_repeat, chance=random()
            )
            if wait is None:
                raise
            reason = str(error)
        yield Wait(wait, reason)


def read(reply: Reply, kind: AnswerKind, *, now: Callable[[], datetime]) -> object:
    """Read what came back; raises the error that it is, where it is no success."""
    if isinstance(reply, UsageBillingError):
        raise reply
    assert reply is not None, "a call that was sent has a reply"  # noqa: S101
    if reply.status not in _SUCCESS:
        raise _error_of(reply, now())
    if kind == "nothing":
        return None
    if kind == "text":
        return reply.body.decode(errors="replace")
    content = _json(reply)
    if not isinstance(content, dict):
        raise UnreadableAnswerError(f"Not an object of the API: {_excerpt(reply)}")
    return content


def _json(answer: Answer) -> object:
    """Read JSON without ever making a float of a number."""
    try:
        return json.loads(answer.body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise UnreadableAnswerError(f"Not the JSON of the API: {_excerpt(answer)}") from error


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _excerpt(answer: Answer) -> str:
    text = answer.body[:_EXCERPT_CHARACTERS].decode(errors="replace")
    return f"status {answer.status}, {text!r}"


def _error_of(answer: Answer, now: datetime) -> AnsweredError:
    try:
        content = _json(answer)
    except UnreadableAnswerError:
        content = None
    told = content if isinstance(content, dict) else {}
    code = told.get("code")
    refusal = Refusal(
        status=answer.status,
        code=code if isinstance(code, str) else None,
        title=_text(told.get("title")),
        detail=_text(told.get("detail")) or _text(told.get("message")) or _excerpt(answer),
        request_id=_text(told.get("instance")),
        errors=_field_errors(told.get("errors")),
        retry_after_seconds=_retry_after_seconds(answer.headers.get("retry-after"), now),
        allowed_methods=[
            method.strip() for method in answer.headers.get("allow", "").split(",") if method
        ],
    )
    if refusal.code is None:
        return gateway_error(refusal)
    return PROBLEM_OF.get(refusal.code, branch_of(refusal.status))(refusal)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _field_errors(told: object) -> list[FieldError]:
    if not isinstance(told, list):
        return []
    return [
        FieldError(str(fault.get("field")), str(fault.get("message")))
        for fault in told
        if isinstance(fault, dict)
    ]


def _retry_after_seconds(text: str | None, now: datetime) -> float | None:
    """Read the header Retry-After, which has seconds or a date (RFC 9110); None for neither."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
