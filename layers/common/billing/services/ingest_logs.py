"""Read log files and record the usage that they tell of, line by line and each line once.

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
    FileState,
    LineCounts,
    LogFile,
    LogLine,
    OutOfTimeError,
    Problem,
    UnreadableFileError,
)
from billing.domain.usage import UsageClaim
from billing.services.find_logs import LogFinder, LogStorage
from billing.services.read_logs import get_log_file
from billing.services.record_usage import Outcome, Refused, UsageRecorder, UsageResult
from billing.services.retrying import Failure
from billing.storage.logfiles import FileLostError
from billing.storage.stores import Stores

# Ten transactions of 99 events, where the lines of ten customers alternate.
BATCH_LINES_MAX = 990

# Renewed with each batch, which takes a second; a run that died costs the next one little.
LEASE_SECONDS = 60

# What a run began when its time ended, a batch and its tally, is still written in this time.
LAST_BATCH_SECONDS = 2.0

# In bytes, so that the reasons of a whole batch fit into one item (400 KB) in any script.
REASON_BYTES_MAX = 200

# What a line calls those fields of a claim that recording may find fault with.
_LINE_NAMES = {"units": "quantity", "occurred_at": "timestamp"}


@dataclass(frozen=True, slots=True)
class FileReport:
    """What one run did to a file: how far it came, and what became of the lines it read."""

    file: LogFile
    counts: LineCounts = NO_LINES
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a run did; `remaining` files of those found are not read to their end.

    Of `files_unbilled` usage is left out: they failed, or lines of them were kept out.
    """

    files_found: int
    files_done: int
    files_failed: int
    files_unbilled: int
    counts: LineCounts
    remaining: int
    failures: tuple[Failure, ...]


class Reading:
    """One file being read by this run, and what it has done so far, however it ends."""

    def __init__(self, file: LogFile) -> None:
        """Begin with the file as it was found."""
        self.file = file
        self.counts = NO_LINES

    def report(self, failure: Failure | None = None) -> FileReport:
        """Tell how far this run came."""
        return FileReport(self.file, self.counts, failure)


@dataclass(frozen=True, slots=True)
class LogIngester:
    """A run that reads what is new among the log files, as far as its deadline allows.

    `owner` names the run, which holds a lease for each file that it reads.
    """

    recorder: UsageRecorder
    storage: LogStorage
    owner: str
    deadline: Deadline

    def run(self) -> IngestReport:
        """Read once; the next run goes on.

        A file that another run holds is left to it. A fault with one file keeps no other back, and
        is reported among the failures. Raises UnavailableError when the bucket cannot be listed.
        """
        finder = LogFinder(self._stores, self.storage, self.recorder.clock)
        files = finder.find(self.deadline)
        return _sum_up([self._isolated(file) for file in files])

    @property
    def _stores(self) -> Stores:
        return self.recorder.stores

    def _isolated(self, file: LogFile) -> FileReport:
        reading = Reading(file)
        try:
            self._ingest(reading)
        except (FileLostError, FileReplacedError, OutOfTimeError):
            # Another run has the file, its successor is found by the next run, or that run goes on.
            pass
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one file must not keep the others from being read; the caller reports it and alarms
            return reading.report(Failure(file.stored.key, error))
        return reading.report()

    def _ingest(self, reading: Reading) -> None:
        if self.deadline.passed() or not self._hold(reading.file):
            return
        clock = self.recorder.clock
        try:
            # What was found may have been read by another run meanwhile.
            reading.file = get_log_file(reading.file.id, stores=self._stores)
            if not reading.file.finished:
                reason = self._read(reading)
                self._change(reading, reading.file.finish(reason=reason, now=clock()))
        finally:
            self._stores.leases.free(_job(reading.file), self.owner, now=clock())

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
        except (OutOfTimeError, UnavailableError):
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


def _sum_up(reports: Sequence[FileReport]) -> IngestReport:
    counts = NO_LINES
    for report in reports:
        counts = counts.plus(report.counts)
    files = [report.file for report in reports]
    done = sum(1 for file in files if file.state is FileState.DONE)
    failed = sum(1 for file in files if file.state is FileState.FAILED)
    return IngestReport(
        files_found=len(files),
        files_done=done,
        files_failed=failed,
        files_unbilled=sum(1 for file in files if file.leaves_usage_out),
        counts=counts,
        remaining=len(files) - done - failed,
        failures=tuple(report.failure for report in reports if report.failure is not None),
    )


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
