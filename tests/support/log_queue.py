"""The queue of log files in memory, with what SQS promises: at least once, until it is deleted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class FakeLogQueue:
    """Messages by number: those that wait, and those that somebody works on."""

    waiting: dict[int, str] = field(default_factory=dict)
    taken: dict[int, str] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)

    def depth(self) -> int:
        """Count what waits or is worked on."""
        return len(self.waiting) + len(self.taken)

    def send(self, file_ids: Sequence[str]) -> None:
        """Take messages."""
        for file_id in list(file_ids):
            self.waiting[len(self.sent)] = file_id
            self.sent.append(file_id)

    def come_back(self) -> None:
        """Let time pass until whatever is worked on can be taken again."""
        self.waiting |= self.taken
        self.taken.clear()

    def deliver(self) -> Iterator[tuple[int, str]]:
        """Hand over each message that waits now; it comes back unless it is deleted."""
        for number in list(self.waiting):
            if number in self.waiting:
                self.taken[number] = self.waiting.pop(number)
                yield number, self.taken[number]

    def delete(self, number: int) -> None:
        """Forget a message that was dealt with."""
        self.taken.pop(number, None)
