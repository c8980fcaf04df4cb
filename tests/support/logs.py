"""Log files for stories: a bucket in memory, lines, and the run that reads them."""

import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import boto3

from billing.domain.deadline import Deadline
from billing.domain.logfiles import (
    BadLine,
    FileDeletedError,
    FileReplacedError,
    LogFile,
    LogLine,
    Problem,
    StoredFile,
)
from billing.edge.aws.log_lines import read_lines
from billing.services.ingest_logs import IngestReport, LogIngester
from billing.services.read_logs import get_log_file
from billing.services.record_usage import Outcome
from tests.support.books import Books
from tests.support.lambdas import ENVIRONMENT

KEY = "incoming/2026-01-15.json"


def line(
    user: str | int = "acme", quantity: object = 10, *, service: str = "api-calls", **more: object
) -> dict[str, object]:
    """Make a log line."""
    return {
        "userId": user,
        "service": service,
        "quantity": quantity,
        "timestamp": "2026-01-15T08:00:00Z",
        **more,
    }


def array(lines: Sequence[object]) -> bytes:
    """Write a file that is one JSON array."""
    return json.dumps(list(lines), indent=1).encode()


def ndjson(lines: Sequence[object]) -> bytes:
    """Write a file of one JSON object a line; text stands as it is."""
    texts = (each if isinstance(each, str) else json.dumps(each) for each in lines)
    return "".join(f"{text}\n" for text in texts).encode()


@dataclass
class Bucket:
    """A bucket in memory, with what S3 promises: ETags, and reads of exactly what was found."""

    books: Books
    stored: dict[str, tuple[StoredFile, bytes]] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)

    def put(self, data: bytes, key: str = KEY) -> StoredFile:
        """Put a file under a key, in place of what was there."""
        file = StoredFile(
            key=key,
            etag=hashlib.md5(data, usedforsecurity=False).hexdigest(),
            size_bytes=len(data),
            modified_at=self.books.clock(),
        )
        self.stored[key] = (file, data)
        return file

    def files(self) -> Iterator[StoredFile]:
        """List all files, in order of their keys."""
        yield from (self.stored[key][0] for key in sorted(self.stored))

    @contextmanager
    def lines(self, file: LogFile, *, deadline: Deadline) -> Iterator[Iterator[LogLine | BadLine]]:
        """Read a file behind its position."""
        if file.stored.key not in self.stored:
            raise FileDeletedError
        stored, data = self.stored[file.stored.key]
        if stored.etag != file.stored.etag:
            raise FileReplacedError
        self.reads.append(stored.key)
        yield read_lines(io.BytesIO(data), after=file.position, deadline=deadline)

    def run(self, *, owner: str = "run", deadline: Deadline | None = None) -> IngestReport:
        """Do what the schedule does each hour."""
        recorder = self.books.recorder()
        return LogIngester(recorder, self, owner, deadline or self.books.deadline()).run()

    def ingest(self, data: bytes, key: str = KEY) -> LogFile:
        """Put a file there, read it, raise what went wrong, and return its tally."""
        self.put(data, key)
        self.read_all()
        return self.tally(key)

    def read_all(self) -> IngestReport:
        """Read what is there, raising what went wrong."""
        report = self.run()
        for failure in report.failures:
            raise failure.error
        return report

    def tally(self, key: str = KEY) -> LogFile:
        """Read the tally of a file, which must be one that adds up."""
        file = get_log_file(self.stored[key][0].id, stores=self.books.stores)
        kept = self.problems(key)
        assert len(kept) == file.problems_kept
        assert file.counts.lines <= file.position
        return file

    def problems(self, key: str = KEY) -> list[Problem]:
        """Read what is kept of the lines of a file that were not accepted."""
        file = get_log_file(self.stored[key][0].id, stores=self.books.stores)
        return self.books.stores.log_files.problems(file)

    def outcomes(self, key: str = KEY) -> dict[str, int]:
        """Give the counts of a file's tally, without the zeros."""
        counts = self.tally(key).counts
        by_name = {outcome.value: getattr(counts, outcome.value) for outcome in Outcome}
        return {name: count for name, count in by_name.items() if count}


def put_log(key: str, lines: Sequence[object]) -> None:
    """Put a file into the bucket of the functions."""
    client = boto3.client("s3", region_name="us-east-1")
    client.put_object(Bucket=ENVIRONMENT["LOGS_BUCKET"], Key=key, Body=array(lines))
