"""What is told of single changes: only there does some of it show."""

from tests.prove.flows import new_world
from tests.prove.history import wrong_changes
from tests.prove.tables import Change, RowKey
from tests.prove.values import row_of

type Plain = dict[str, str | int]


def change(kind: str, before: Plain, after: Plain) -> Change:
    """Make a change of one of a customer's rows."""
    key: RowKey = ("CUSTOMER#acme", kind)
    return Change(key, row_of(typed(before)), row_of(typed(after)))


def typed(row: Plain) -> dict[str, dict[str, str]]:
    """Write a row as DynamoDB does."""
    return {k: {"N" if isinstance(v, int) else "S": str(v)} for k, v in row.items()}


SUSPENDED = change(
    "PROFILE", {"status": "active"}, {"status": "suspended", "suspendedBy": "dunning"}
)
GIVEN_UP = change(
    "RECORD#0#1",
    {"status": "retrying", "recordId": "acme~0~1", "createdAt": "2026", "amountCents": 40},
    {"status": "failed", "recordId": "acme~0~1", "createdAt": "2026", "amountCents": 40},
)


def spending(before_cents: int) -> Change:
    """Make a change of a wallet without credit, from a balance to nothing."""
    before, after = ({"balanceCents": cents, "floorCents": 0} for cents in (before_cents, 0))
    return change("WALLET", {**before}, {**after})


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


def test_a_record_is_given_up_only_while_the_wallet_does_not_cover_it() -> None:
    assert told(spending(40), GIVEN_UP, SUSPENDED, spending(39)) == []
    assert told(GIVEN_UP, SUSPENDED, spending(40)) == [
        "acme~0~1 was given up, and the wallet covered it",
    ]
