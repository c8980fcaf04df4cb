"""The bucket as S3 has it: what is listed, what is read, and what its faults become."""

import gzip
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.response import StreamingBody
from moto import mock_aws
from urllib3.exceptions import ProtocolError

from billing.domain.deadline import Deadline
from billing.domain.errors import UnavailableError
from billing.domain.logfiles import (
    FileDeletedError,
    FileReplacedError,
    LogFile,
    LogLine,
    StoredFile,
)
from billing.edge.aws.log_bucket import S3LogStorage
from tests.support.naming import in_words

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

BUCKET = "usage-billing"
KEY = "incoming/a"
NEVER = Deadline(at_seconds=1.0, monotonic=lambda: 0.0)
LINE = b'{"userId":"acme","service":"api","quantity":1,"timestamp":"2026-01-15T10:00:00Z"}\n'


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator["S3Client"]:
    """Give a client of S3 with an empty bucket."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def storage(client: "S3Client") -> S3LogStorage:
    """Give the storage over that bucket."""
    return S3LogStorage(client, BUCKET)


def found(storage: S3LogStorage, key: str = KEY) -> LogFile:
    """Find the file of a key."""
    [stored] = [each for each in storage.files() if each.key == key]
    return LogFile.found(stored, now=datetime(2026, 1, 15, tzinfo=UTC))


def numbers(storage: S3LogStorage, file: LogFile) -> list[int]:
    """Read the numbers of a file's lines."""
    with storage.lines(file, deadline=NEVER) as lines:
        return [line.number for line in lines if isinstance(line, LogLine)]


def test_files_are_listed_in_order_across_pages(client: "S3Client", storage: S3LogStorage) -> None:
    keys = sorted(f"incoming/{number}" for number in range(1005))
    for key in keys:
        client.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    client.put_object(Bucket=BUCKET, Key="other/file", Body=b"x")
    client.put_object(Bucket=BUCKET, Key="incoming/folder/")

    assert [file.key for file in storage.files()] == keys


@pytest.mark.parametrize(
    "key", ["incoming/../../etc/passwd", "incoming/a b\n%2e+#?&=ü\u2028", "incoming//x", KEY]
)
def test_any_key_is_a_name(client: "S3Client", storage: S3LogStorage, key: str) -> None:
    client.put_object(Bucket=BUCKET, Key=key, Body=gzip.compress(LINE * 3))

    assert numbers(storage, found(storage, key)) == [1, 2, 3]


def test_a_file_is_known_by_what_s3_says_of_it(client: "S3Client", storage: S3LogStorage) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    answer = client.put_object(Bucket=BUCKET, Key=KEY, Body=LINE)
    after = datetime.now(UTC)

    stored = found(storage).stored
    assert (stored.key, stored.size_bytes) == (KEY, len(LINE))
    assert f'"{stored.etag}"' == answer["ETag"]
    assert before <= stored.modified_at <= after


def test_reading_goes_on_behind_the_position(client: "S3Client", storage: S3LogStorage) -> None:
    client.put_object(Bucket=BUCKET, Key=KEY, Body=LINE * 5000)

    assert numbers(storage, replace(found(storage), position=4990)) == list(range(4991, 5001))


def test_an_empty_file_has_no_lines(client: "S3Client", storage: S3LogStorage) -> None:
    client.put_object(Bucket=BUCKET, Key=KEY, Body=b"")

    assert numbers(storage, found(storage)) == []


def test_only_what_was_found_is_read(client: "S3Client", storage: S3LogStorage) -> None:
    client.put_object(Bucket=BUCKET, Key=KEY, Body=LINE)
    file = found(storage)
    client.put_object(Bucket=BUCKET, Key=KEY, Body=LINE * 2)

    with pytest.raises(FileReplacedError):
        numbers(storage, file)
    assert numbers(storage, found(storage)) == [1, 2]
    client.delete_object(Bucket=BUCKET, Key=KEY)
    with pytest.raises(FileDeletedError):
        numbers(storage, file)


def test_a_bucket_that_is_not_there_is_an_error_of_the_deployment(client: "S3Client") -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        list(S3LogStorage(client, "other").files())


class _Broken:
    """A client of S3 that fails in a certain way, wherever it is asked."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_paginator(self, _name: str) -> "_Broken":
        return self

    def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
        yield {"Contents": []}
        raise self._error

    def get_object(self, **_: str) -> dict[str, Any]:
        raise self._error


def _refusal(status: int, code: str) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": metadata}, "GetObject")


STORED = StoredFile(KEY, "etag", 1, datetime(2026, 1, 15, tzinfo=UTC))
FILE = LogFile.found(STORED, now=STORED.modified_at)


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://s3.test"),
        _refusal(503, "SlowDown"),
        _refusal(500, "InternalError"),
    ],
    ids=lambda fault: in_words(str(fault)),
)
def test_a_fault_that_passes_is_told_as_one(error: Exception) -> None:
    client: Any = _Broken(error)
    storage = S3LogStorage(client, BUCKET)

    with pytest.raises(UnavailableError):
        list(storage.files())
    with pytest.raises(UnavailableError):
        numbers(storage, FILE)


def test_a_refusal_is_no_fault_that_passes() -> None:
    client: Any = _Broken(_refusal(403, "AccessDenied"))
    storage = S3LogStorage(client, BUCKET)

    with pytest.raises(ClientError, match="AccessDenied"):
        list(storage.files())
    with pytest.raises(ClientError, match="AccessDenied"):
        numbers(storage, FILE)


class _Torn(io.RawIOBase):
    """A connection that breaks in the middle of an answer."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._parts = iter([LINE * 2])
        self._error = error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - as io.RawIOBase has it
        part = next(self._parts, None)
        if part is None:
            raise self._error
        buffer[: len(part)] = part
        return len(part)


@pytest.mark.parametrize(
    "raw",
    [_Torn(ProtocolError("torn")), io.BytesIO(LINE)],
    ids=["connection-lost", "less-than-announced"],
)
def test_an_answer_that_breaks_off_is_a_fault_that_passes(
    client: "S3Client", storage: S3LogStorage, monkeypatch: pytest.MonkeyPatch, raw: io.IOBase
) -> None:
    body: Any = StreamingBody(raw, content_length=1000)  # type: ignore[arg-type]
    monkeypatch.setattr(client, "get_object", lambda **_: {"Body": body})

    with pytest.raises(UnavailableError):
        numbers(storage, FILE)
    assert raw.closed


def test_a_file_given_up_in_the_middle_gives_its_connection_up(
    client: "S3Client", storage: S3LogStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO(LINE * 100_000)
    body: Any = StreamingBody(raw, content_length=len(raw.getvalue()))
    monkeypatch.setattr(client, "get_object", lambda **_: {"Body": body})

    with storage.lines(FILE, deadline=NEVER) as lines:
        assert next(lines).number == 1
        assert not raw.closed
    assert raw.closed
