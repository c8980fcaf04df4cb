"""What is told of single changes: only there does some of it show."""

from tests.prove.flows import new_world
from tests.prove.history import wrong_changes
from tests.prove.tables import Change, RowKey
from tests.prove.values import row_of


def change(kind: str, before: dict[str, str], after: dict[str, str]) -> Change:
    """Make a change of one of a customer's rows."""
    key: RowKey = ("CUSTOMER#acme", kind)
    return Change(key, *(row_of({k: {"S": v} for k, v in row.items()}) for row in (before, after)))


SUSPENDED = change(
    "PROFILE", {"status": "active"}, {"status": "suspended", "suspendedBy": "dunning"}
)
GIVEN_UP = change(
    "RECORD#0#1",
    {"status": "retrying", "recordId": "acme~0~1", "createdAt": "2026"},
    {"status": "failed", "recordId": "acme~0~1", "createdAt": "2026"},
)


def told(*changes: Change) -> list[str]:
    """Tell what is wrong with changes of one call."""
    world = new_world()
    tables = world.tables
    accounts = world.store.tables[tables.accounts]
    return wrong_changes([(accounts, each) for each in changes], world.store, tables)


def test_dunning_suspends_where_it_gives_a_record_up() -> None:
    assert told(GIVEN_UP, SUSPENDED) == []


def test_dunning_that_suspends_and_gives_nothing_up_is_told() -> None:
    assert told(SUSPENDED) == [
        "dunning suspended CUSTOMER#acme, and no record was given up",
    ]
