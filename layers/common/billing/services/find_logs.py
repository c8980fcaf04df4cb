"""Find the log files that are still to be read, and hand them out, one message a file.

A file that is found has a tally from then on, and stands in the index of what is to be read until
it is: whoever dies after that, or never sends its message, leaves it to the next run, also where
the file is no longer in the bucket.

The bucket is listed in order of keys: a thousand files are one request. What the listing names is
compared with the tallies of the files, which costs a read unit for each, so that it is done for
all files only once a day, and otherwise for those that changed since the day before the last whole
comparison. A run whose time ends remembers the last key, and the next run goes on behind it. Files
are not moved once they are read: they are their owner's.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched, islice
from typing import Protocol

from billing.domain.deadline import Deadline
from billing.domain.logfiles import BadLine, LogFile, LogLine, Search, StoredFile
from billing.domain.runs import LastRun
from billing.domain.times import Clock
from billing.services.retrying import side_by_side
from billing.storage.logfiles import FileLostError
from billing.storage.stores import Stores

COMPARE_ALL_AFTER = timedelta(days=1)

# An object's time is that of the beginning of its upload, so that it may appear in the bucket
# after younger ones. What appears even later than this is met by the next whole comparison.
UPLOAD_TIME_MAX = timedelta(days=1)

# Reading begins a moment after a file is found: one that waits for hours is read by nobody.
OVERDUE_AFTER = timedelta(hours=6)

# One step finds no more than this, and looks at no more that wait already; the next one goes on.
FILES_PER_STEP_MAX = 10_000

# As many as one request of the bucket's listing returns.
PAGE_FILES = 1000
READ_TOGETHER = 100


class LogStorage(Protocol):
    """Where log files lie."""

    def files(self, *, after: str | None = None) -> Iterator[StoredFile]:
        """List all files, or those behind a key, in order of their keys."""

    def lines(
        self, file: LogFile, *, deadline: Deadline
    ) -> AbstractContextManager[Iterator[LogLine | BadLine]]:
        """Read the lines after the file's position.

        Entering raises FileDeletedError or FileReplacedError; reading raises UnreadableFileError
        after the last line that could be read, OutOfTimeError, and UnavailableError.
        """


class LogFileQueue(Protocol):
    """Where files are handed out; each is read once or more, which comes to the same."""

    def depth(self) -> int:
        """Tell about how many files wait in it or are being read."""

    def send(self, file_ids: Sequence[str]) -> None:
        """Hand out files; raises UnavailableError."""


@dataclass(frozen=True, slots=True)
class Found:
    """The files that a step found new, or put there anew; `complete` tells that it came to the end
    of the bucket."""

    files: Sequence[LogFile]
    complete: bool


@dataclass(frozen=True, slots=True)
class FindReport:
    """What a run found: new files, and files that waited before, of which `overdue` wait too long.

    `complete` tells that it came to the end of the bucket.
    """

    files_found: int
    files_waiting: int
    files_overdue: int
    complete: bool

    @property
    def counted(self) -> Mapping[str, int]:
        """What the run did, as it is kept and shown; readers say what became of the files."""
        return {
            "files_found": self.files_found + self.files_waiting,
            "files_overdue": self.files_overdue,
            "remaining": 0 if self.complete else 1,
        }


@dataclass(frozen=True, slots=True)
class LogFinder:
    """Finds the files that are to be read: new ones, those put there anew, and those begun."""

    stores: Stores
    storage: LogStorage
    queue: LogFileQueue
    clock: Clock

    def run(self, deadline: Deadline) -> FindReport:
        """Hand out what waits and what is new, until a deadline; raises UnavailableError."""
        started_at = self.clock()
        waiting = self.waiting()
        self.hand_out(list(waiting))
        found, complete = 0, False
        while not complete and not deadline.passed():
            step = self.step(deadline)
            found, complete = found + len(step.files), step.complete
        overdue_by = self.clock() - OVERDUE_AFTER
        report = FindReport(
            files_found=found,
            files_waiting=len(waiting),
            files_overdue=sum(1 for since in waiting.values() if since < overdue_by),
            complete=complete,
        )
        self.note_run(started_at, report.counted)
        return report

    def note_run(self, started_at: datetime, counts: Mapping[str, int]) -> None:
        """Keep what a run that ends now did."""
        self.stores.log_files.note_run(LastRun(started_at, self.clock(), counts))

    def waiting(self) -> Mapping[str, datetime]:
        """Tell which files wait to be read, and since when, those first that wait longest."""
        return dict(islice(self.stores.log_files.unfinished(), FILES_PER_STEP_MAX))

    def hand_out(self, waiting: Sequence[str]) -> None:
        """Hand out files that waited before, unless the queue has as many: those are the same."""
        if waiting and self.queue.depth() < len(waiting):
            self.queue.send(waiting)

    def step(self, deadline: Deadline) -> Found:
        """Search on from where the last step ended, and hand out what is new.

        Ends at a deadline, or with `FILES_PER_STEP_MAX` files. Raises UnavailableError.
        """
        paused, compared_at = self.stores.log_files.search()
        search = paused or self._begin(compared_at)
        files: list[LogFile] = []
        for page in batched(self.storage.files(after=search.after), PAGE_FILES, strict=False):
            if deadline.passed() or len(files) >= FILES_PER_STEP_MAX:
                if search.after is not None:
                    self.stores.log_files.pause_search(search)
                return Found(files, complete=False)
            new = self._new_among(page, since=search.since)
            self.queue.send([file.id for file in new])
            files += new
            search = search.past(page[-1].key)
        self.stores.log_files.end_search(search, was_paused=paused is not None)
        return Found(files, complete=True)

    def _begin(self, compared_at: datetime | None) -> Search:
        now = self.clock()
        if compared_at is None or now - compared_at >= COMPARE_ALL_AFTER:
            return Search(now, since=None)
        return Search(now, since=compared_at - UPLOAD_TIME_MAX)

    def _new_among(self, page: Sequence[StoredFile], *, since: datetime | None) -> list[LogFile]:
        """Begin the tallies of files that are new, or put there anew; returns these."""
        changed = [each for each in page if since is None or each.modified_at >= since]
        known = known_files([each.id for each in changed], stores=self.stores)

        def begin(each: StoredFile) -> LogFile | None:
            before = known.get(each.id)
            try:
                return self._add(each) if before is None else self._follow(before, each)
            except FileLostError:
                # Another run saw the same, and hands it out.
                return None

        return [file for file in side_by_side(begin, changed) if file is not None]

    def _add(self, stored: StoredFile) -> LogFile:
        file = LogFile.found(stored, now=self.clock())
        self.stores.log_files.add(file)
        return file

    def _follow(self, known: LogFile, stored: StoredFile) -> LogFile | None:
        if not known.is_superseded_by(stored):
            return None
        return self.stores.log_files.change(known, known.put_again(stored, now=self.clock()))


def known_files(file_ids: Sequence[str], *, stores: Stores) -> dict[str, LogFile]:
    """Read the tallies of files, side by side; files that were never found are left out."""
    together = list(batched(file_ids, READ_TOGETHER, strict=False))
    known: dict[str, LogFile] = {}
    for some in side_by_side(stores.log_files.get_many, together):
        known |= some
    return known
