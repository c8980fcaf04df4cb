"""The command that checks days says what differs, and writes only when it is asked to."""

from typing import Any

import pytest

from billing.storage import day_keys
from ops import days as command
from tests.support.books import Books
from tests.support.closing import close, days_of


@pytest.fixture
def books(books: Books, monkeypatch: pytest.MonkeyPatch) -> Books:
    """Give the command books with a day."""
    books.credit(100)
    close(books)
    monkeypatch.setattr(command, "open_deployed", lambda _stack, _seconds: books.stores)
    return books


def forge(books: Books) -> None:
    """Change what the day began with."""
    key: Any = {
        name: {"S": value}
        for name, value in day_keys.day("acme", days_of(books)[0].date, 0).items()
    }
    item = books.client.get_item(TableName=books.tables.accounts, Key=key)["Item"]
    forged = {**item, "openingCents": {"N": "7"}}
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


@pytest.mark.usefixtures("books")
def test_nobody_is_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["check", "nobody"]) == 1
    assert "nobody" in capsys.readouterr().err


@pytest.mark.usefixtures("books")
def test_who_waits_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["enlist"]) == 0
    assert capsys.readouterr().out.startswith("0 customers")
