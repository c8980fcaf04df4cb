"""Find the log files that are still to be read, without asking for each old file every time.

The bucket is listed whole in every run: a thousand files are one request. What the listing names is
compared with the tallies of the files, which costs a read unit for each, so that it is done for
all files only once a day, and otherwise for those that changed since the day before the last whole
comparison. Files are not moved once they are read: they are their owner's.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched, islice
from typing import Protocol

from billing.domain.deadline import Deadline
from billing.domain.logfiles import BadLine, LogFile, LogLine, StoredFile
from billing.domain.times import Clock
from billing.services.retrying import side_by_side
from billing.storage.logfiles import FileLostError
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
class LogFinder:
    """Finds the files that are to be read: new ones, those put there anew, and those begun."""

    stores: Stores
    storage: LogStorage
    clock: Clock

    def find(self, deadline: Deadline) -> list[LogFile]:
        """Search until a deadline; raises UnavailableError when the bucket cannot be listed.

        What is found has a tally from then on, which the next run finds by itself, also where the
        file is no longer in the bucket.
        """
        began_at = self.clock()
        since = self._changed_since(now=began_at)
        files = {file.id: file for file in self._left_over()}
        for page in batched(self.storage.files(), PAGE_FILES, strict=False):
            if deadline.passed() or len(files) >= FILES_PER_RUN_MAX:
                return list(files.values())
            changed = [each for each in page if since is None or each.modified_at >= since]
            files |= {file.id: file for file in self._unfinished(changed)}
        if since is None:
            self.stores.log_files.set_compared_at(began_at)
        return list(files.values())

    def _left_over(self) -> list[LogFile]:
        """Return the tallies that wait to be read, those first that wait longest."""
        ids = list(islice(self.stores.log_files.unfinished(), FILES_PER_RUN_MAX))
        known = self._known(ids)
        return [known[each] for each in ids if each in known and not known[each].finished]

    def _changed_since(self, *, now: datetime) -> datetime | None:
        """Tell from when on a change makes a file worth comparing; None where all are."""
        compared_at = self.stores.log_files.compared_at()
        if compared_at is None or now - compared_at >= COMPARE_ALL_AFTER:
            return None
        return compared_at - UPLOAD_TIME_MAX

    def _unfinished(self, stored: Sequence[StoredFile]) -> list[LogFile]:
        """Return the tallies of those files that are still to be read, beginning missing ones."""
        known = self._known([each.id for each in stored])

        def tally(each: StoredFile) -> LogFile | None:
            before = known.get(each.id)
            try:
                if before is None:
                    return self._add(each)
                return self._follow(before, each)
            except FileLostError:
                # Another run saw the same, and has the file now.
                return None

        found = side_by_side(tally, stored)
        return [file for file in found if file is not None and not file.finished]

    def _add(self, stored: StoredFile) -> LogFile:
        file = LogFile.found(stored, now=self.clock())
        self.stores.log_files.add(file)
        return file

    def _follow(self, known: LogFile, stored: StoredFile) -> LogFile:
        if not known.is_superseded_by(stored):
            return known
        return self.stores.log_files.change(known, known.put_again(stored, now=self.clock()))

    def _known(self, file_ids: Sequence[str]) -> dict[str, LogFile]:
        together = list(batched(file_ids, COMPARE_TOGETHER, strict=False))
        known: dict[str, LogFile] = {}
        for some in side_by_side(self.stores.log_files.get_many, together):
            known |= some
        return known
