"""What stands in for threads and for a queue where one thing is done after another."""

from collections.abc import Callable, Iterator, Sequence

from billing.services.work import Work


class InlineExecutor:
    """Does at once, in order, what a pool of threads would do side by side."""

    def __init__(self, **_options: object) -> None:
        """Begin without threads."""

    def __enter__(self) -> "InlineExecutor":
        """Begin."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End; nothing runs any more."""

    def map[Given, Result](
        self, work: Callable[[Given], Result], given: Sequence[Given]
    ) -> Iterator[Result]:
        """Do the work on each, in order."""
        return iter([work(each) for each in given])


class LosingQueue:
    """A queue that loses what is handed out, so that nobody but the run goes on."""

    def waiting(self) -> int:
        """Tell that nothing waits."""
        return 0

    def send(self, works: Sequence[Work]) -> None:
        """Lose some work."""

    def send_alone(self, works: Sequence[Work]) -> None:
        """Lose some work."""
