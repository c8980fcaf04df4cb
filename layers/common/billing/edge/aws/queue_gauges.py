"""Gauges of the queues of this stack, as SQS tells how full they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.edge.aws import sqs
from billing.services.system_status import QueueDepth

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient


@dataclass(frozen=True, slots=True)
class SqsGauge:
    """Reads how full one queue is."""

    client: "SQSClient"
    name: str
    url: str

    def read(self) -> QueueDepth:
        """Tell what lies in the queue; raises UnavailableError."""
        return QueueDepth(self.name, *sqs.depth(self.client, self.url))


def sqs_gauges(client: "SQSClient", urls: Mapping[str, str]) -> list[SqsGauge]:
    """Make a gauge of each queue, by its name."""
    return [SqsGauge(client, name, url) for name, url in urls.items()]
