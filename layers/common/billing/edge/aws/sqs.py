"""Sending to a queue of SQS, and asking how full it is."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import batched
from typing import TYPE_CHECKING, Final

from billing.domain.errors import UnavailableError
from billing.edge.aws import passing
from billing.edge.aws.clients import CONNECTIONS_MAX

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

# SQS takes no more in one call.
MESSAGES_PER_CALL_MAX = 10

_WAITING: Final = "ApproximateNumberOfMessages"
_UNDER_WAY: Final = "ApproximateNumberOfMessagesNotVisible"


def send_all(client: "SQSClient", url: str, bodies: Sequence[str]) -> None:
    """Send messages, ten a call and the calls side by side; raises UnavailableError where SQS did
    not take all of them.
    """
    calls = list(batched(bodies, MESSAGES_PER_CALL_MAX, strict=False))
    if not calls:
        return

    def send(some: Sequence[str]) -> int:
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(some)]
        answer = client.send_message_batch(QueueUrl=url, Entries=entries)  # type: ignore[arg-type]  # Its stub asks for a TypedDict.
        return len(answer.get("Failed", []))

    with passing_faults(), ThreadPoolExecutor(max_workers=CONNECTIONS_MAX) as pool:
        refused = sum(pool.map(send, calls))
    if refused:
        raise UnavailableError(f"{refused} of {len(bodies)} messages were not taken")


def depth(client: "SQSClient", url: str) -> tuple[int, int]:
    """Tell about how many messages nobody has taken yet, and how many are being worked on or hidden
    until they are tried again; raises UnavailableError.
    """
    with passing_faults():
        answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=[_WAITING, _UNDER_WAY])
    counts = answer["Attributes"]
    return int(counts[_WAITING]), int(counts[_UNDER_WAY])


def passing_faults() -> AbstractContextManager[None]:
    """Turn faults of SQS that pass by themselves into UnavailableError."""
    return passing.passing_faults("The queue cannot be reached just now")
