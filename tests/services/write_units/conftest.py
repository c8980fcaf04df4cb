"""Books whose requests are counted."""

import pytest

from tests.support.books import Books
from tests.support.keeper import Keeper
from tests.support.write_units import Meter


@pytest.fixture
def books(books: Books) -> Books:
    """Give books with a customer and a product of one cent a unit."""
    books.customer("acme")
    books.product("api-calls", "1")
    return books


@pytest.fixture
def meter(books: Books, keeper: Keeper) -> Meter:
    """Count what the books cost from here on."""
    return Meter(books.client, keeper.plain_client())
