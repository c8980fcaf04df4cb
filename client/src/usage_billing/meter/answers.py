"""What the answer to a batch means for each of its events, whatever it is that came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

from usage_billing.errors import AnsweredError, ProblemError, UsageBillingError

# Who says so has not looked at the batch.
_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

# Of a batch as a whole, these tell that the text of some event is at fault.
_CONTENT_CODES = frozenset({"malformed_body", "body_too_large", "invalid_request"})


class Fate(Enum):
    """What became of one event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Result:
    """The fate of one event, with the problem document of one that was kept out."""

    fate: Fate
    problem: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with one result for each event of the batch, in its order."""

    results: Sequence[Result]


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer, or none that tells what became of the events: all of them are sent again.

    `needs_somebody` where waiting mends nothing: a key that is refused, a wrong address. `problem`
    is of a server that refused the text of the batch as a whole. `may_be_its_own` where the server
    had the batch and failed at it, which may come of what is in it, or of how much.
    """

    reason: str
    retry_after_seconds: float = 0.0
    needs_somebody: bool = False
    problem: Mapping[str, Any] | None = None
    may_be_its_own: bool = False


Reply = Answered | Failed


def read_results(document: Mapping[str, Any], ids: Sequence[str]) -> Reply:
    """Read the answer to a batch of events with these ids."""
    results = document.get("results")
    if not isinstance(results, list) or len(results) != len(ids):
        return Failed("the answer has not one result for each event", may_be_its_own=True)
    read = [_result(each, event_id) for each, event_id in zip(results, ids, strict=True)]
    known = [each for each in read if each is not None]
    if len(known) < len(read):
        why = "the answer has a result that is none, or of another event"
        return Failed(why, may_be_its_own=True)
    return Answered(known)


def read_error(error: UsageBillingError) -> Failed:
    """Read what kept a batch from its answer."""
    status = error.status if isinstance(error, AnsweredError) else None
    problem = None
    if isinstance(error, ProblemError) and error.code in _CONTENT_CODES:
        problem = {"status": error.status, "code": error.code, "detail": error.detail}
    passes = error.passes or (status is not None and _is_fault(status))
    return Failed(
        str(error) if status is None else f"status {status}: {error}",
        error.retry_after_seconds or 0.0,
        needs_somebody=not passes and problem is None,
        problem=problem,
        may_be_its_own=passes and not error.nothing_done and status not in _BUSY,
    )


def _is_fault(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _result(result: object, event_id: str) -> Result | None:
    """Read one result; None where it is no result, or tells of another event."""
    match result:
        case {"status": "accepted" | "duplicate" as status, "event": {"id": str(told)}}:
            return Result(Fate(status)) if told == event_id else None
        case {"status": "conflict" | "rejected" as status, "problem": dict(problem)}:
            return Result(Fate(status) if _is_final(problem) else Fate.UNKNOWN, problem)
        case _:
            return None


def _is_final(problem: Mapping[str, Any]) -> bool:
    """Tell whether sending the event again would come to the same."""
    status = problem.get("status")
    return (
        isinstance(status, int)
        and not _is_fault(status)
        and status != HTTPStatus.TOO_MANY_REQUESTS
        and problem.get("code") != "unavailable"
    )
