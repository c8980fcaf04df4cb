"""What came of log files can be listed: files, their usage and their problems, page by page."""

from collections.abc import Callable

import pytest

from billing.domain.errors import CustomerNotFoundError, InvalidInputError, LogFileNotFoundError
from billing.domain.logfiles import FileState
from billing.services import read_logs as service
from billing.services.paging import Page
from billing.services.read_logs import (
    get_log_file,
    list_customer_logs,
    list_file_problems,
    list_file_usage,
    list_log_files,
    list_logs,
)
from tests.support.books import Books
from tests.support.logs import Bucket, array, line

type Listing[Item] = Callable[[str | None], Page[Item]]


@pytest.fixture
def bucket(books: Books) -> Bucket:
    """Give three files that are read, one after the other: 3 lines, none that is good, 4 lines."""
    books.product()
    books.customer("acme")
    books.customer("globex")
    bucket = Bucket(books)
    files = {
        "incoming/a": [line(quantity=1), line("globex", 2), line(quantity=3)],
        "incoming/b": [line(quantity=-1), line("nobody"), line(service="none"), line()][:3],
        "incoming/c": [line(quantity=4), {}, line("globex", 5), line(quantity=6)],
    }
    for key, lines in files.items():
        books.clock.advance(60)
        bucket.ingest(array(lines), key)
    return bucket


def walk[Item](page: Listing[Item], *, pages_max: int = 50) -> list[list[Item]]:
    """Follow the cursors of a list to its end; gives the items of each page."""
    pages: list[list[Item]] = []
    cursor: str | None = None
    for _ in range(pages_max):
        found = page(cursor)
        pages.append(list(found.items))
        cursor = found.cursor
        if cursor is None:
            return pages
    raise AssertionError(f"the list does not end in {pages_max} pages")


def flat[Item](pages: list[list[Item]]) -> list[Item]:
    return [item for page in pages for item in page]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_files_are_listed_newest_first(books: Books, bucket: Bucket, limit: int) -> None:
    pages = walk(lambda cursor: list_log_files(limit=limit, cursor=cursor, stores=books.stores))

    assert all(len(page) <= limit for page in pages)
    assert [file.stored.key for file in flat(pages)] == ["incoming/c", "incoming/b", "incoming/a"]
    assert flat(pages)[0] == bucket.tally("incoming/c")


def test_a_file_put_there_again_comes_first_again(books: Books, bucket: Bucket) -> None:
    books.clock.advance(60)
    bucket.ingest(array([line(quantity=1)]), "incoming/a")

    files = list_log_files(limit=10, cursor=None, stores=books.stores).items
    assert [file.stored.key for file in files] == ["incoming/a", "incoming/c", "incoming/b"]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_the_usage_of_a_file_is_listed_in_order_of_lines(
    books: Books, bucket: Bucket, limit: int
) -> None:
    file = bucket.tally("incoming/c")
    pages = walk(
        lambda cursor: list_file_usage(file, limit=limit, cursor=cursor, stores=books.stores)
    )

    assert all(len(page) <= limit for page in pages)
    sources = [billed.event.source for billed in flat(pages)]
    assert sources == [file.source_of(1), file.source_of(3), file.source_of(4)]
    assert {billed.record for billed in flat(pages)} == {None}


def test_usage_of_a_file_shows_what_bills_it(books: Books, bucket: Bucket) -> None:
    books.bill()

    file = bucket.tally("incoming/c")
    listed = list_file_usage(file, limit=10, cursor=None, stores=books.stores).items
    assert all(billed.billed_at == books.clock() for billed in listed)


@pytest.mark.on_dynamodb_local
def test_a_corrected_line_shows_both_events_also_across_pages(books: Books, bucket: Bucket) -> None:
    """Another customer's usage is another event; the first one is theirs until it is voided."""
    books.clock.advance(60)
    bucket.ingest(array([line("globex", 1), line("globex", 2), line(quantity=3)]), "incoming/a")

    file = bucket.tally("incoming/a")
    pages = walk(lambda cursor: list_file_usage(file, limit=1, cursor=cursor, stores=books.stores))
    found = [
        (billed.event.customer_id, billed.event.source.line, billed.event.source.upload)
        for billed in flat(pages)
        if billed.event.source is not None
    ]
    assert found == [("acme", 1, 1), ("globex", 1, 2), ("globex", 2, 1), ("acme", 3, 1)]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_the_problems_of_a_file_are_listed_in_order_of_lines(
    books: Books, bucket: Bucket, limit: int
) -> None:
    file = bucket.tally("incoming/b")
    pages = walk(
        lambda cursor: list_file_problems(file, limit=limit, cursor=cursor, stores=books.stores)
    )

    assert all(len(page) <= limit for page in pages)
    assert [(problem.line, problem.reason) for problem in flat(pages)] == [
        (1, "quantity: must be greater than 0"),
        (2, "Customer nobody not found"),
        (3, "Product none not found"),
    ]


@pytest.mark.on_dynamodb_local
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 100])
@pytest.mark.parametrize("files_together", [1, 2, 50])
def test_all_usage_is_listed_newest_file_and_last_line_first(
    books: Books, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, limit: int, files_together: int
) -> None:
    monkeypatch.setattr(service, "FILES_EXAMINED_MAX", files_together)
    books.use(1000)
    pages = walk(lambda cursor: list_logs(limit=limit, cursor=cursor, stores=books.stores))

    assert all(len(page) <= limit for page in pages)
    assert [billed.event.units for billed in flat(pages)] == [6, 5, 4, 3, 2, 1]
    assert bucket.tally("incoming/b").state is FileState.DONE


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("together", [1, 2, 100])
def test_the_usage_of_a_customer_leaves_out_what_came_another_way(
    books: Books, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, limit: int, together: int
) -> None:
    monkeypatch.setattr(service, "EVENTS_TOGETHER", together)
    monkeypatch.setattr(service, "EVENTS_EXAMINED_MAX", 3 * together)
    for _ in range(5):
        books.use(1000)
    books.clock.advance(60)
    bucket.ingest(array([line(quantity=7), line("globex")]), "incoming/d")
    books.use(1000)

    pages = walk(
        lambda cursor: list_customer_logs("acme", limit=limit, cursor=cursor, stores=books.stores)
    )

    assert all(len(page) <= limit for page in pages)
    listed = [billed.event for billed in flat(pages)]
    assert {event.customer_id for event in listed} == {"acme"}
    assert sorted(event.units for event in listed) == [1, 3, 4, 6, 7]
    times = [event.recorded_at for event in listed]
    assert times == sorted(times, reverse=True)


def test_what_does_not_exist_is_not_found(books: Books) -> None:
    with pytest.raises(LogFileNotFoundError):
        get_log_file("0" * 32, stores=books.stores)
    with pytest.raises(CustomerNotFoundError):
        list_customer_logs("nobody", limit=1, cursor=None, stores=books.stores)
    assert list_logs(limit=1, cursor=None, stores=books.stores) == Page([], None)


@pytest.mark.parametrize("cursor", ["", "%", "eyJ4IjoxfQ", "eyJwb3NpdGlvbiI6IngifQ"])
def test_a_forged_cursor_is_refused_or_a_place_like_any_other(
    books: Books, bucket: Bucket, cursor: str
) -> None:
    file = bucket.tally("incoming/b")
    with pytest.raises(InvalidInputError):
        list_file_problems(file, limit=1, cursor=cursor, stores=books.stores)
