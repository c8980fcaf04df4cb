"""Books with what the stories of wrong events begin with."""

import pytest

from tests.support.books import Books
from tests.support.prices import GRADUATED, PACKAGE, VOLUME


@pytest.fixture
def books(books: Books) -> Books:
    """Give books with a postpaid customer, and a product of each model."""
    books.customer("acme")
    books.product("flat", "3")
    books.product("parts", "0.25")
    books.product("graduated", GRADUATED)
    books.product("volume", VOLUME)
    books.product("package", PACKAGE)
    return books
