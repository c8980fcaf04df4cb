"""Queues on which runs hand out work, as SQS has them: several pieces of a kind a message."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Any

from billing.edge.aws.sqs import depth, send_all
from billing.edge.http.errors import InvalidRequestError
from billing.edge.http.values import InvalidValueError, Reader
from billing.edge.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

# To write and send ten messages takes some 2 ms of a processor, of which a run has a third: with a
# piece of work a message, a hundred thousand would take longer than a run has.
WORKS_PER_MESSAGE_MAX = 10


@dataclass(frozen=True, slots=True)
class SqsWorkQueue[Work]:
    """Several pieces of work of a kind a message; what comes back has one for itself."""

    client: "SQSClient"
    url: str
    write: Callable[[Sequence[Work]], str]

    def waiting(self) -> int:
        """Tell about how many messages nobody has taken yet; raises UnavailableError.

        Those that are being worked on, or hidden until they are tried again, do not count.
        """
        waiting, _under_way = depth(self.client, self.url)
        return waiting

    def send(self, works: Sequence[Work]) -> None:
        """Hand out work, several pieces of a kind a message; raises UnavailableError."""
        kinds: dict[type, list[Work]] = {}
        for work in works:
            kinds.setdefault(type(work), []).append(work)
        messages = [
            some
            for of_kind in kinds.values()
            for some in batched(of_kind, WORKS_PER_MESSAGE_MAX, strict=False)
        ]
        send_all(self.client, self.url, [self.write(some) for some in messages])

    def send_alone(self, works: Sequence[Work]) -> None:
        """Hand out work, one piece a message; raises UnavailableError."""
        send_all(self.client, self.url, [self.write([work]) for work in works])


def some_of(read: Reader) -> Reader:
    """Read an array of as many values as one message has."""

    def read_some(value: object) -> list[Any]:
        if not isinstance(value, list) or not 1 <= len(value) <= WORKS_PER_MESSAGE_MAX:
            raise InvalidValueError(f"must be an array of 1 to {WORKS_PER_MESSAGE_MAX}")
        return [read(each) for each in value]

    return read_some


def read_messages[Work](
    event: dict[str, Any], read: Callable[[str], Sequence[Work]]
) -> tuple[dict[str, Sequence[Work]], list[str]]:
    """Read the messages that SQS hands to a function: their work by the ids of the messages, and
    the ids of those that cannot be read.
    """
    messages: dict[str, Sequence[Work]] = {}
    unread: list[str] = []
    for record in event["Records"]:
        try:
            messages[record["messageId"]] = read(record["body"])
        except InvalidRequestError:
            logger.exception("A message cannot be read", message_id=record["messageId"])
            unread.append(record["messageId"])
    return messages, unread


def coming_back(names: Sequence[str]) -> dict[str, Any]:
    """Answer SQS which messages are to come back."""
    return {"batchItemFailures": [{"itemIdentifier": name} for name in names]}
