"""A wildcard in a policy has a comment that says why."""

from collections.abc import Iterator
from typing import Any

import yaml

RESOURCE_KEYS = {"Resource", "NotResource"}


def written(tree: object) -> Iterator[str]:
    """Yield every wildcard that names resources in a parsed template or policy."""
    match tree:
        case dict():
            for key, value in tree.items():
                yield from _strings(value) if key in RESOURCE_KEYS else written(value)
        case list():
            for value in tree:
                yield from written(value)


def _strings(value: object) -> Iterator[str]:
    match value:
        case str() if "*" in value:
            yield value
        case dict():
            for inner in value.values():
                yield from _strings(inner)
        case list():
            for inner in value:
                yield from _strings(inner)


def unexplained(text: str) -> list[str]:
    """Tell the wildcards without a comment in their own line or right above it."""
    lines = text.splitlines()
    return [
        f"line {number + 1} has a wildcard without a reason"
        for number in _wildcard_lines(yaml.compose(text))
        if not (" # " in lines[number] or lines[number - 1].lstrip().startswith("# "))
    ]


# PyYAML ships no types, and its nodes differ by what they hold.
def _wildcard_lines(node: Any, *, names_resources: bool = False) -> Iterator[int]:  # noqa: ANN401
    """Yield the lines, counted from 0, of the wildcards that name resources below a YAML node."""
    match node:
        case yaml.MappingNode():
            for key, value in node.value:
                inside = names_resources or key.value in RESOURCE_KEYS
                yield from _wildcard_lines(value, names_resources=inside)
        case yaml.SequenceNode():
            for value in node.value:
                yield from _wildcard_lines(value, names_resources=names_resources)
        case yaml.ScalarNode() if names_resources and "*" in node.value:
            yield node.start_mark.line
