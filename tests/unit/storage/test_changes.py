"""A change writes what is known of an item, and no more of a map or a list than changed."""

import pytest

from billing.storage.changes import Owned, change, item_of
from billing.storage.writes import Update

KEY = {"pk": "a", "sk": "b"}


def changed(before: Owned, after: Owned) -> Update:
    """Change an item, under its revision."""
    return change(
        "t", KEY, before=before, after=after, condition="#revision = :seen", values={":seen": 1}
    )


@pytest.mark.parametrize(
    ("before", "after", "expression", "given"),
    [
        ({"name": "x"}, {"name": "y"}, "SET #name = :name", {":name": "y"}),
        ({"name": "x"}, {"name": "x"}, "SET #name = :name", {":name": "x"}),
        ({"name": "x"}, {"name": None}, "REMOVE #name", {}),
        ({"name": None}, {"name": None}, "REMOVE #name", {}),
        ({"n": 1, "m": {"a": 1}}, {"n": 2, "m": {"a": 1}}, "SET #n = :n", {":n": 2}),
        ({"m": {"a": 1}}, {"m": {"a": 2}}, "SET #m = :m", {":m": {"a": 2}}),
        ({"l": [1]}, {"l": [1, 2, 3]}, "SET #l = list_append(#l, :l)", {":l": [2, 3]}),
        ({"l": [1, 2]}, {"l": [2, 3]}, "SET #l = :l", {":l": [2, 3]}),
        ({"l": [1, 2]}, {"l": [1]}, "SET #l = :l", {":l": [1]}),
        ({"l": []}, {"l": [1]}, "SET #l = :l", {":l": [1]}),
        ({"l": None}, {"l": [1]}, "SET #l = :l", {":l": [1]}),
        (
            {"n": 1, "name": "x", "at": None},
            {"n": 2, "name": None, "at": "now"},
            "SET #n = :n, #at = :at REMOVE #name",
            {":n": 2, ":at": "now"},
        ),
    ],
    ids=[
        "changed",
        "the-same",
        "taken-away",
        "still-without",
        "map-the-same",
        "map-changed",
        "list-grown",
        "list-moved-on",
        "list-shorter",
        "list-was-empty",
        "list-is-new",
        "several",
    ],
)
def test_what_is_written(
    before: Owned, after: Owned, expression: str, given: dict[str, object]
) -> None:
    update = changed(before, after)

    assert update.expression == expression
    assert update.values == {":seen": 1, **given}
    assert (update.key, update.condition) == (KEY, "#revision = :seen")


def test_a_new_item_has_no_attribute_that_it_is_without() -> None:
    assert item_of({"pk": "a", "sk": "b"}, {"n": 0, "name": None, "l": []}) == {
        "pk": "a",
        "sk": "b",
        "n": 0,
        "l": [],
    }
