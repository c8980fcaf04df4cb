"""A queue of handed-out work, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import batched

from billing.edge.aws.work_queue import WORKS_PER_MESSAGE_MAX
from billing.services.work import Work


@dataclass
class WorkQueueInMemory:
    """Holds the messages that were handed out until a test takes them."""

    messages: list[tuple[Work, ...]] = field(default_factory=list)

    @property
    def works(self) -> list[Work]:
        """List the work of all messages."""
        return [work for message in self.messages for work in message]

    def waiting(self) -> int:
        """Tell how many messages are waiting."""
        return len(self.messages)

    def send(self, works: Sequence[Work]) -> None:
        """Hand out work, several pieces a message."""
        self.messages.extend(batched(works, WORKS_PER_MESSAGE_MAX, strict=False))

    def send_alone(self, works: Sequence[Work]) -> None:
        """Hand out work, one piece a message."""
        self.messages.extend((work,) for work in works)

    def take(self) -> dict[str, tuple[Work, ...]]:
        """Take all messages, as one batch."""
        taken, self.messages = self.messages, []
        return {f"message-{number}": message for number, message in enumerate(taken)}
