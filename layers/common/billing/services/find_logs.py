"""Find the log files that are still to be read, without asking for each old file every time.

The bucket is listed whole in every run: a thousand files are one request. What the listing names is
compared with the tallies of the files, which costs a read unit for each, so that it is done for
all files only once a day, and otherwise for those that changed since the day before the last whole
comparison. Files are not moved once they are read: they are their owner's.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Protocol

from billing.domain.deadline import Deadline
from billing.domain.logfiles import BadLine, LogFile, LogLine, StoredFile
from billing.domain.times import Clock
from billing.services.retrying import side_by_side
from billing.storage.stores import Stores

COMPARE_ALL_AFTER = timedelta(days=1)

# An object's time is that of the beginning of its upload, so that it may appear in the bucket
# after younger ones. What appears even later than this is met by the next whole comparison.
UPLOAD_TIME_MAX = timedelta(days=1)

# One run looks at no more than this; the next one goes on.
FILES_PER_RUN_MAX = 10_000

# As many as one request of the bucket's listing returns.
PAGE_FILES = 1000
COMPARE_TOGETHER = 100


class LogStorage(Protocol):
    """Where log files lie."""

    def files(self) -> Iterator[StoredFile]:
        """List all files, in order of their keys."""

    def lines(
        self, file: LogFile, *, deadline: Deadline
    ) -> AbstractContextManager[Iterator[LogLine | BadLine]]:
        """Read the lines after the file's position.

        Entering raises FileDeletedError or FileReplacedError; reading raises UnreadableFileError
        after the last line that could be read, OutOfTimeError, and UnavailableError.
        """


@dataclass(frozen=True, slots=True)
class Search:
    """The files that are still to be read, in order of their keys.

    `complete` tells that the search came to its end, `compared_all` that it left no file out.
    """

    files: Sequence[LogFile]
    began_at: datetime
    complete: bool
    compared_all: bool


@dataclass(frozen=True, slots=True)
class LogFinder:
    """Finds the files that are to be read: new ones, those put there anew, and those begun."""

    stores: Stores
    storage: LogStorage
    clock: Clock

    def find(self, deadline: Deadline) -> Search:
        """Search until a deadline; raises UnavailableError when the bucket cannot be listed."""
        began_at = self.clock()
        since = self._changed_since(now=began_at)
        files: list[LogFile] = []
        for page in batched(self.storage.files(), PAGE_FILES, strict=False):
            if deadline.passed() or len(files) >= FILES_PER_RUN_MAX:
                return Search(files, began_at, complete=False, compared_all=since is None)
            changed = [each for each in page if since is None or each.modified_at >= since]
            files.extend(self._unfinished(changed))
        return Search(files, began_at, complete=True, compared_all=since is None)

    def remember(self, search: Search) -> None:
        """Remember that every file of the bucket is read, so that the next runs compare less."""
        if search.complete and search.compared_all:
            self.stores.log_files.set_compared_at(search.began_at)

    def _changed_since(self, *, now: datetime) -> datetime | None:
        """Tell from when on a change makes a file worth comparing; None where all are."""
        compared_at = self.stores.log_files.compared_at()
        if compared_at is None or now - compared_at >= COMPARE_ALL_AFTER:
            return None
        return compared_at - UPLOAD_TIME_MAX

    def _unfinished(self, stored: Sequence[StoredFile]) -> list[LogFile]:
        """Return the tallies of those files that are still to be read, beginning missing ones."""
        known = self._known(stored)

        def tally(each: StoredFile) -> LogFile:
            before = known.get(each.id)
            if before is None:
                return self.stores.log_files.find(each, now=self.clock())
            if before.is_superseded_by(each):
                return self.stores.log_files.find_again(before, each, now=self.clock())
            return before

        return [file for file in side_by_side(tally, stored) if not file.finished]

    def _known(self, stored: Iterable[StoredFile]) -> dict[str, LogFile]:
        together = batched((each.id for each in stored), COMPARE_TOGETHER, strict=False)
        known: dict[str, LogFile] = {}
        for some in side_by_side(self.stores.log_files.get_many, list(together)):
            known |= some
        return known
