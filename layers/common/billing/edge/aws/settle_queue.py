"""The queue on which a billing run hands out tabs, as SQS has it."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING

from billing.domain.errors import UnavailableError
from billing.domain.tabs import SHARDS_MAX, TabRef
from billing.edge.aws.clients import CONNECTIONS_MAX
from billing.edge.http.strict_json import parse
from billing.edge.http.values import Reader, integer, read_id, read_members

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

# SQS takes no more in one call.
MESSAGES_PER_CALL_MAX = 10


_MEMBERS: dict[str, Reader] = {"customerId": read_id, "shard": integer(0, SHARDS_MAX - 1)}


def write_tab(ref: TabRef) -> str:
    """Write a tab as the message that hands it out."""
    return json.dumps({"customerId": ref.customer_id, "shard": ref.shard})


def read_tab(body: str) -> TabRef:
    """Read a message as SQS delivers it; raises InvalidRequestError."""
    members = read_members(parse(body), _MEMBERS)
    return TabRef(members["customerId"], members["shard"])


@dataclass(frozen=True, slots=True)
class SqsSettleQueue:
    """One message per tab, so that a tab which fails comes back alone."""

    client: "SQSClient"
    url: str

    def depth(self) -> int:
        """Tell about how many tabs are waiting or being settled."""
        response = self.client.get_queue_attributes(
            QueueUrl=self.url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
        return sum(int(count) for count in response["Attributes"].values())

    def send(self, tabs: Sequence[TabRef]) -> None:
        """Hand out tabs; raises UnavailableError when SQS did not take all of them.

        The calls run side by side, because a run may hand out a hundred thousand tabs.
        """
        with ThreadPoolExecutor(max_workers=CONNECTIONS_MAX) as pool:
            refused = sum(pool.map(self._send, batched(tabs, MESSAGES_PER_CALL_MAX, strict=False)))
        if refused:
            raise UnavailableError(f"{refused} of {len(tabs)} tabs could not be handed out")

    def _send(self, tabs: Sequence[TabRef]) -> int:
        """Send one call's worth; returns how many SQS refused."""
        response = self.client.send_message_batch(
            QueueUrl=self.url,
            Entries=[
                {"Id": str(position), "MessageBody": write_tab(tab)}
                for position, tab in enumerate(tabs)
            ],
        )
        return len(response.get("Failed", []))
