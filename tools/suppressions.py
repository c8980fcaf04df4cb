"""Rules of a linter that are left out, each with its reason, and none for longer than it takes."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet


def read_suppressions(text: str, key: str) -> dict[str, str]:
    """Return the items of a list in a YAML file, each with the comment right above it."""
    return dict(_items(iter(text.splitlines()), key))


def _items(lines: Iterator[str], key: str) -> Iterator[tuple[str, str]]:
    inside = False
    comment: list[str] = []
    for line in lines:
        stripped = line.strip()
        if stripped.startswith("#"):
            comment.append(stripped.removeprefix("#").strip())
            continue
        if inside and stripped.startswith("- "):
            yield stripped.removeprefix("- "), " ".join(comment)
        elif stripped:
            inside = stripped == f"{key}:"
        comment = []


def suppression_complaints(found: AbstractSet[str], reasons: Mapping[str, str]) -> list[str]:
    """Tell which suppressions have no reason, and which have no finding any more."""
    return [
        *(f"{rule} is suppressed without a reason" for rule in reasons if not reasons[rule]),
        *(f"{rule} is suppressed, and finds nothing" for rule in reasons if rule not in found),
    ]
