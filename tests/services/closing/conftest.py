"""Books with what the stories of closing begin with."""

import pytest

from tests.support.books import Books


@pytest.fixture
def books(books: Books) -> Books:
    """Give books with a customer and two products, of one cent and of a quarter of a cent."""
    books.customer("acme")
    books.product("api-calls", "1")
    books.product("bandwidth", "0.25")
    return books
