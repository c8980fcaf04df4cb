"""Log files: what was put into the bucket, how far it is read, and what became of each line."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from billing.domain.usage import LogSource, UsageClaim

LINE_BYTES_MAX = 16 * 1024

# What a file may hold once it is unpacked: about ten million lines. A file is read again from its
# beginning after each pause, so that a larger one would spend its time on skipping.
FILE_BYTES_MAX = 1024**3

# Reasons are for people, who correct a file long before they have read a thousand of them.
PROBLEMS_KEPT_MAX = 1000

# A file that breaks its reader again and again, without one more line, is set aside.
ATTEMPTS_MAX = 5

# How the keys of files begin; others are not looked for.
INCOMING = "incoming/"

_ID_CHARACTERS = 32


class UnreadableFileError(Exception):
    """A file cannot be read on, ever; the message says why, for the person who put it there."""


class FileDeletedError(Exception):
    """The file is no longer in the bucket."""


class FileReplacedError(Exception):
    """Another file has been put under the same key since this one was found."""


class OutOfTimeError(Exception):
    """The time of a run ended in the middle of a file; the next run goes on."""


class FileState(StrEnum):
    """How far a file has come; `failed` means that it could not be read to its end."""

    FOUND = "found"
    PROCESSING = "processing"
    DONE = "done"
    FAILED = "failed"


def id_of_key(key: str) -> str:
    """Name the file that is, or will be, under a key of the bucket."""
    return hashlib.sha256(key.encode()).hexdigest()[:_ID_CHARACTERS]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it lies in the bucket; the ETag changes with the content."""

    key: str
    etag: str
    size_bytes: int
    modified_at: datetime

    @property
    def id(self) -> str:
        """The file's public name, the same for everything that is ever put under the key."""
        return id_of_key(self.key)


@dataclass(frozen=True, slots=True)
class LineCounts:
    """What became of lines; every line that was read is in exactly one of the four."""

    accepted: int = 0
    duplicate: int = 0
    conflict: int = 0
    rejected: int = 0

    @property
    def lines(self) -> int:
        """How many lines were read."""
        return self.accepted + self.duplicate + self.conflict + self.rejected

    def plus(self, other: "LineCounts") -> "LineCounts":
        """Add two counts."""
        return LineCounts(
            self.accepted + other.accepted,
            self.duplicate + other.duplicate,
            self.conflict + other.conflict,
            self.rejected + other.rejected,
        )

    def minus(self, other: "LineCounts") -> "LineCounts":
        """Take away counts that are part of these."""
        return LineCounts(
            self.accepted - other.accepted,
            self.duplicate - other.duplicate,
            self.conflict - other.conflict,
            self.rejected - other.rejected,
        )


