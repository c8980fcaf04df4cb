"""Log files become usage: each line once, whatever the file, and its tally says what became."""

import gzip
from collections.abc import Callable
from decimal import Decimal

import pytest

from billing.domain.logfiles import FileState
from billing.services import ingest_logs as service
from billing.services.read_usage import get_usage_event
from tests.support.books import Books
from tests.support.logs import KEY, Bucket, array, line, ndjson
from tests.support.write_units import KB, item_size


@pytest.fixture
def bucket(books: Books) -> Bucket:
    """Give an empty bucket beside books with two customers and a product."""
    books.product("api-calls", "1")
    books.customer("acme")
    books.customer("1")
    return Bucket(books)


def events_of(books: Books, customer_id: str) -> list[Decimal]:
    """Give the units of all events of a customer, in order."""
    found = books.stores.dynamo.query_all(
        books.tables.usage, condition="#pk = :pk", values={":pk": customer_id}, page_size=100
    )
    return sorted(item["units"] for item in found)


@pytest.mark.parametrize("form", [array, ndjson])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_is_read_and_billed(
    books: Books, bucket: Bucket, form: Callable[..., bytes], pack: Callable[[bytes], bytes]
) -> None:
    file = bucket.ingest(pack(form([line(1, 1000), line("acme", 7), line("acme", 3)])))

    assert (file.state, file.position, file.reason) == (FileState.DONE, 3, None)
    assert bucket.outcomes() == {"accepted": 3}
    assert file.stored.key == KEY
    assert file.finished_at == books.clock()
    books.bill()
    assert (books.balance_cents("1"), books.balance_cents("acme")) == (-1000, -10)
    books.assert_sound("1")
    books.assert_sound("acme")


def test_an_event_tells_which_line_it_came_from(books: Books, bucket: Bucket) -> None:
    file = bucket.ingest(ndjson(["", line("acme", 7)]))

    event_id = file.event_id_of(2)
    event = get_usage_event("acme", event_id, stores=books.stores).event
    assert event.source == file.source_of(2)
    assert (event.source.line, event.source.upload) == (2, 1)
    assert event.occurred_at.isoformat() == "2026-01-15T08:00:00+00:00"


def test_the_report_counts_what_the_run_did(books: Books, bucket: Bucket) -> None:
    bucket.put(array([line(), line(quantity=-1), line(id="a"), line(id="a")]), "incoming/a")
    bucket.put(b"\0\0", "incoming/b")
    bucket.put(array([line(id="a", quantity=99)]), "incoming/c")

    report = bucket.read_all()

    assert (report.files_found, report.files_done, report.files_failed) == (3, 2, 1)
    assert (report.counts.accepted, report.counts.duplicate) == (2, 1)
    assert (report.counts.conflict, report.counts.rejected) == (1, 1)
    assert (report.counts.lines, report.remaining) == (5, 0)
    again = bucket.read_all()
    assert (again.files_found, again.counts.lines, again.remaining) == (0, 0, 0)
    books.assert_sound()


def test_the_same_file_again_adds_nothing(books: Books, bucket: Bucket) -> None:
    data = array([line(quantity=5), line(quantity=5)])
    bucket.ingest(data)
    before = (bucket.tally(), books.counts())

    books.clock.advance(3600)
    bucket.ingest(data)

    assert (bucket.tally(), books.counts()) == before
    assert bucket.reads == [KEY]
    assert events_of(books, "acme") == [5, 5]


def test_the_same_lines_under_another_key_are_other_usage(books: Books, bucket: Bucket) -> None:
    """Only lines that name themselves are known again in another file."""
    bucket.ingest(array([line(quantity=5), line(quantity=6, id="x")]), "incoming/a")
    bucket.ingest(array([line(quantity=5), line(quantity=6, id="x")]), "incoming/b")

    assert bucket.outcomes("incoming/b") == {"accepted": 1, "duplicate": 1}
    assert events_of(books, "acme") == [5, 5, 6]


