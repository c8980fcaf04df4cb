"""Have the log files read now, and wait to tell what became of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil

from billing.domain.deadline import Deadline
from billing.domain.logfiles import NO_LINES, FileState, LineCounts, LogFile
from billing.services.find_logs import READ_TOGETHER, LogFinder, known_files

# Of the time of a request, what finding leaves to reading.
READING_SECONDS = 10.0

LOOK_EVERY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class LogsReport:
    """What became of the files that were to be read, and of their lines since they were handed out.

    `remaining` files are not read to their end, be it that somebody else found them meanwhile, and
    one more while a part of the bucket is not looked at: it is never 0 before everything is read.
    """

    files_found: int
    files_done: int
    files_failed: int
    counts: LineCounts
    remaining: int

    @property
    def counted(self) -> Mapping[str, int]:
        """What the run did, as it is kept and shown."""
        return {
            "files_found": self.files_found,
            "files_done": self.files_done,
            "files_failed": self.files_failed,
            "lines": self.counts.lines,
            "accepted": self.counts.accepted,
            "duplicate": self.counts.duplicate,
            "conflict": self.counts.conflict,
            "rejected": self.counts.rejected,
            "remaining": self.remaining,
        }


@dataclass(frozen=True, slots=True)
class LogsRun:
    """Finds what is to be read, hands it out, and watches until all is read or its time ends."""

    finder: LogFinder
    sleep: Callable[[float], None]
    deadline: Deadline

    def run(self) -> LogsReport:
        """Run once; raises UnavailableError."""
        started_at = self.finder.clock()
        stores = self.finder.stores
        waiting = list(self.finder.waiting())
        # As they stand before anybody goes on with them.
        files = known_files(waiting, stores=stores)
        self.finder.hand_out(waiting)
        step = self.finder.step(self.deadline.sooner(READING_SECONDS))
        files |= {file.id: file for file in step.files}
        now = self._watch(files)
        others = self.finder.waiting().keys() - now.keys()
        report = _sum_up(files, now, unread=len(others) + (0 if step.complete else 1))
        self.finder.note_run(started_at, report.counted)
        return report

    def _watch(self, files: Mapping[str, LogFile]) -> Mapping[str, LogFile]:
        """Look at the files, some at a time in turn, until all are read or time is over.

        Those that were handed out first are read first; at the end each is looked at once more.
        There are no more looks than the time is long, also where a clock should stand still.
        """
        stores = self.finder.stores
        now = dict(files)
        unread = [file.id for file in now.values() if not file.finished]
        for _ in range(ceil(self.deadline.remaining_seconds() / LOOK_EVERY_SECONDS)):
            if not unread or self.deadline.passed():
                break
            self.sleep(LOOK_EVERY_SECONDS)
            looked_at, unread = unread[:READ_TOGETHER], unread[READ_TOGETHER:]
            now |= stores.log_files.get_many(looked_at)
            unread += [each for each in looked_at if not now[each].finished]
        return now | known_files(unread, stores=stores)


def _sum_up(
    before: Mapping[str, LogFile], now: Mapping[str, LogFile], *, unread: int
) -> LogsReport:
    counts = NO_LINES
    for file in now.values():
        counts = counts.plus(file.lines_since(before[file.id]))
    done = sum(1 for file in now.values() if file.state is FileState.DONE)
    failed = sum(1 for file in now.values() if file.state is FileState.FAILED)
    return LogsReport(
        files_found=len(now),
        files_done=done,
        files_failed=failed,
        counts=counts,
        remaining=len(now) - done - failed + unread,
    )
