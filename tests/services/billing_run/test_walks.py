"""A walk goes on where the one before ended, and comes to everything once."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from billing.domain.customers import Mode
from billing.services.work import Work
from billing.storage import keys
from billing.storage.walks import BEGINNING, Position, WalkPage
from tests.services.billing_run.running import mark_dirty
from tests.support.books import Books

# They go on behind an entry, one that is there and one that is gone, and behind the end.
pytestmark = pytest.mark.on_dynamodb_local

NAMES = {f"ghost-{number:02d}" for number in range(30)}


@pytest.fixture
def ghosts(books: Books, monkeypatch: pytest.MonkeyPatch) -> Books:
    """Give books with thirty dirty tabs, read three at a time."""
    monkeypatch.setattr("billing.storage.walks.PAGE_SIZE", 3)
    for name in sorted(NAMES):
        mark_dirty(books, name)
    return books


def walked(books: Books, start: Position) -> list[WalkPage[str]]:
    """Walk the whole way, and tell the customers whose tabs were found."""
    return [
        WalkPage([(tab.customer_id, behind) for tab, behind in page.found], page.behind)
        for page in books.stores.tabs.dirty(start)
    ]


def names_in(pages: Sequence[WalkPage[str]]) -> list[str]:
    """List what was found, in order."""
    return [name for page in pages for name, _ in page.found]


def test_from_any_position_everything_is_found_once_and_in_turn(ghosts: Books) -> None:
    whole = walked(ghosts, BEGINNING)
    in_order = names_in(whole)
    assert sorted(in_order) == sorted(NAMES)

    positions = [behind for page in whole for _, behind in page.found]
    for number, position in enumerate(positions, start=1):
        assert names_in(walked(ghosts, position)) == in_order[number:] + in_order[:number]


def test_a_walk_goes_on_behind_what_is_gone(ghosts: Books) -> None:
    whole = walked(ghosts, BEGINNING)
    name, position = whole[0].found[-1]
    ghosts.client.delete_item(
        TableName=ghosts.tables.accounts,
        Key={"pk": {"S": keys.customer_pk(name)}, "sk": {"S": "TAB#00"}},
    )

    found = names_in(walked(ghosts, position))

    assert sorted(found) == sorted(NAMES - {name})
    assert found[0] == names_in(whole)[len(whole[0].found)]


def test_a_whole_walk_ends_where_the_next_one_has_no_more_to_read(ghosts: Books) -> None:
    """Going on in the middle of a partition reads that one twice, which costs."""
    ended = walked(ghosts, Position(2))[-1].behind

    assert ended == Position(2)
    assert len({page.behind for page in walked(ghosts, ended) if page.behind.after is None}) == 4


def test_a_walk_by_a_clock_that_is_behind_the_last_ones_goes_on_elsewhere(
    ghosts: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.storage.keys.PARTITIONS", 1)
    for name in ("early", "late"):
        ghosts.customer(name, mode=Mode.PREPAID)
        ghosts.charge(1, customer_id=name)
        ghosts.clock.advance(3600)
    by = ghosts.clock() + timedelta(days=1)
    [page] = [page for page in ghosts.stores.customers.due(by=by) if page.found]
    [(_, early), (_, late)] = page.found
    before_late = ghosts.clock() - timedelta(seconds=5400)

    def due(start: Position) -> list[Work]:
        pages = ghosts.stores.customers.due(start, by=before_late)
        return [name for page in pages for name, _ in page.found]

    assert due(early) == ["early"]
    assert due(late) == ["early"]