def test_corrected_lines_are_accepted_when_the_file_is_put_there_again(
    books: Books, bucket: Bucket
) -> None:
    bucket.ingest(ndjson([line(quantity=1), line(quantity=-2), line(quantity=3), "{", line("x")]))
    assert bucket.outcomes() == {"accepted": 2, "rejected": 3}
    books.customer("x")
    books.clock.advance(60)

    file = bucket.ingest(
        ndjson([line(quantity=1), line(quantity=2), line(quantity=33), line(quantity=4), line("x")])
    )

    assert file.upload == 2
    assert bucket.outcomes() == {"accepted": 3, "duplicate": 1, "conflict": 1}
    [problem] = bucket.problems()
    assert (problem.line, problem.outcome) == (3, "conflict")
    assert "already recorded with other content" in problem.reason
    assert events_of(books, "acme") == [1, 2, 3, 4]
    books.assert_sound()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line(quantity=-50), "quantity: must be greater than 0"),
        (line(quantity=0), "quantity: must be greater than 0"),
        (line(quantity=1.5), "quantity: must be a whole number"),
        (line(quantity="10"), "quantity: must be a number"),
        (line(quantity=10**13), "quantity: must not be greater than 1000000000000"),
        (line(quantity=10**12), "quantity: would cost"),
        ({"userId": "acme", "service": "api-calls"}, "quantity: is required; timestamp: is req"),
        (line("nobody"), "Customer nobody not found"),
        (line(2), "Customer 2 not found"),
        (line(service="teleport"), "Product teleport not found"),
        (line(service="constructor"), "Product constructor not found"),
        (line(service="__proto__"), "service: must be an id"),
        (line(timestamp="1999-12-31T23:59:59Z"), "timestamp: must not be before the year 2000"),
        (line(timestamp="2026-02-15T08:00:00Z"), "timestamp: must not be more than a day ahead"),
        (line(amount=5), "amount: is not a known field"),
    ],
)
def test_a_bad_line_is_kept_with_its_reason_and_stops_nothing(
    books: Books, bucket: Bucket, bad: dict[str, object], reason: str
) -> None:
    file = bucket.ingest(array([line(quantity=1), bad, line(quantity=2)]))

    assert file.state is FileState.DONE
    assert bucket.outcomes() == {"accepted": 2, "rejected": 1}
    [problem] = bucket.problems()
    assert (problem.line, problem.outcome) == (2, "rejected")
    assert problem.reason.startswith(reason)
    assert events_of(books, "acme") == [1, 2]
    books.assert_sound()


def test_a_whole_quantity_with_decimals_is_the_same_line(books: Books, bucket: Bucket) -> None:
    plain = ndjson([line(quantity=2), line(quantity=1000)])
    bucket.ingest(plain)

    books.clock.advance(60)
    bucket.ingest(plain.replace(b" 2,", b" 2.00,").replace(b" 1000,", b" 1e3,"))

    assert bucket.outcomes() == {"duplicate": 2}
    assert events_of(books, "acme") == [2, 1000]


def test_same_user_service_and_time_with_other_quantities_are_all_billed(
    books: Books, bucket: Bucket
) -> None:
    bucket.ingest(array([line(quantity=1), line(quantity=2), line(quantity=2)]))

    assert bucket.outcomes() == {"accepted": 3}
    assert events_of(books, "acme") == [1, 2, 2]


@pytest.mark.on_dynamodb_local
def test_an_array_cut_off_in_a_line_fails_and_the_whole_one_is_read_on(
    books: Books, bucket: Bucket
) -> None:
    whole = array([line(quantity=1), line(quantity=2), line(quantity=3)])
    cut = bucket.ingest(whole[: whole.index(b'"quantity": 3') + 5])

    assert cut.state is FileState.FAILED
    assert cut.reason == "cannot be read on at line 3: parse error: premature EOF"
    assert bucket.outcomes() == {"accepted": 2}
    assert bucket.read_all().files_found == 0

    books.clock.advance(60)
    file = bucket.ingest(whole)
    assert file.state is FileState.DONE
    assert bucket.outcomes() == {"accepted": 1, "duplicate": 2}
    assert events_of(books, "acme") == [1, 2, 3]


def test_ndjson_cut_off_in_a_line_has_one_bad_line(books: Books, bucket: Bucket) -> None:
    whole = ndjson([line(quantity=1), line(quantity=2)])
    file = bucket.ingest(whole[:-20])

    assert file.state is FileState.DONE
    assert bucket.outcomes() == {"accepted": 1, "rejected": 1}
    books.clock.advance(60)
    bucket.ingest(whole)
    assert bucket.outcomes() == {"accepted": 1, "duplicate": 1}


def test_what_cannot_be_read_fails_once_and_is_tried_again_only_when_put_there_again(
    books: Books, bucket: Bucket
) -> None:
    file = bucket.ingest(b"\x89PNG\r\n\x00")

    assert (file.state, file.reason) == (FileState.FAILED, "is not text in UTF-8")
    assert bucket.read_all().files_found == 0
    assert len(bucket.reads) == 1

    books.clock.advance(60)
    file = bucket.ingest(b"\x89PNG\r\n\x00")
    assert (file.state, file.upload, file.reading) == (FileState.FAILED, 1, 2)
    assert len(bucket.reads) == 2


def test_a_gzip_that_grows_without_end_fails(bucket: Bucket) -> None:
    file = bucket.ingest(gzip.compress(ndjson([line()]) + b" " * 20 * 1024**2))

    assert file.state is FileState.FAILED
    assert file.reason == "cannot be read on at line 2: the gzip grows more than 200 times"
    assert bucket.outcomes() == {"accepted": 1}


