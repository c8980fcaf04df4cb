"""Gives the schemas of answers their examples, and writes each in the order of its fields."""

from collections.abc import Mapping
from typing import Any

from billing.edge.api.answer_examples import ANSWER_EXAMPLES

type Json = dict[str, Any]
type _Schemas = Mapping[str, Json]


def with_examples(schemas: _Schemas) -> _Schemas:
    """Return schemas with examples: their own, those of the story, or made of their fields'."""
    found = {name: _example_of(name, schemas) for name in schemas}
    return {
        name: schema
        if found[name] is None
        else {**schema, "examples": [_in_order(found[name], schema, schemas)]}
        for name, schema in schemas.items()
    }


def _example_of(name: str, schemas: _Schemas) -> Any:  # noqa: ANN401  JSON has no narrower type.
    """Find the example of a schema, or make it; None where some field has none."""
    if name in ANSWER_EXAMPLES:
        return ANSWER_EXAMPLES[name]
    schema = schemas[name]
    if "examples" in schema:
        return schema["examples"][0]
    # A whole answer alone is made of parts: so no request seems to have an example.
    if not name.endswith("Answer"):
        return None
    fields = schema.get("properties", {})
    made = {field: _of_field(member, schemas) for field, member in fields.items()}
    return None if _MISSING in made.values() else made or None


_MISSING = object()


def _of_field(member: Json, schemas: _Schemas) -> Any:  # noqa: ANN401  As above.
    if "$ref" in member:
        found = _example_of(_name_in(member), schemas)
        return _MISSING if found is None else found
    if member.get("type") == "array":
        found = _of_field(member["items"], schemas)
        return _MISSING if found is _MISSING else [found]
    if {"type": "null"} in member.get("anyOf", ()):
        return None
    return member.get("const", _MISSING)


def _name_in(member: Json) -> str:
    return str(member["$ref"].rpartition("/")[2])


def _in_order(example: Any, schema: Json, schemas: _Schemas) -> Any:  # noqa: ANN401  As above.
    """Write an example as the API writes it: its fields in the order of the schema."""
    if "$ref" in schema:
        return _in_order(example, schemas[_name_in(schema)], schemas)
    if isinstance(example, list):
        return [_in_order(item, schema.get("items", {}), schemas) for item in example]
    if not isinstance(example, dict):
        return example
    for one in schema.get("anyOf", ()):
        if "$ref" in one or one.get("type") == "object":
            return _in_order(example, one, schemas)
    members = schema.get("properties", {})
    names = sorted(example, key=[*members, *example].index)
    return {name: _in_order(example[name], members.get(name, {}), schemas) for name in names}
