"""Read a log file and record the usage that it tells of, line by line and each line once.

A line's event has an id that follows from the line, so that recording it again changes nothing.
The tally of a file is written after each batch; what a crash left between the two is met again
as an event that came from this very line of this very upload, and counts as accepted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from billing.domain.deadline import Deadline
from billing.domain.errors import BillingError, IntegrityError, UnavailableError
from billing.domain.logfiles import (
    ATTEMPTS_MAX,
    FILE_BYTES_MAX,
    NO_LINES,
    PROBLEMS_KEPT_MAX,
    BadLine,
    FileDeletedError,
    FileReplacedError,
    LineCounts,
    LogFile,
    LogLine,
    OutOfTimeError,
    Problem,
    UnreadableFileError,
)
from billing.domain.usage import UsageClaim
from billing.services.find_logs import LogFileQueue, LogStorage
from billing.services.read_logs import get_log_file
from billing.services.record_usage import Outcome, Refused, UsageRecorder, UsageResult
from billing.storage.logfiles import FileLostError
from billing.storage.stores import Stores

# Ten transactions of 99 events, where the lines of ten customers alternate.
BATCH_LINES_MAX = 990

# Renewed with each batch, which takes a second; whoever died keeps the file from others no longer.
LEASE_SECONDS = 60

# What was begun when the time ended, a batch and its tally, is still written in this time.
LAST_BATCH_SECONDS = 2.0

# In bytes, so that the reasons of a whole batch fit into one item (400 KB) in any script.
REASON_BYTES_MAX = 200

# What a line calls those fields of a claim that recording may find fault with.
_LINE_NAMES = {"units": "quantity", "occurred_at": "timestamp"}


@dataclass(frozen=True, slots=True)
class FileReport:
    """How one invocation left a file, and what became of the lines that it read.

    `ended` tells that it read the file to its end, `handed_on` that its time ended before.
    """

    file: LogFile
    counts: LineCounts
    ended: bool
    handed_on: bool


class Reading:
    """One file being read by this invocation, and what it has done so far, however it ends."""

    def __init__(self, file: LogFile) -> None:
        """Begin with the file as it stands."""
        self.file = file
        self.counts = NO_LINES
        self.out_of_time = False
        self.ended = False

    def report(self) -> FileReport:
        """Tell how far this invocation came."""
        return FileReport(self.file, self.counts, self.ended, self.out_of_time)


@dataclass(frozen=True, slots=True)
class LogIngester:
    """Reads one file as far as its deadline allows, and hands it on where its time ends before.

    `owner` names the invocation, which holds a lease for the file, so that nobody else reads it.
    """

    recorder: UsageRecorder
    storage: LogStorage
    queue: LogFileQueue
    owner: str
    deadline: Deadline

    def read(self, file_id: str) -> FileReport:
        """Read a file that was handed out; one that is read, or that another reads, is left alone.

        Raises LogFileNotFoundError, UnavailableError, and whatever is wrong with this file: who
        handed it out tries it again, and after `ATTEMPTS_MAX` tries without one more line it fails.
        """
        reading = Reading(get_log_file(file_id, stores=self._stores))
        clock = self.recorder.clock
        if reading.file.finished or not self._hold(reading.file):
            return reading.report()
        try:
            # What was found may have been read by another one meanwhile.
            reading.file = get_log_file(file_id, stores=self._stores)
            self._ingest(reading)
        finally:
            self._stores.leases.free(_job(reading.file), self.owner, now=clock())
        if reading.out_of_time:
            # Not before the lease is free, without which nobody could take the file.
            self.queue.send([file_id])
        return reading.report()

    @property
    def _stores(self) -> Stores:
        return self.recorder.stores

    def _ingest(self, reading: Reading) -> None:
        if reading.file.finished:
            return
        if self.deadline.passed():
            reading.out_of_time = True
            return
        try:
            reason = self._read(reading)
            self._change(reading, reading.file.finish(reason=reason, now=self.recorder.clock()))
            reading.ended = True
        except OutOfTimeError:
            reading.out_of_time = True
        except (FileLostError, FileReplacedError):
            # Another one has the file, or its successor is found by the next run.
            pass

    def _hold(self, file: LogFile) -> bool:
        now = self.recorder.clock()
        leases = self._stores.leases
        return leases.take(_job(file), self.owner, now=now, seconds=LEASE_SECONDS) is not None

    def _change(
        self, reading: Reading, after: LogFile, *, problems: Sequence[Problem] = ()
    ) -> None:
        reading.file = self._stores.log_files.change(reading.file, after, problems=problems)

    def _read(self, reading: Reading) -> str | None:
        """Read a file to its end; returns the reason where it ends too early."""
        if reading.file.attempts >= ATTEMPTS_MAX:
            return f"reading broke off {ATTEMPTS_MAX} times after line {reading.file.position}"
        if reading.file.stored.size_bytes > FILE_BYTES_MAX:
            return f"is larger than {FILE_BYTES_MAX} bytes"
        before = reading.file
        self._change(reading, before.begin(now=self.recorder.clock()))
        try:
            with self.storage.lines(reading.file, deadline=self.deadline) as lines:
                self._record_lines(reading, lines)
        except UnreadableFileError as error:
            return str(error)
        except FileDeletedError:
            # The tally of an earlier reading stays true.
            self._change(reading, before)
            return f"was deleted when line {before.position} had been read"
        except UnavailableError:
            # The file is not to blame, so this was no attempt at it.
            if reading.file.attempts:
                self._change(reading, reading.file.pause())
            raise
        return None

    def _record_lines(self, reading: Reading, lines: Iterator[LogLine | BadLine]) -> None:
        for batch in _batches(lines):
            if self.deadline.passed():
                raise OutOfTimeError
            if not self._hold(reading.file):
                raise FileLostError
            self._count(reading, batch)

    def _count(self, reading: Reading, batch: Sequence[LogLine | BadLine]) -> None:
        counts, problems = self._record(batch, reading.file)
        kept = problems[: PROBLEMS_KEPT_MAX - reading.file.problems_kept]
        after = reading.file.read_on(batch[-1].number, counts, problems_kept=len(kept))
        self._change(reading, after, problems=kept)
        reading.counts = reading.counts.plus(counts)

    def _record(
        self, batch: Sequence[LogLine | BadLine], file: LogFile
    ) -> tuple[LineCounts, list[Problem]]:
        """Record a batch; tells what became of its lines, in order of lines.

        Raises UnavailableError when not all could be recorded in time; those that were are met
        again.
        """
        good = [line for line in batch if isinstance(line, LogLine)]
        claims = [line.claim(file) for line in good]
        results = self.recorder.record(claims)
        judged = {
            line.number: _judge(claim, result)
            for line, claim, result in zip(good, claims, results, strict=True)
        }
        judged |= {
            line.number: (Outcome.REJECTED, line.reason)
            for line in batch
            if isinstance(line, BadLine)
        }
        return _counts(judged.values()), [
            Problem(number, outcome.value, _beginning(reason))
            for number, (outcome, reason) in sorted(judged.items())
            if reason is not None
        ]


def _job(file: LogFile) -> str:
    return f"log-file-{file.id}"


def _batches(lines: Iterator[LogLine | BadLine]) -> Iterator[list[LogLine | BadLine]]:
    """Put lines together, also those that stand before the place where a file breaks off."""
    batch: list[LogLine | BadLine] = []
    broken: UnreadableFileError | None = None
    try:
        for line in lines:
            batch.append(line)
            if len(batch) == BATCH_LINES_MAX:
                yield batch
                batch = []
    except UnreadableFileError as error:
        broken = error
    if batch:
        yield batch
    if broken is not None:
        raise broken


def _judge(claim: UsageClaim, result: UsageResult) -> tuple[Outcome, str | None]:
    """Tell what became of a line, and why, where it was not accepted.

    An event that came from this line of this upload was recorded by a run that ended before it
    could count it.
    """
    if isinstance(result, Refused):
        if isinstance(result.error, UnavailableError | IntegrityError):
            raise result.error
        return result.outcome, _reason(result.error)
    if result.event.source == claim.source:
        return Outcome.ACCEPTED, None
    return result.outcome, None


def _reason(error: BillingError) -> str:
    """Say what is wrong with a line in the words of the line."""
    if not error.errors:
        return error.detail
    return "; ".join(
        f"{_LINE_NAMES.get(each.field, each.field)}: {each.message}" for each in error.errors
    )


def _beginning(reason: str) -> str:
    """Keep as much of a reason as is stored, without half a character at its end."""
    return reason.encode()[:REASON_BYTES_MAX].decode(errors="ignore")


def _counts(judged: Iterable[tuple[Outcome, str | None]]) -> LineCounts:
    found = Counter(outcome for outcome, _ in judged)
    return LineCounts(
        accepted=found[Outcome.ACCEPTED],
        duplicate=found[Outcome.DUPLICATE],
        conflict=found[Outcome.CONFLICT],
        rejected=found[Outcome.REJECTED],
    )
