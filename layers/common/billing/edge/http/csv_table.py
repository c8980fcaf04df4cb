"""The list in an answer as CSV (RFC 4180): a line an item, columns named as in JSON.

Beside an amount in cents stands the same in major units. An object in an item has a column for each
of its members, `voided.at`; a list in an item has none.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin
from urllib.parse import urlencode

from pydantic import BaseModel

from billing.domain.money import to_major_units
from billing.edge.http.representations import CSV, Written
from billing.edge.http.schema import AnswerSchema, ListAnswer

MEDIA_TYPE = f"{CSV}; charset=utf-8; header=present"

_CENTS = "Cents"
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

# What a spreadsheet takes for the beginning of a formula or a command, in any of its languages
# (OWASP, "CSV Injection"); the last four are the same signs at full width.
_FORMULA_BEGINS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


@dataclass(frozen=True, slots=True)
class Column:
    """A column, and how its cell is read from an item."""

    name: str
    read: Callable[[Any], object]


def write_list(answer: AnswerSchema, query: Mapping[str, str]) -> Written:
    """Write the list that an answer has, and in the header Link where it goes on.

    `query` has the parameters of the request, with which the next page is asked for too.
    """
    listing = _listing_of(type(answer))
    items, cursor = listing.read(answer)
    columns = columns_of(listing.item)
    text = io.StringIO(newline="")
    # RFC 4180 ends lines so, and quotes what has a comma, a quote or the end of a line in it.
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    writer.writerows([_cell(column.read(item)) for column in columns] for item in items)
    return Written(text.getvalue(), MEDIA_TYPE, _link(query, listing.cursor_parameter, cursor))


@cache
def columns_of(item: type[BaseModel]) -> tuple[Column, ...]:
    """Name the columns of an item, in the order of its fields."""
    return tuple(_columns(item))


def columns_of_list(answer: type[AnswerSchema]) -> tuple[Column, ...]:
    """Name the columns of the list that an answer has."""
    return columns_of(_listing_of(answer).item)


@dataclass(frozen=True, slots=True)
class _Listing:
    """Where an answer has its list: the class of the items, how to read them and their cursor."""

    item: type[BaseModel]
    read: Callable[[Any], tuple[Iterable[BaseModel], str | None]]
    cursor_parameter: str


@cache
def _listing_of(answer: type[AnswerSchema]) -> _Listing:
    name = answer.lists
    if name is None:
        raise TypeError(f"{answer.__name__} has no list")
    field = answer.model_fields[name]
    kind: Any = field.annotation
    if get_origin(kind) is list:
        return _Listing(get_args(kind)[0], lambda it: (getattr(it, name), it.cursor), "cursor")
    # One of several lists in an answer is a list of its own, with its own cursor.
    inner: type[ListAnswer[Any]] = kind
    [item] = get_args(inner.model_fields["items"].annotation)

    def read(it: object) -> tuple[Iterable[BaseModel], str | None]:
        listed = getattr(it, name)
        return listed.items, listed.cursor

    return _Listing(item, read, f"{field.alias}Cursor")


def _columns(model: type[BaseModel]) -> Iterator[Column]:
    for name, field in model.model_fields.items():
        kinds = _kinds_of(field.annotation)
        objects = [it for it in kinds if isinstance(it, type) and issubclass(it, BaseModel)]
        shown = field.alias or name
        if any(get_origin(kind) is list for kind in kinds):
            continue
        if objects:
            yield from (_inside(name, shown, column) for column in _columns(objects[0]))
        else:
            yield Column(shown, _member(name))
            if shown.endswith(_CENTS):
                yield Column(shown.removesuffix(_CENTS), _major_units(name))


def _kinds_of(annotation: Any) -> tuple[Any, ...]:  # noqa: ANN401  Types have no narrower type.
    """List what a field may be: `X | None` is X or None."""
    is_union = get_origin(annotation) in {Union, UnionType}
    return get_args(annotation) if is_union else (annotation,)


def _member(name: str) -> Callable[[object], object]:
    return lambda item: getattr(item, name)


def _major_units(name: str) -> Callable[[object], object]:
    def read(item: object) -> object:
        cents = getattr(item, name)
        return None if cents is None else to_major_units(Decimal(cents))

    return read


def _inside(name: str, shown: str, column: Column) -> Column:
    """Make the column of a member of an object, which is empty where the object is null."""

    def read(item: object) -> object:
        inner = getattr(item, name)
        return None if inner is None else column.read(inner)

    return Column(f"{shown}.{column.name}", read)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    # A number is one, also below 0; of anything else a spreadsheet is told that it is text.
    if text.lstrip(" ").startswith(_FORMULA_BEGINS) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _link(query: Mapping[str, str], parameter: str, cursor: str | None) -> dict[str, str]:
    """Say where the list goes on (RFC 8288), relative to the path of the request."""
    if cursor is None:
        return {}
    return {"Link": f'<?{urlencode({**query, parameter: cursor})}>; rel="next"'}
