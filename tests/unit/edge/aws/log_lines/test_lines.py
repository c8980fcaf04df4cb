"""A log line, well formed or not, in either form of file."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import ijson
import pytest

from billing.domain.logfiles import (
    LogLine,
)
from tests.unit.edge.aws.log_lines.reading import (
    BOM,
    FORMS,
    GOOD,
    good,
    ndjson,
    read,
    reasons,
)


def test_the_fast_parser_is_there() -> None:
    assert ijson.backend == "yajl2_c"


@FORMS
def test_a_line_is_read(form: Callable[..., bytes]) -> None:
    [line, named] = read(form(good(), good(userId="globex", id="req-1")))

    assert line == LogLine(
        number=1,
        customer_id="acme",
        product_id="api-calls",
        units=Decimal(1000),
        occurred_at=datetime(2024, 1, 15, 10, tzinfo=UTC),
        event_id=None,
    )
    assert named == LogLine(
        number=2,
        customer_id="globex",
        product_id="api-calls",
        units=Decimal(1000),
        occurred_at=datetime(2024, 1, 15, 10, tzinfo=UTC),
        event_id="req-1",
    )


@FORMS
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("mark", [b"", BOM])
def test_gzip_and_a_byte_order_mark_change_nothing(
    form: Callable[..., bytes], pack: Callable[[bytes], bytes], mark: bytes
) -> None:
    plain = form(good(), good(quantity=2))

    assert read(pack(mark + plain)) == read(plain)
    assert len(read(plain)) == 2


def test_gzip_of_several_parts_is_one_file() -> None:
    parts = [gzip.compress(ndjson(good(quantity=n))) for n in (1, 2, 3)]

    assert [line.number for line in read(b"".join(parts))] == [1, 2, 3]


def test_line_ends_of_windows_and_a_last_line_without_one() -> None:
    data = good() + b"\r\n" + good(quantity=2) + b"\r\n" + good(quantity=3)

    assert reasons(data) == [None, None, None]


def test_blank_lines_are_no_lines_but_count_as_places() -> None:
    data = b"\n  \n" + good() + b"\n\r\n" + good() + b"\n\n"

    assert [line.number for line in read(data)] == [3, 5]


@pytest.mark.parametrize("data", [b"", BOM, b" \n\n", b"[]", b"[ ]\n", gzip.compress(b"")])
def test_a_file_may_be_empty(data: bytes) -> None:
    assert read(data) == []


@FORMS
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"userId": "a b"}, "userId: must be an id"),
        ({"userId": ""}, "userId: must be an id"),
        ({"userId": None}, "userId: must be an id"),
        ({"userId": True}, "userId: must be an id"),
        ({"userId": -1}, "userId: must be an id"),
        ({"userId": 10**40}, "userId: is out of range"),
        ({"userId": 10**64}, "userId: is out of range"),
        ({"userId": 1.5}, "userId: must be an id"),
        ({"userId": ["acme"]}, "userId: must be an id"),
        ({"service": 7}, "service: must be an id"),
        ({"service": "../x"}, "service: must be an id"),
        ({"service": {"id": "api-calls"}}, "service: must be an id"),
        ({"quantity": "10"}, "quantity: must be a number"),
        ({"quantity": "1.5"}, "quantity: must be a number"),
        ({"quantity": True}, "quantity: must be a number"),
        ({"quantity": None}, "quantity: must be a number"),
        ({"quantity": [1]}, "quantity: must be a number"),
        ({"timestamp": "2024-01-15"}, "timestamp: must be a time"),
        ({"timestamp": "2024-01-15T10:00:00"}, "timestamp: must be a time"),
        ({"timestamp": "2024-02-30T10:00:00Z"}, "timestamp: must be a time"),
        ({"timestamp": 1705312800}, "timestamp: must be a time"),
        ({"id": ""}, "id: must be an id"),
        ({"id": 5}, "id: must be an id"),
        ({"id": "x" * 129}, "id: must be an id"),
        ({"user": "acme"}, "user: is not a known field"),
        ({"quantitÿ": 1}, "quantitÿ: is not a known field"),
    ],
)
def test_a_bad_field_spoils_its_line_and_no_other(
    form: Callable[..., bytes], changes: dict[str, object], reason: str
) -> None:
    first, bad, last = reasons(form(good(), good(**changes), good()))

    assert (first, last) == (None, None)
    assert bad is not None
    assert bad.startswith(reason)


@FORMS
@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_field_spoils_its_line(form: Callable[..., bytes], name: str) -> None:
    lacking = json.dumps({k: v for k, v in GOOD.items() if k != name}).encode()

    assert reasons(form(lacking, good())) == [f"{name}: is required", None]


@FORMS
def test_every_fault_of_a_line_is_told(form: Callable[..., bytes]) -> None:
    [reason] = reasons(form(b'{"userId": "acme", "quantity": "1", "timestamp": "now"}'))

    assert reason is not None
    assert [part.partition(":")[0] for part in reason.split("; ")] == [
        "service",
        "quantity",
        "timestamp",
    ]


@FORMS
@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("1", 1),
        ("1.0", 1),
        ("2.00", 2),
        ("1e3", 1000),
        ("0.25", Decimal("0.25")),
        ("1e-3", Decimal("0.001")),
        ("1e40", 10**40),
        ("-50", -50),
        ("0", 0),
    ],
)
def test_a_quantity_is_exact_however_it_is_written(
    form: Callable[..., bytes], text: str, units: Decimal
) -> None:
    """Whether it may be so much is for the product to say, when it is recorded."""
    [line] = read(form(good(quantity=0).replace(b'"quantity": 0', b'"quantity": ' + text.encode())))

    assert isinstance(line, LogLine)
    assert line.units == units


@FORMS
@pytest.mark.parametrize(
    "text",
    ["1e400", "1e-400000", "1e999999999", "1" * 41, "0." + "1" * 60],
    ids=["large", "tiny", "too large to write out", "many digits", "many decimals"],
)
def test_a_quantity_out_of_range_spoils_its_line_and_no_other(
    form: Callable[..., bytes], text: str
) -> None:
    changed = good(quantity=0).replace(b'"quantity": 0', b'"quantity": ' + text.encode())
    reason, after = reasons(form(changed, good()))

    assert after is None
    assert reason is not None
    assert reason.startswith("quantity: is out of range: a number has at most 40 digits")


@FORMS
def test_a_user_may_be_an_integer(form: Callable[..., bytes]) -> None:
    [line] = read(form(good(userId=1)))

    assert isinstance(line, LogLine)
    assert line.customer_id == "1"


@FORMS
def test_a_time_may_have_an_offset_and_is_kept_in_utc(form: Callable[..., bytes]) -> None:
    [line] = read(form(good(timestamp="2024-01-15T10:00:00.5+01:30")))

    assert isinstance(line, LogLine)
    assert line.occurred_at == datetime(2024, 1, 15, 8, 30, 0, 500_000, tzinfo=UTC)


@FORMS
@pytest.mark.parametrize("element", [b"5", b'"text"', b"null", b"true", b"[1, [2]]", b"[]"])
def test_a_line_that_is_no_object(form: Callable[..., bytes], element: bytes) -> None:
    assert reasons(form(good(), element, good())) == [None, "must be an object", None]


@FORMS
def test_a_name_that_stands_twice(form: Callable[..., bytes]) -> None:
    twice = good()[:-1] + b', "quantity": 1}'
    [reason, after] = reasons(form(twice, good()))

    assert reason is not None
    assert "twice" in reason
    assert after is None


@FORMS
def test_bytes_that_are_no_utf_8_spoil_their_line_and_no_other(form: Callable[..., bytes]) -> None:
    [reason, after] = reasons(form(good().replace(b"acme", b"ac\xffme"), good()))

    assert reason is not None
    assert after is None


@FORMS
def test_half_a_surrogate_pair_spoils_its_line_and_no_other(form: Callable[..., bytes]) -> None:
    [reason, after] = reasons(form(good().replace(b"acme", b"\\ud800"), good()))

    assert reason is not None
    assert after is None
