"""The queue on which a billing run hands out tabs, as SQS has it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING

from billing.domain.errors import UnavailableError
from billing.domain.tabs import TabRef
from billing.edge.aws.clients import CONNECTIONS_MAX
from billing.edge.schemas import TabMessage

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

# SQS takes no more in one call.
MESSAGES_PER_CALL_MAX = 10


@dataclass(frozen=True, slots=True)
class SqsSettleQueue:
    """One message per tab, so that a tab which fails comes back alone."""

    client: "SQSClient"
    url: str

    def depth(self) -> int:
        """Tell about how many tabs are waiting or being settled."""
        answer = self.client.get_queue_attributes(
            QueueUrl=self.url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
        return sum(int(count) for count in answer["Attributes"].values())

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
        answer = self.client.send_message_batch(
            QueueUrl=self.url,
            Entries=[
                {"Id": str(position), "MessageBody": TabMessage.of(tab).model_dump_json()}
                for position, tab in enumerate(tabs)
            ],
        )
        return len(answer.get("Failed", []))
