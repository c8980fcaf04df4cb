"""What is wrong with a request as HTTP, whatever it asks for; leaves of the one tree of errors."""

from collections.abc import Sequence

from billing.domain.errors import BillingError, InvalidInputError, NotFoundError


class InvalidRequestError(InvalidInputError):
    """A request that is invalid as it was written, before any rule of billing is asked.

    Its fields are named as they are published, or as the caller wrote them, and are shown so; those
    of any other error are named as in Python.
    """


class MalformedBodyError(InvalidRequestError):
    """The body is not the JSON that this API accepts."""

    code = "malformed_body"
    title = "Malformed body"


class BodyTooLargeError(InvalidRequestError):
    """The body is larger than this API reads."""

    code = "body_too_large"
    title = "Body too large"


class UnsupportedMediaTypeError(InvalidRequestError):
    """The body is not declared as JSON."""

    code = "unsupported_media_type"
    title = "Unsupported media type"


class NotAcceptableError(BillingError):
    """Nothing that the caller takes is what this is answered as."""

    code = "not_acceptable"
    title = "Not acceptable"

    def __init__(self, offered: Sequence[str]) -> None:
        super().__init__(f"This is answered as {' or '.join(offered)}, of which Accept takes none")
        self.offered = tuple(offered)


class UnauthenticatedError(BillingError):
    """The caller did not say who it is."""

    code = "unauthenticated"
    title = "Unauthenticated"


class ForbiddenError(BillingError):
    """The caller's key does not carry the scope that the route names."""

    code = "scope_missing"
    title = "Scope missing"


class RouteNotFoundError(NotFoundError):
    """No route has this path."""

    code = "route_not_found"
    title = "Route not found"


class MethodNotAllowedError(BillingError):
    """The path exists, under another method; `allowed` lists those that it has."""

    code = "method_not_allowed"
    title = "Method not allowed"

    def __init__(self, detail: str, *, allowed: Sequence[str]) -> None:
        super().__init__(detail)
        self.allowed = tuple(allowed)
