"""Faults: books over fresh tables, and the means to strike their calls."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.support.books import Books
from tests.support.faults import Faults
from tests.support.keeper import Keeper

type OpenBooks = Callable[[], AbstractContextManager[Books]]


@pytest.fixture
def open_books(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> OpenBooks:
    """Give the means to open empty books, whose callers lose patience soon.

    Their indexes have two partitions instead of sixteen, for a run of the same calls, only fewer.
    """
    monkeypatch.setattr("billing.storage.keys.PARTITIONS", 2)

    @contextmanager
    def open_them() -> Iterator[Books]:
        with keeper.books() as books:
            books.patience_seconds = 3.0
            yield books

    return open_them


@pytest.fixture
def books(open_books: OpenBooks) -> Iterator[Books]:
    """Give empty books."""
    with open_books() as books:
        yield books


@pytest.fixture
def faults(books: Books) -> Faults:
    """Give the means to strike calls of the books."""
    return Faults(books.client)
