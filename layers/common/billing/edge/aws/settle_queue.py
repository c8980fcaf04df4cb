"""The queue on which a billing run hands out tabs, as SQS has it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from billing.domain.errors import UnavailableError
from billing.domain.tabs import SHARDS_MAX, TabRef
from billing.edge.aws.clients import CONNECTIONS_MAX
from billing.edge.http.fields import Id
from billing.edge.http.schema import Schema
from billing.edge.http.strict_json import parse
from billing.edge.http.validation import validate

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

# SQS takes no more in one call.
MESSAGES_PER_CALL_MAX = 10


class TabMessage(Schema):
    """A tab that a billing run handed out through the settle queue."""

    customer_id: Id
    shard: Annotated[int, Field(ge=0, lt=SHARDS_MAX)]

    @classmethod
    def of(cls, ref: TabRef) -> "TabMessage":
        """Write a tab as a message."""
        return cls.model_validate({"customerId": ref.customer_id, "shard": ref.shard})

    @classmethod
    def read(cls, body: str) -> "TabMessage":
        """Read a message as SQS delivers it; raises InvalidRequestError."""
        return validate(cls, parse(body))

    @property
    def ref(self) -> TabRef:
        """The tab that the message names."""
        return TabRef(self.customer_id, self.shard)


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
                {"Id": str(position), "MessageBody": TabMessage.of(tab).model_dump_json()}
                for position, tab in enumerate(tabs)
            ],
        )
        return len(response.get("Failed", []))
