"""Errors as problem documents (RFC 9457), and the status that each branch of errors has.

Here alone the names of fields, which are snake_case in Python, become those of the API.
"""

import re
from collections.abc import Mapping, Sequence

from billing.domain.errors import (
    BillingError,
    ConflictError,
    FieldError,
    IntegrityError,
    InvalidInputError,
    NotFoundError,
    RunInProgressError,
    UnavailableError,
)
from billing.edge.http.errors import (
    BodyTooLargeError,
    ForbiddenError,
    InvalidRequestError,
    MethodNotAllowedError,
    NotAcceptableError,
    UnauthenticatedError,
    UnsupportedMediaTypeError,
)
from billing.edge.http.schema import FieldProblem, Problem

# The nearest class of an error's ancestry decides, so that a new leaf needs no new line.
STATUS_OF: Mapping[type[BillingError], int] = {
    BillingError: 500,
    InvalidInputError: 400,
    UnauthenticatedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    MethodNotAllowedError: 405,
    NotAcceptableError: 406,
    ConflictError: 409,
    BodyTooLargeError: 413,
    UnsupportedMediaTypeError: 415,
    IntegrityError: 500,
    UnavailableError: 503,
}

RUN_RETRY_AFTER_SECONDS = 5

INTERNAL_ERROR_CODE = "internal_error"
_SERVER_ERROR = 500
_NO_DETAILS = "The request could not be carried out. Nothing about it is shown here; the logs know."


def status_of(error_type: type[BillingError]) -> int:
    """Tell the HTTP status of a class of errors."""
    return next(STATUS_OF[ancestor] for ancestor in error_type.__mro__ if ancestor in STATUS_OF)


def problem_of(error: BillingError, *, instance: str | None = None, prefix: str = "") -> Problem:
    """Write an error as a problem document; what went wrong inside is for the logs alone.

    `prefix` goes before each field, for instance `events.3.`.
    """
    status = status_of(type(error))
    errors = [
        FieldProblem(field=(prefix + fault.field).rstrip(".") or "body", message=fault.message)
        for fault in _published(error)
    ]
    return Problem(
        type=_type_of(error.code),
        title=error.title,
        status=status,
        detail=_NO_DETAILS if status == _SERVER_ERROR else _detail(error),
        code=error.code,
        instance=instance,
        errors=errors or None,
    )


def published_name(field: str) -> str:
    """Name a field as the API does, `occurred_at` as `occurredAt`; a name of the API stays."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), field)


def _published(error: BillingError) -> Sequence[FieldError]:
    if isinstance(error, InvalidRequestError):
        return error.errors
    return [FieldError(published_name(fault.field), fault.message) for fault in error.errors]


def _detail(error: BillingError) -> str:
    """Return an error's sentence; where it begins with a field, by the name of the API."""
    for fault, published in zip(error.errors, _published(error), strict=True):
        if error.detail.startswith(f"{fault.field}: {fault.message}"):
            return published.field + error.detail.removeprefix(fault.field)
    return error.detail


def internal_problem(*, instance: str | None) -> Problem:
    """Write the problem document for a fault of this system."""
    return Problem(
        type=_type_of(INTERNAL_ERROR_CODE),
        title="Internal error",
        status=_SERVER_ERROR,
        detail=_NO_DETAILS,
        code=INTERNAL_ERROR_CODE,
        instance=instance,
    )


def headers_of(error: BillingError) -> dict[str, str]:
    """Return the headers that an error's answer needs."""
    match error:
        case UnavailableError():
            return {"Retry-After": str(error.retry_after_seconds)}
        case RunInProgressError():
            return {"Retry-After": str(RUN_RETRY_AFTER_SECONDS)}
        case MethodNotAllowedError():
            return {"Allow": ", ".join(error.allowed)}
        case UnauthenticatedError():
            return {"WWW-Authenticate": "Bearer"}
        case _:
            return {}


def _type_of(code: str) -> str:
    return f"urn:usage-billing:error:{code}"
