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
    NO_LINES,
    BadLine,
    FileDeletedError,
    FileReplacedError,
    FileState,
    LineCounts,
    LogFile,
    LogLine,
    Problem,
    StoredFile,
)
from billing.edge.aws.log_lines import read_lines
from billing.services.find_logs import FindReport, LogFinder
from billing.services.ingest_logs import FileReport, LogIngester
from billing.services.read_logs import get_log_file
from billing.services.record_usage import Outcome
from tests.support.books import Books
from tests.support.lambdas import ENVIRONMENT
from tests.support.log_queue import FakeLogQueue

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


@dataclass(frozen=True)
class Ran:
    """What an hour brought: files that were to be read, how they ended, and their lines."""

    files_found: int
    files_done: int
    files_failed: int
    counts: LineCounts
    remaining: int
    failures: tuple[Exception, ...]

    @classmethod
    def of(
        cls, found: FindReport, reports: Sequence[FileReport], failures: Sequence[Exception]
    ) -> "Ran":
        """Sum up what each invocation did."""
        assert found.complete
        counts = NO_LINES
        for report in reports:
            counts = counts.plus(report.counts)
        done = sum(1 for report in reports if report.file.state is FileState.DONE)
        failed = sum(1 for report in reports if report.file.state is FileState.FAILED)
        files = found.files_found + found.files_waiting
        return cls(files, done, failed, counts, files - done - failed, tuple(failures))


@dataclass
class Bucket:
    """A bucket in memory, with what S3 promises: ETags, and reads of exactly what was found."""

    books: Books
    stored: dict[str, tuple[StoredFile, bytes]] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    queue: FakeLogQueue = field(default_factory=FakeLogQueue)

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

    def files(self, *, after: str | None = None) -> Iterator[StoredFile]:
        """List all files, or those behind a key, in order of their keys."""
        behind = (key for key in sorted(self.stored) if after is None or key > after)
        yield from (self.stored[key][0] for key in behind)

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

    def finder(self) -> LogFinder:
        """Make what finds files, for a new invocation."""
        return LogFinder(self.books.stores, self, self.queue, self.books.clock)

    def ingester(self, *, owner: str = "run", deadline: Deadline | None = None) -> LogIngester:
        """Make what reads files, for a new invocation."""
        deadline = deadline or self.books.deadline()
        return LogIngester(self.books.recorder(), self, self.queue, owner, deadline)

    def find(self) -> FindReport:
        """Find and hand out what is to be read, as the schedule does each hour."""
        self.queue.come_back()
        return self.finder().run(self.books.deadline())

    def run(self, *, owner: str = "run", deadline: Deadline | None = None) -> Ran:
        """Do what happens in an hour: find what is to be read, and read each file of the queue.

        What is handed on stays in the queue, and so does what failed.
        """
        found = self.find()
        reports, failures = [], []
        for number, file_id in self.queue.deliver():
            try:
                reports.append(self.ingester(owner=owner, deadline=deadline).read(file_id))
            except Exception as error:  # noqa: BLE001 - the message comes back, as that of a function that fails
                failures.append(error)
            else:
                self.queue.delete(number)
        return Ran.of(found, reports, failures)

    def ingest(self, data: bytes, key: str = KEY) -> LogFile:
        """Put a file there, read it, raise what went wrong, and return its tally."""
        self.put(data, key)
        self.read_all()
        return self.tally(key)

    def read_all(self) -> Ran:
        """Read what is there, raising what went wrong."""
        report = self.run()
        for failure in report.failures:
            raise failure
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
