"""What a schema of the description is called in Python."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

type Schema = Mapping[str, Any]

_DECIMAL_PATTERN = "[0-9]+("


class Types:
    """Names the types of schemas, those of what is sent wider than those of what is answered."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        """Know the schemas that others refer to."""
        self._schemas = schemas

    def of(self, schema: Schema, *, sent: bool = False, prefix: str = "") -> str:
        """Name the type of a schema; `prefix` stands before the name of a shape."""
        if "$ref" in schema:
            return self._of_reference(schema["$ref"].rpartition("/")[2], sent=sent, prefix=prefix)
        if "anyOf" in schema:
            return _union(self.of(one, sent=sent, prefix=prefix) for one in schema["anyOf"])
        if "enum" in schema:
            return "Literal[" + ", ".join(f'"{value}"' for value in schema["enum"]) + "]"
        if schema.get("type") == "array":
            items = self.of(schema["items"], sent=sent, prefix=prefix)
            return f"Sequence[{items}]" if sent else f"list[{items}]"
        if isinstance(schema.get("additionalProperties"), Mapping):
            members = self.of(schema["additionalProperties"], sent=sent, prefix=prefix)
            return f"Mapping[str, {members}]" if sent else f"dict[str, {members}]"
        return _plain(schema, sent=sent)

    def _of_reference(self, name: str, *, sent: bool, prefix: str) -> str:
        schema = self._schemas[name]
        if "properties" in schema:
            return f"{prefix}{name}"
        return self.of(schema, sent=sent, prefix=prefix)

    def references(self, schema: Schema) -> set[str]:
        """Name every shape that a schema leads to, itself not among them."""
        found: set[str] = set()
        waiting = [schema]
        while waiting:
            for name in _mentioned(waiting.pop()) - found:
                found.add(name)
                waiting.append(self._schemas[name])
        return {name for name in found if "properties" in self._schemas[name]}


def _mentioned(schema: object) -> set[str]:
    if isinstance(schema, Mapping):
        own = {schema["$ref"].rpartition("/")[2]} if "$ref" in schema else set()
        return own.union(*(_mentioned(member) for member in schema.values()))
    if isinstance(schema, Sequence) and not isinstance(schema, str):
        return set().union(*(_mentioned(member) for member in schema))
    return set()


def _union(types: Iterable[str]) -> str:
    parts = [part for one in types for part in one.split(" | ")]
    return " | ".join(dict.fromkeys(parts))


def _plain(schema: Schema, *, sent: bool) -> str:
    kind = schema.get("type")
    if kind == "string" and sent:
        return _string_sent(schema)
    return _PLAIN.get(str(kind), "Mapping[str, Any]" if sent else "dict[str, Any]")


def _string_sent(schema: Schema) -> str:
    if schema.get("format") == "date-time":
        return "str | datetime"
    return "str | Decimal" if _DECIMAL_PATTERN in schema.get("pattern", "") else "str"


_PLAIN = {
    "string": "str",
    "integer": "int",
    "number": "int | Decimal",
    "boolean": "bool",
    "null": "None",
}
