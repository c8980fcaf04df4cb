"""Errors as problem documents (RFC 9457), and the status that each branch of errors has."""

from collections.abc import Mapping

from billing.domain.errors import (
    BillingError,
    BodyTooLargeError,
    ConflictError,
    FieldError,
    ForbiddenError,
    IntegrityError,
    InvalidInputError,
    MethodNotAllowedError,
    NotFoundError,
    RunInProgressError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedMediaTypeError,
)
from billing.edge.http.strict_json import GivenFieldError
from billing.edge.schemas import FieldProblem, Problem

# The nearest class of an error's ancestry decides, so that a new leaf needs no new line.
STATUS_OF: Mapping[type[BillingError], int] = {
    BillingError: 500,
    InvalidInputError: 400,
    UnauthenticatedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    MethodNotAllowedError: 405,
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
        FieldProblem(
            field=(prefix + published_field(fault)).rstrip(".") or "body", message=fault.message
        )
        for fault in error.errors
    ]
    return Problem(
        type=_type_of(error.code),
        title=error.title,
        status=status,
        detail=_NO_DETAILS if status == _SERVER_ERROR else _published_detail(error),
        code=error.code,
        instance=instance,
        errors=errors or None,
    )


def published_field(fault: FieldError) -> str:
    """Name a field as callers know it: what the domain calls `occurred_at` is `occurredAt`.

    A field that the caller named stays as it was given, whatever that is.
    """
    if isinstance(fault, GivenFieldError):
        return fault.field
    first, *others = fault.field.split("_")
    return first + "".join(word.capitalize() for word in others)


def _published_detail(error: BillingError) -> str:
    """Write the sentence about one field with the field's published name."""
    for fault in error.errors:
        if error.detail == f"{fault.field}: {fault.message}":
            return f"{published_field(fault)}: {fault.message}"
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
    """Give the headers that an error's answer needs."""
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
