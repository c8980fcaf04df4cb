"""The queue on which closings are handed out: a message asks for the days of some customers,
`{"close": ["acme"]}`.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from billing.edge.aws.work_queue import SqsWorkQueue, some_of
from billing.edge.http.strict_json import parse
from billing.edge.http.values import Reader, read_id, read_members

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

_MESSAGE: dict[str, Reader] = {"close": some_of(read_id)}


def write_message(customer_ids: Sequence[str]) -> str:
    """Write the message that hands out the days of some customers."""
    return json.dumps({"close": list(customer_ids)})


def read_message(body: str) -> Sequence[str]:
    """Read a message as SQS delivers it; raises InvalidRequestError."""
    customer_ids: Sequence[str] = read_members(parse(body), _MESSAGE)["close"]
    return customer_ids


def sqs_closing_queue(client: "SQSClient", url: str) -> SqsWorkQueue[str]:
    """Open the queue of customers whose days are to be closed."""
    return SqsWorkQueue(client, url, write_message)