@pytest.mark.parametrize("form", [array, ndjson])
def test_whole_lines_before_the_damage_of_a_gzip_are_billed_once(
    books: Books, bucket: Bucket, form: Callable[..., bytes]
) -> None:
    whole = gzip.compress(form([line(quantity=1)] * 40))
    cut = bucket.ingest(whole[:-4])

    assert (cut.state, cut.position) == (FileState.FAILED, 40)
    assert cut.reason == "cannot be read on at line 41: the gzip is cut off"
    assert bucket.outcomes() == {"accepted": 40}
    assert bucket.read_all().files_found == 0

    books.clock.advance(60)
    assert bucket.ingest(whole).state is FileState.DONE
    assert bucket.outcomes() == {"duplicate": 40}
    books.bill()
    assert books.balance_cents("acme") == -40


def test_objects_one_behind_another_are_billed_as_lines(books: Books, bucket: Bucket) -> None:
    """As Firehose writes records that come without an end of line."""
    lines = ndjson([line(quantity=n) for n in range(1, 41)])
    joined = bucket.ingest(lines.replace(b"\n", b""))

    assert (joined.state, joined.position) == (FileState.DONE, 40)
    assert bucket.outcomes() == {"accepted": 40}

    books.clock.advance(60)
    bucket.ingest(lines)
    assert bucket.outcomes() == {"duplicate": 40}


def test_a_key_has_no_meaning(books: Books, bucket: Bucket) -> None:
    keys = ["incoming/../../etc/passwd", "incoming/a b\n%2e#?ü", "incoming/" + "x" * 1000]
    for key in keys:
        file = bucket.ingest(array([line()]), key)
        assert file.stored.key == key
        assert file.id.isalnum()
    assert len(events_of(books, "acme")) == 3


def test_only_so_many_reasons_are_kept_and_the_rest_is_counted(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PROBLEMS_KEPT_MAX", 5)
    monkeypatch.setattr(service, "BATCH_LINES_MAX", 3)
    bad = [line(quantity=-n) for n in range(1, 11)]

    file = bucket.ingest(ndjson([line(), *bad, line()]))

    assert bucket.outcomes() == {"accepted": 2, "rejected": 10}
    assert file.problems_kept == 5
    assert [problem.line for problem in bucket.problems()] == [2, 3, 4, 5, 6]


def test_a_reason_has_a_largest_length(bucket: Bucket) -> None:
    bucket.ingest(array([{f"field{n}": n for n in range(500)}]))

    [problem] = bucket.problems()
    assert len(problem.reason) == service.REASON_BYTES_MAX


def test_a_batch_of_bad_lines_is_kept_with_its_reasons_in_any_script(
    books: Books, bucket: Bucket
) -> None:
    """All reasons of a batch are one item, of at most 400 KB: letters of four bytes fit as well."""
    unknown = "\N{GRINNING FACE}" * 200
    bucket.put(ndjson([{**line(), unknown: 1}] * service.BATCH_LINES_MAX + [line()]))

    bucket.read_all()

    assert bucket.outcomes() == {"accepted": 1, "rejected": service.BATCH_LINES_MAX}
    assert {problem.reason for problem in bucket.problems()} == {unknown[:50]}
    [row] = [row for row in books.rows(books.tables.accounts) if "problems" in row]
    assert item_size(row) < 400 * KB


def test_a_batch_mixes_customers_and_keeps_the_order_of_lines(
    books: Books, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH_LINES_MAX", 4)
    users: list[str | int] = ["acme", 1, "acme", "x", 1, 1, "x"]
    lines = [line(user, n) for n, user in enumerate(users, start=1)]

    file = bucket.ingest(array(lines))

    assert file.position == 7
    assert [problem.line for problem in bucket.problems()] == [4, 7]
    assert events_of(books, "acme") == [1, 3]
    assert events_of(books, "1") == [2, 5, 6]


def test_the_longest_ids_still_fit_into_one_write_unit(books: Books, bucket: Bucket) -> None:
    customer_id, product_id = "c" * 64, "p" * 64
    books.customer(customer_id)
    books.product(product_id, "0.000000000001", unit_decimals=6)
    bucket.ingest(array([line(customer_id, 123456.654321, service=product_id, id="e" * 128)]))

    [item] = books.rows(books.tables.usage)
    assert item["logFileId"] == {"S": bucket.tally().id}
    assert item_size(item) <= KB


def test_usage_that_came_another_way_is_in_no_index_of_log_files(books: Books) -> None:
    books.product()
    books.customer()
    books.use(5)

    [item] = books.rows(books.tables.usage)
    assert not {"logFileId", "logLine"} & item.keys()
