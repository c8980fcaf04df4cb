"""Books with a customer and products to record."""

import pytest

from tests.support.books import Books


@pytest.fixture
def books(books: Books) -> Books:
    """Give books with a customer and a product of one cent a unit."""
    books.customer("acme")
    books.product("api-calls", "1")
    return books
