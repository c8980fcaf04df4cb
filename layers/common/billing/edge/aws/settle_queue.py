"""The queue on which work is handed out, as SQS has it.

A message asks to settle some tabs, `{"settle": [{"customerId": "acme", "shard": 0}]}`, or to visit
some customers, `{"visit": ["acme"]}`.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Any

from billing.domain.errors import FieldError, UnavailableError
from billing.domain.tabs import SHARDS_MAX, TabRef
from billing.edge.aws.clients import CONNECTIONS_MAX
from billing.edge.aws.passing import passing_faults
from billing.edge.http.strict_json import parse
from billing.edge.http.values import (
    InvalidValueError,
    Reader,
    integer,
    invalid,
    read_id,
    read_members,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_sqs.client import SQSClient

    from billing.services.work import Work

_BUSY = "The queue cannot be reached just now"

# SQS takes no more in one call.
MESSAGES_PER_CALL_MAX = 10

# To write and send ten messages takes some 2 ms of a processor, of which a run has a third: with a
# tab a message, a hundred thousand would take longer than a run has.
WORKS_PER_MESSAGE_MAX = 10

_TAB: dict[str, Reader] = {"customerId": read_id, "shard": integer(0, SHARDS_MAX - 1)}


def _read_tab(value: object) -> TabRef:
    members = read_members(value, _TAB)
    return TabRef(members["customerId"], members["shard"])


def _some(read: Reader) -> Reader:
    def read_some(value: object) -> list[Any]:
        if not isinstance(value, list) or not 1 <= len(value) <= WORKS_PER_MESSAGE_MAX:
            raise InvalidValueError(f"must be an array of 1 to {WORKS_PER_MESSAGE_MAX}")
        return [read(each) for each in value]

    return read_some


_MESSAGE: dict[str, Reader] = {"settle": _some(_read_tab), "visit": _some(read_id)}


def write_message(works: "Sequence[Work]") -> str:
    """Write the message that hands out some work of one kind."""
    tabs = [work for work in works if isinstance(work, TabRef)]
    if tabs:
        asked = [{"customerId": tab.customer_id, "shard": tab.shard} for tab in tabs]
        return json.dumps({"settle": asked})
    return json.dumps({"visit": list(works)})


def read_message(body: str) -> "Sequence[Work]":
    """Read a message as SQS delivers it; raises InvalidRequestError."""
    members = read_members(parse(body), _MESSAGE, optional=_MESSAGE.keys())
    asked = [works for works in members.values() if works is not None]
    if len(asked) != 1:
        raise invalid([FieldError("", "must ask either to settle or to visit")])
    works: Sequence[Work] = asked[0]
    return works


@dataclass(frozen=True, slots=True)
class SqsSettleQueue:
    """Several pieces of work a message; what comes back has one for itself."""

    client: "SQSClient"
    url: str

    def waiting(self) -> int:
        """Tell about how many messages nobody has taken yet; raises UnavailableError.

        Those that are being worked on, or hidden until they are tried again, do not count.
        """
        with passing_faults(_BUSY):
            answer = self.client.get_queue_attributes(
                QueueUrl=self.url, AttributeNames=["ApproximateNumberOfMessages"]
            )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def send(self, works: "Sequence[Work]") -> None:
        """Hand out work, several pieces of a kind a message; raises UnavailableError."""
        tabs = [work for work in works if isinstance(work, TabRef)]
        customers = [work for work in works if not isinstance(work, TabRef)]
        for kind in (tabs, customers):
            self._send_all(list(batched(kind, WORKS_PER_MESSAGE_MAX, strict=False)))

    def send_alone(self, works: "Sequence[Work]") -> None:
        """Hand out work, one piece a message; raises UnavailableError."""
        self._send_all([[work] for work in works])

    def _send_all(self, messages: "Sequence[Sequence[Work]]") -> None:
        """Send messages; raises UnavailableError when SQS did not take all of them."""
        calls = list(batched(messages, MESSAGES_PER_CALL_MAX, strict=False))
        if not calls:
            return
        with passing_faults(_BUSY), ThreadPoolExecutor(max_workers=CONNECTIONS_MAX) as pool:
            refused = sum(pool.map(self._send, calls))
        if refused:
            raise UnavailableError(f"{refused} of {len(messages)} messages were not taken")

    def _send(self, messages: "Sequence[Sequence[Work]]") -> int:
        """Send one call's worth; returns how many SQS refused."""
        response = self.client.send_message_batch(
            QueueUrl=self.url,
            Entries=[
                {"Id": str(position), "MessageBody": write_message(works)}
                for position, works in enumerate(messages)
            ],
        )
        return len(response.get("Failed", []))
