"""The command that checks days says what differs, and writes only when it is asked to."""

from typing import Any

import pytest

from billing.storage import day_keys
from ops import days as command
from tests.support.books import Books
from tests.support.closing import close, days_of, wallet_of
from tests.support.watching import look


@pytest.fixture
def books(books: Books, monkeypatch: pytest.MonkeyPatch) -> Books:
    """Give the command books with a day."""
    books.credit(100)
    close(books)
    monkeypatch.setattr(command, "open_deployed", lambda _stack, _seconds: books.stores)
    return books


def forge(books: Books, attribute: str = "openingCents") -> None:
    """Change what the day began with, or something else of it."""
    key: Any = {
        name: {"S": value}
        for name, value in day_keys.day("acme", days_of(books)[0].date, 0).items()
    }
    item = books.client.get_item(TableName=books.tables.accounts, Key=key)["Item"]
    forged = {**item, attribute: {"N": "7"}}
    books.client.put_item(TableName=books.tables.accounts, Item=forged)


def test_days_that_are_right_are_told_as_such(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    assert days_of(books)
    assert command.main(["check", "acme"]) == 0
    assert capsys.readouterr().out == "acme: 1 days, 0 differ\n"


def test_a_day_that_differs_is_told_and_put_right_when_asked(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    forge(books)

    assert command.main(["check", "acme"]) == 1
    assert "acme 2026-01-15: differs in opening_cents" in capsys.readouterr().out
    assert command.main(["rebuild", "acme"]) == 1
    assert "1 days, 1 differ, put right" in capsys.readouterr().out
    assert command.main(["check", "acme"]) == 0


def test_an_imbalance_of_a_day_ends_with_its_rebuilding(books: Books) -> None:
    forge(books, "closingCents")
    books.credit(1, key="more")
    close(books)
    assert len(look(books).imbalances) == 1

    command.main(["rebuild", "acme"])

    assert look(books).imbalances == []
    assert wallet_of(books.stores).is_added_up


def test_what_a_rebuilding_does_not_mend_is_told(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    books.credit(1, key="more")
    key: Any = {"pk": {"S": "acme"}, "sk": {"S": f"ENTRY#{2:015d}"}}
    books.client.delete_item(TableName=books.tables.ledger, Key=key)

    assert command.main(["rebuild", "acme"]) == 1

    assert "acme: entry 2 is missing" in capsys.readouterr().err
    assert [each.fault for each in look(books).imbalances] == ["entry 2 is missing"]


@pytest.mark.usefixtures("books")
def test_nobody_is_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["check", "nobody"]) == 1
    assert "nobody" in capsys.readouterr().err


@pytest.mark.usefixtures("books")
def test_who_waits_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["enlist"]) == 0
    assert capsys.readouterr().out.startswith("0 customers")
