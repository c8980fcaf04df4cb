"""Books with what the stories of prices that count by the month begin with."""

import pytest

from tests.support.books import Books
from tests.support.prices import FREE, GRADUATED, PACKAGE, VOLUME


@pytest.fixture
def books(books: Books) -> Books:
    """Give books with a postpaid customer and a product of each model."""
    books.customer("acme")
    books.product("graduated", GRADUATED)
    books.product("volume", VOLUME)
    books.product("package", PACKAGE)
    books.product("free", FREE)
    books.product("flat", "3")
    return books
