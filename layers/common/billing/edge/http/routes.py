"""What a route is, and how a request that none serves is refused."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import BaseModel

from billing.domain.api_keys import Scope
from billing.domain.errors import BillingError, IntegrityError, InvalidInputError, UnavailableError
from billing.edge.http.errors import (
    BodyTooLargeError,
    ForbiddenError,
    MalformedBodyError,
    MethodNotAllowedError,
    NotAcceptableError,
    RouteNotFoundError,
    UnauthenticatedError,
    UnsupportedMediaTypeError,
)
from billing.edge.http.representations import CSV, JSON, Writer, write_csv
from billing.edge.http.schema import AnswerSchema, NoQuery
from billing.edge.http.strict_json import shown

# Every key is good for such a route, whatever its scopes.
ANY_SCOPE: Final = "any"

# What any route with a key may answer, beside what it names itself.
_KEYED_ERRORS: tuple[type[BillingError], ...] = (
    UnauthenticatedError,
    IntegrityError,
    UnavailableError,
)
_BODY_ERRORS: tuple[type[BillingError], ...] = (
    MalformedBodyError,
    BodyTooLargeError,
    UnsupportedMediaTypeError,
)


# A route is itself alone: functions name the very object, so that no two routes need comparing.
@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One method on one path: who may call it, what goes in and what comes out.

    `operation_id` is what clients call it by, a verb and a noun; once published it stays. `scope`
    is None where no key is asked for, and `ANY_SCOPE` where any key will do. `statuses` says what
    each successful status means; `own_errors` are those beyond the usual. A request that is
    optional may be left out. `writers` write the answer as other content, by media type; a list has
    one for CSV in any case.
    """

    method: str
    path: str
    scope: Scope | Literal["any"] | None
    summary: str
    operation_id: str
    response: type[AnswerSchema] | None
    statuses: Mapping[int, str]
    request: type[BaseModel] | None = None
    request_is_optional: bool = False
    query: type[BaseModel] = NoQuery
    own_errors: Sequence[type[BillingError]] = ()
    idempotency_key: Literal["required", "optional"] | None = None
    media_type: str = JSON
    writers: Mapping[str, Writer] = field(default_factory=dict)
    _pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare to match paths, and to answer a list as CSV too."""
        if self.lists:
            object.__setattr__(self, "writers", {CSV: write_csv, **self.writers})
        pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(self.path)))
        object.__setattr__(self, "_pattern", pattern)

    @property
    def key(self) -> str:
        """The route's name in API Gateway."""
        return f"{self.method} {self.path}"

    @property
    def path_parameters(self) -> list[str]:
        """The names in braces, in order."""
        return re.findall(r"\{(\w+)\}", self.path)

    @property
    def lists(self) -> bool:
        """Whether the answer is a list, or has one that it is about."""
        return self.response is not None and self.response.lists is not None

    @property
    def media_types(self) -> tuple[str, ...]:
        """What the answer goes out as; the first is for who has no preference."""
        return (self.media_type, *self.writers)

    @property
    def needs_key(self) -> bool:
        """Whether a caller must say who it is."""
        return self.scope is not None

    @property
    def needed_scope(self) -> Scope | None:
        """The scope that a key must have, None where there is none to have."""
        return self.scope if isinstance(self.scope, Scope) else None

    @property
    def errors(self) -> tuple[type[BillingError], ...]:
        """Every error that the route may answer, besides a fault of this system."""
        return (
            *((InvalidInputError,) if self.needs_key else ()),
            *(_BODY_ERRORS if self.request is not None else ()),
            *((NotAcceptableError,) if self.writers else ()),
            *(_KEYED_ERRORS if self.needs_key else ()),
            *((ForbiddenError,) if self.needed_scope is not None else ()),
            *self.own_errors,
        )

    def matches(self, path: str) -> bool:
        """Tell whether a path is one of this route's."""
        return self._pattern.fullmatch(path) is not None


def refuse(
    method: str, path: str, routes: Iterable[Route]
) -> RouteNotFoundError | MethodNotAllowedError:
    """Make the error for a request that none of these routes serves."""
    matching = [route for route in routes if route.matches(path)]
    # `/billing/usage` is a path of its own, though `/billing/{recordId}` would match it too.
    fewest = min((len(route.path_parameters) for route in matching), default=0)
    allowed = sorted(it.method for it in matching if len(it.path_parameters) == fewest)
    if allowed:
        return MethodNotAllowedError(f"{shown(path)} has no {method}", allowed=allowed)
    return RouteNotFoundError(f"No route has the path {shown(path)}")
