"""A bucket that lets something happen while a file of it is read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from billing.domain.deadline import Deadline
from billing.domain.logfiles import BadLine, LogFile, LogLine
from tests.support.logs import Bucket


class Interrupted(Bucket):
    """Lets something happen when its reader asks for a line."""

    def __init__(self, bucket: Bucket, beside: Callable[[], object], *, at_line: int) -> None:
        super().__init__(bucket.books, bucket.stored, bucket.reads, bucket.queue)
        self._beside: Callable[[], object] | None = beside
        self._at_line = at_line

    @contextmanager
    def lines(self, file: LogFile, *, deadline: Deadline) -> Iterator[Iterator[LogLine | BadLine]]:
        with super().lines(file, deadline=deadline) as lines:
            yield self._interrupted(lines)

    def _interrupted(self, lines: Iterator[LogLine | BadLine]) -> Iterator[LogLine | BadLine]:
        for each in lines:
            beside = self._beside
            if each.number == self._at_line and beside is not None:
                self._beside = None
                beside()
            yield each
