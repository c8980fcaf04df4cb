"""In which kind of content an answer goes out, by what the caller says it takes (RFC 9110, 12)."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from billing.edge.http.errors import NotAcceptableError

if TYPE_CHECKING:
    from billing.edge.http.schema import AnswerSchema

JSON: Final = "application/json"
CSV: Final = "text/csv"
HTML: Final = "text/html"

_TOKEN = r"[!#$%&'*+.^`|~\w-]+"  # noqa: S105  A token of HTTP, and no secret.
_RANGE = re.compile(rf"({_TOKEN})/({_TOKEN})", re.ASCII)
_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?", re.ASCII)
_ANY = "*"


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as other content than JSON; `media_type` has its parameters."""

    body: str
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


# Writes an answer's schema as other content, for a request with these query parameters.
type Writer = Callable[[Any, Mapping[str, str]], Written]


def write_csv(answer: "AnswerSchema", query: Mapping[str, str]) -> Written:
    """Write the list of an answer as CSV."""
    # Few ask for it, so that the others need not load how it is done.
    from billing.edge.http.csv_table import write_list  # noqa: PLC0415

    return write_list(answer, query)


def choose(accept: str | None, offered: Sequence[str]) -> str:
    """Choose from the media types on offer, best first, by the header Accept.

    What is offered first wins where the caller has no preference. Parameters of media types but
    their weights decide nothing, and what is no media range counts as not said. Raises
    NotAcceptableError where nothing on offer is taken.
    """
    if accept is None or not accept.strip():
        return offered[0]
    ranges = list(_ranges(accept))
    best = max(offered, key=lambda media_type: _weight(media_type, ranges))
    if _weight(best, ranges) == 0:
        raise NotAcceptableError(offered)
    return best


type _Range = tuple[str, str, float]


def _ranges(accept: str) -> Iterable[_Range]:
    """Read the media ranges and their weights; whatever is not well formed is passed over."""
    for member in accept.lower().split(","):
        media_range, *parameters = (part.strip() for part in member.split(";"))
        named = _RANGE.fullmatch(media_range)
        weight = _weight_in(parameters)
        if named is not None and weight is not None:
            yield named[1], named[2], weight


def _weight_in(parameters: Iterable[str]) -> float | None:
    """Read the weight among parameters, 1 where there is none; None where it is malformed."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.rstrip() == "q":
            return float(value) if _WEIGHT.fullmatch(value.strip()) else None
    return 1


def _weight(media_type: str, ranges: Iterable[_Range]) -> float:
    """Tell how much a media type is wanted: what names it most exactly decides."""
    kind, _, subtype = media_type.partition("/")
    found = [
        ((first != _ANY) + (second != _ANY), weight)
        for first, second, weight in ranges
        if (first, second) in {(kind, subtype), (kind, _ANY), (_ANY, _ANY)}
    ]
    return max(found, default=(0, 0.0))[1]
