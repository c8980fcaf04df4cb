"""Everything that a call can fail with, as one tree.

The leaves with a code of the API stand in `usage_billing.api.problems`, a class a code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CLIENT_ERRORS = range(400, 500)
_SERVER_ERRORS = range(500, 600)
# What passes by itself: too many requests, and a gateway or a store that is not there just now.
_PASSING = frozenset({429, 502, 503, 504})


class UsageBillingError(Exception):
    """Anything that keeps a call from its answer.

    `passes` tells that the same call may succeed a moment later, `nothing_done` that this one has
    changed nothing for sure, and `retry_after_seconds` how long the server asked to wait.
    """

    passes: bool = False
    nothing_done: bool = False
    retry_after_seconds: float | None = None


class NoAnswerError(UsageBillingError):
    """The network kept the answer; the request may have been carried out all the same."""

    passes = True

    def __init__(self, detail: str, *, nothing_done: bool = False) -> None:
        """Say what happened, and whether the request cannot have arrived."""
        super().__init__(detail)
        self.nothing_done = nothing_done


class TimedOutError(NoAnswerError):
    """The answer did not come, or not to its end, within the time-out."""


class UnreadableAnswerError(UsageBillingError):
    """The answer is none of this API: cut off, not JSON, of another shape, or too large."""

    passes = True


@dataclass(frozen=True)
class FieldError:
    """One field of a request, by its name in the API, and what is wrong with it."""

    field: str
    message: str


@dataclass(frozen=True)
class Refusal:
    """What an answer that is no success says of itself.

    `allowed_methods` are those of the header `Allow`; `request_id` names the request in the logs.
    """

    status: int
    detail: str
    code: str | None = None
    title: str | None = None
    request_id: str | None = None
    errors: Sequence[FieldError] = ()
    retry_after_seconds: float | None = None
    allowed_methods: Sequence[str] = field(default=())


class AnsweredError(UsageBillingError):
    """An answer that is no success."""

    def __init__(self, refusal: Refusal) -> None:
        """Take what the answer says."""
        super().__init__(refusal.detail)
        self.status = refusal.status
        self.detail = refusal.detail
        self.request_id = refusal.request_id
        self.retry_after_seconds = refusal.retry_after_seconds
        # Whoever says when to come again says that it will pass.
        self.passes = refusal.status in _PASSING or refusal.retry_after_seconds is not None
        self.nothing_done = refusal.status in _CLIENT_ERRORS


class GatewayError(AnsweredError):
    """An answer of whatever stands before the API, such as API Gateway, without a code."""

    def __init__(self, refusal: Refusal) -> None:
        """Take what the answer says; a fault before the API was asked passes by itself."""
        super().__init__(refusal)
        self.passes = self.passes or refusal.status in _SERVER_ERRORS


class KeyRefusedError(GatewayError):
    """The API key is missing, unknown or revoked."""


class TooManyRequestsError(GatewayError):
    """More requests came in than the stack lets through."""


class ProblemError(AnsweredError):
    """A problem document (RFC 9457) with a code, also with one that this client does not know.

    `errors` lists the fields at fault; `allowed_methods` what a path has instead.
    """

    code: str = ""

    def __init__(self, refusal: Refusal) -> None:
        """Take what the problem document says."""
        super().__init__(refusal)
        self.code = refusal.code or self.code
        self.title = refusal.title
        self.errors = tuple(refusal.errors)
        self.allowed_methods = tuple(refusal.allowed_methods)


class InvalidError(ProblemError):
    """The request can never succeed as it stands."""


class NotAllowedError(ProblemError):
    """The key is missing or lacks the scope that the operation needs."""


class NotFoundError(ProblemError):
    """What the request names does not exist."""


class ConflictError(ProblemError):
    """The request contradicts what is already recorded."""


class ServerFaultError(ProblemError):
    """A fault of the system."""


def branch_of(status: int) -> type[ProblemError]:
    """Tell the branch of an error whose code is newer than this client."""
    if status in _SERVER_ERRORS:
        return ServerFaultError
    return _BRANCH_OF_STATUS.get(status, InvalidError if status in _CLIENT_ERRORS else ProblemError)


_BRANCH_OF_STATUS: Mapping[int, type[ProblemError]] = {
    401: NotAllowedError,
    403: NotAllowedError,
    404: NotFoundError,
    409: ConflictError,
}


def gateway_error(refusal: Refusal) -> GatewayError:
    """Make the error of an answer without a code."""
    return _OF_STATUS.get(refusal.status, GatewayError)(refusal)


_OF_STATUS: Mapping[int, type[GatewayError]] = {
    401: KeyRefusedError,
    403: KeyRefusedError,
    429: TooManyRequestsError,
}
