"""A bucket with a file of good and bad lines, read in small batches."""

import pytest

from billing.services import ingest_logs as service
from tests.services.log_faults.lines import LINES
from tests.support.books import Books
from tests.support.logs import Bucket, array


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Break a few lines into batches."""
    monkeypatch.setattr(service, "BATCH_LINES_MAX", 3)


@pytest.fixture
def bucket(books: Books) -> Bucket:
    """Give a bucket with one file, beside books with two customers and a product."""
    books.product("api-calls", "1")
    books.customer("acme")
    books.customer("1")
    bucket = Bucket(books)
    bucket.put(array(LINES))
    return bucket