NO_LINES = LineCounts()


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file's tally: how far it is read, and what became of the lines so far.

    `upload` counts how often other content was put under the key, `reading` how often it was read
    from its first line, whatever the content. `position` is the number of the last line counted,
    `attempts` how often reading began since. `problems_kept` of the lines that were not accepted
    are kept with their reasons. `waiting_since` tells when it came to be read, until it is.
    A file that waits to be read once more keeps its tally until the first line is read again.
    """

    stored: StoredFile
    upload: int
    state: FileState
    found_at: datetime
    waiting_since: datetime | None
    reading: int = 0
    position: int = 0
    counts: LineCounts = NO_LINES
    attempts: int = 0
    problems_kept: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    reason: str | None = None
    revision: int = 0

    @classmethod
    def found(cls, stored: StoredFile, *, now: datetime) -> "LogFile":
        """Begin the tally of a file that is seen for the first time."""
        return cls(stored, upload=1, state=FileState.FOUND, found_at=now, waiting_since=now)

    @property
    def id(self) -> str:
        """The file's public name."""
        return self.stored.id

    @property
    def finished(self) -> bool:
        """Whether nothing more will be read."""
        return self.state in {FileState.DONE, FileState.FAILED}

    @property
    def leaves_usage_out(self) -> bool:
        """Whether usage in a finished file is not billed: it broke off, or lines were kept out."""
        kept_out = self.counts.rejected + self.counts.conflict
        return self.state is FileState.FAILED or (self.finished and kept_out > 0)

    def is_superseded_by(self, stored: StoredFile) -> bool:
        """Tell whether the bucket has something under the key that is still to be read.

        The same content, put there once more, asks for another try where that may bring more: where
        reading it failed, or lines were rejected whose customer or product may be known by now. A
        listing that is older than what is known tells nothing.
        """
        if stored.modified_at < self.stored.modified_at:
            return False
        if stored.etag != self.stored.etag:
            return True
        left_out = self.state is FileState.FAILED or self.counts.rejected > 0
        return self.finished and left_out and stored.modified_at > self.stored.modified_at

    def put_again(self, stored: StoredFile, *, now: datetime) -> "LogFile":
        """Begin anew with what was put under the key; the same content is the same upload."""
        if stored.etag == self.stored.etag:
            return replace(self.read_again(now=now), stored=stored)
        return replace(LogFile.found(stored, now=now), upload=self.upload + 1, reading=self.reading)

    def read_again(self, *, now: datetime) -> "LogFile":
        """Have a finished file wait to be read from its first line once more."""
        return replace(
            self,
            state=FileState.FOUND,
            waiting_since=now,
            attempts=0,
            started_at=None,
            finished_at=None,
            reason=None,
        )

    def begin(self, *, now: datetime) -> "LogFile":
        """Begin to read at the first line, or go on behind the last one that was counted."""
        begun = replace(self, state=FileState.PROCESSING, attempts=self.attempts + 1)
        if self.state is FileState.PROCESSING:
            return begun
        return replace(
            begun,
            reading=self.reading + 1,
            position=0,
            counts=NO_LINES,
            problems_kept=0,
            started_at=now,
        )

    def read_on(self, position: int, counts: LineCounts, *, problems_kept: int) -> "LogFile":
        """Count the lines up to a position; a file that gets on begins its attempts anew."""
        return replace(
            self,
            position=position,
            counts=self.counts.plus(counts),
            problems_kept=self.problems_kept + problems_kept,
            attempts=0,
        )

    def pause(self) -> "LogFile":
        """Uncount an attempt that ended in good order, or through no fault of the file."""
        return replace(self, attempts=max(0, self.attempts - 1))

    def finish(self, *, reason: str | None, now: datetime) -> "LogFile":
        """Close the tally: done, or failed where there is a reason."""
        return replace(
            self,
            state=FileState.DONE if reason is None else FileState.FAILED,
            waiting_since=None,
            finished_at=now,
            reason=reason,
        )

    def lines_since(self, before: "LogFile") -> LineCounts:
        """Tell what became of the lines that were read since the tally stood as it did before."""
        if (self.upload, self.reading) != (before.upload, before.reading):
            return self.counts
        return self.counts.minus(before.counts)

    def source_of(self, line: int) -> LogSource:
        """Name a line of this upload as the source of a usage event."""
        return LogSource(self.id, line, self.upload)

    def event_id_of(self, line: int) -> str:
        """Name the event of a line that does not name itself: by file and line, however often
        the file is put there.
        """
        digest = hashlib.sha256(f"{self.stored.key}\n{line}".encode()).hexdigest()
        return f"log-{digest[:_ID_CHARACTERS]}"


@dataclass(frozen=True, slots=True)
class Search:
    """A look through the bucket, in order of keys, which one run may begin and another end.

    Files that changed before `since` are left out; None leaves out none. All keys up to `after` are
    looked at.
    """

    began_at: datetime
    since: datetime | None
    after: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it leaves out no file."""
        return self.since is None

    def past(self, key: str) -> "Search":
        """Go on behind a key."""
        return replace(self, after=key)


@dataclass(frozen=True, slots=True)
class LogLine:
    """A well-formed line: who used how much of what, when, and its own name, if it has one."""

    number: int
    customer_id: str
    product_id: str
    units: Decimal
    occurred_at: datetime
    event_id: str | None = None

    def claim(self, file: LogFile) -> UsageClaim:
        """Say what the line says, as a claim that names its source."""
        return UsageClaim(
            customer_id=self.customer_id,
            event_id=self.event_id or file.event_id_of(self.number),
            product_id=self.product_id,
            units=self.units,
            occurred_at=self.occurred_at,
            source=file.source_of(self.number),
        )


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not what a log line must be, and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that was not accepted: `outcome` is `conflict` or `rejected`."""

    line: int
    outcome: str
    reason: str
