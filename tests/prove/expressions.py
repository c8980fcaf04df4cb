"""The expressions that storage speaks, and no more of DynamoDB's language than that.

Conditions are clauses, or some of them in brackets, with AND or OR between them; an update SETs
values, sums of two, `if_not_exists`, and a list with another behind it, and REMOVEs attributes.
Anything else raises NotImplementedError.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tests.prove.values import TypedItem, TypedValue, equal, less, plus, size_function

type Path = tuple[str, ...]
type Names = Mapping[str, str]
type Values = Mapping[str, TypedValue]

_PATH = r"#\w+(?:\.#\w+)*"
_CLAUSE = re.compile(
    rf"(?P<exists>attribute_exists|attribute_not_exists)\((?P<existing>{_PATH})\)"
    rf"|size\((?P<sized>{_PATH})\) (?P<than><=|>=|<|>|=) (?P<count>:\w+)"
    rf"|begins_with\((?P<begun>{_PATH}), (?P<prefix>:\w+)\)"
    rf"|(?P<between>{_PATH}) BETWEEN (?P<low>:\w+) AND (?P<high>:\w+)"
    rf"|(?P<within>{_PATH}) IN \((?P<options>:\w+(?:, :\w+)*)\)"
    rf"|(?P<compared>{_PATH}) (?P<sign><=|>=|<|>|=) (?P<with>:\w+)"
)
_JOINT = re.compile(r" (AND|OR) ")
_OPERAND = rf"(?:if_not_exists\({_PATH}, ?:\w+\)|{_PATH}|:\w+)"
_STEP = re.compile(
    rf"(?P<target>{_PATH}) ?= ?(?:list_append\((?P<list>{_PATH}), (?P<appended>:\w+)\)"
    rf"|(?P<first>{_OPERAND})(?: ?\+ ?(?P<second>{_OPERAND}))?)"
)
_DEFAULTED = re.compile(rf"if_not_exists\((?P<path>{_PATH}), ?(?P<value>:\w+)\)")
_UPDATE = re.compile(r"SET (?P<set>.+?)(?: REMOVE (?P<remove>.+))?|REMOVE (?P<only>.+)")
PLACEHOLDER = re.compile(r"[#:]\w+")


class PathError(Exception):
    """An update names a place that the item does not have."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: what is asked (`kind`), of which attribute, and the values it is held against."""

    kind: str
    path: Path
    values: tuple[str, ...] = ()

    def holds(self, item: TypedItem, names: Names, values: Values) -> bool:
        """Tell whether the clause is true of an item; of an attribute that is not there, none is
        but `attribute_not_exists`.
        """
        found = look_up(item, self.path, names)
        if self.kind in {"attribute_exists", "attribute_not_exists"}:
            return (found is not None) == (self.kind == "attribute_exists")
        if found is not None and self.kind.startswith("size"):
            found = size_function(found)
        if found is None:
            return False
        given = [values[name] for name in self.values]
        return _compare(self.kind.removeprefix("size"), found, given)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a SET: a place, and one operand or the two to add, or to append one to one."""

    target: Path
    operands: tuple[tuple[Path, str], ...]
    appends: bool = False


@dataclass(frozen=True, slots=True)
class UpdateSteps:
    """What an update does."""

    sets: tuple[Step, ...]
    removes: tuple[Path, ...]


def _compare(kind: str, found: TypedValue, given: Sequence[TypedValue]) -> bool:
    if kind == "begins_with":
        return "S" in found and found["S"].startswith(given[0]["S"])
    if kind == "IN":
        return any(equal(found, each) for each in given)
    if kind == "BETWEEN":
        return less(found, given[0]) is False and less(given[1], found) is False
    if kind == "=":
        return equal(found, given[0])
    before, behind = less(found, given[0]), less(given[0], found)
    return {"<": before is True, ">": behind is True, "<=": behind is False, ">=": before is False}[
        kind
    ]


@dataclass(frozen=True, slots=True)
class Condition:
    """Alternatives (OR), each of clauses that must all hold (AND)."""

    alternatives: tuple[tuple["Clause | Condition", ...], ...]

    def holds(self, item: TypedItem, names: Names, values: Values) -> bool:
        """Tell whether the condition is true of an item."""
        return any(
            all(clause.holds(item, names, values) for clause in clauses)
            for clauses in self.alternatives
        )


@lru_cache(maxsize=10_000)
def parse_condition(text: str) -> Condition:
    """Read a condition."""
    condition, end = _condition(text, 0)
    if end < len(text):
        raise NotImplementedError(f"not spoken here: {text[end:]!r}")
    return condition


def _condition(text: str, position: int) -> tuple[Condition, int]:
    """Read a condition from a position on, as far as it goes, and tell where that is."""
    alternatives: list[list[Clause | Condition]] = [[]]
    while True:
        clause, position = _operand_of_condition(text, position)
        alternatives[-1].append(clause)
        joint = _JOINT.match(text, position)
        if joint is None:
            return Condition(tuple(map(tuple, alternatives))), position
        position = joint.end()
        if joint[1] == "OR":
            alternatives.append([])


def _operand_of_condition(text: str, position: int) -> tuple["Clause | Condition", int]:
    if text.startswith("(", position):
        inner, end = _condition(text, position + 1)
        if text.startswith(")", end):
            return inner, end + 1
        raise NotImplementedError(f"not spoken here: {text[end:]!r}")
    match = _CLAUSE.match(text, position)
    if match is None:
        raise NotImplementedError(f"not spoken here: {text[position:]!r}")
    return _clause(match), match.end()


def _clause(match: re.Match[str]) -> Clause:
    part = match.groupdict()
    if part["exists"]:
        return Clause(part["exists"], _path(part["existing"]))
    if part["sized"]:
        return Clause(f"size{part['than']}", _path(part["sized"]), (part["count"],))
    if part["begun"]:
        return Clause("begins_with", _path(part["begun"]), (part["prefix"],))
    if part["between"]:
        return Clause("BETWEEN", _path(part["between"]), (part["low"], part["high"]))
    if part["within"]:
        return Clause("IN", _path(part["within"]), tuple(part["options"].split(", ")))
    return Clause(part["sign"], _path(part["compared"]), (part["with"],))


def holds(text: str, item: TypedItem, names: Names, values: Values) -> bool:
    """Tell whether a condition is true of an item."""
    return parse_condition(text).holds(item, names, values)


@lru_cache(maxsize=10_000)
def parse_update(text: str) -> UpdateSteps:
    """Read an update."""
    match = _UPDATE.fullmatch(text)
    if match is None:
        raise NotImplementedError(f"not spoken here: {text!r}")
    removes = match["remove"] or match["only"] or ""
    return UpdateSteps(
        tuple(_steps(match["set"] or "")),
        tuple(_path(path) for path in removes.split(", ") if path),
    )


def _steps(text: str) -> Iterator[Step]:
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise NotImplementedError(f"not spoken here: {text[position:]!r}")
        texts = [match[name] for name in ("list", "appended", "first", "second")]
        operands = tuple(_operand(each) for each in texts if each is not None)
        yield Step(_path(match["target"]), operands, appends=match["list"] is not None)
        position = match.end()
        if position < len(text):
            if not text.startswith(", ", position):
                raise NotImplementedError(f"not spoken here: {text[position:]!r}")
            position += 2


def _operand(text: str) -> tuple[Path, str]:
    """Read an operand as the place to look at, if any, and the value to take else, if any."""
    defaulted = _DEFAULTED.fullmatch(text)
    if defaulted is not None:
        return _path(defaulted["path"]), defaulted["value"]
    return ((), text) if text.startswith(":") else (_path(text), "")


def updated(text: str, item: TypedItem, names: Names, values: Values) -> dict[str, Any]:
    """Carry out an update on a copy of an item; every value is worked out from the item before.

    Raises PathError, and NumberError where a sum has too many digits.
    """
    steps = parse_update(text)
    after = dict(item)
    for step in steps.sets:
        _put(after, step.target, names, _value_of(step, item, names, values))
    for path in steps.removes:
        if len(path) > 1:
            raise NotImplementedError(f"not spoken here: REMOVE of {path}")
        after.pop(names[path[0]], None)
    return after


def _value_of(step: Step, item: TypedItem, names: Names, values: Values) -> TypedValue:
    found = [
        (look_up(item, path, names) if path else None) or (values[default] if default else None)
        for path, default in step.operands
    ]
    operands = [value for value in found if value is not None]
    if len(operands) < len(found):
        raise PathError("The provided expression refers to an attribute that does not exist")
    if len(operands) == 1:
        return operands[0]
    kind = "L" if step.appends else "N"
    if not all(kind in value for value in operands):
        raise PathError("An operand in the update expression has an incorrect data type")
    first, second = operands
    return {"L": [*first["L"], *second["L"]]} if step.appends else plus(first, second)


def _put(item: dict[str, Any], path: Path, names: Names, value: TypedValue) -> None:
    """Set one place of an item that is ours, copying the maps on the way."""
    place = item
    for part in path[:-1]:
        inner = place.get(names[part])
        if inner is None or "M" not in inner:
            raise PathError("The document path provided in the update expression is invalid")
        copied = dict(inner["M"])
        place[names[part]] = {"M": copied}
        place = copied
    place[names[path[-1]]] = value


def look_up(item: TypedItem, path: Path, names: Names) -> TypedValue | None:
    """Find the value at a path; None where there is none."""
    value: TypedValue | None = item.get(names[path[0]])
    for part in path[1:]:
        value = value["M"].get(names[part]) if value is not None and "M" in value else None
    return value


def _path(text: str) -> Path:
    return tuple(text.split("."))
