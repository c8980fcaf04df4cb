"""The queue on which work is handed out, as SQS has it.

A message asks to settle some tabs, `{"settle": [{"customerId": "acme", "shard": 0}]}`, or to visit
some customers, `{"visit": ["acme"]}`.
"""

import json
from typing import TYPE_CHECKING

from billing.domain.errors import FieldError
from billing.domain.tabs import SHARDS_MAX, TabRef
from billing.edge.aws.work_queue import SqsWorkQueue, some_of
from billing.edge.http.strict_json import parse
from billing.edge.http.values import Reader, integer, invalid, read_id, read_members

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_sqs.client import SQSClient

    from billing.services.work import Work

_TAB: dict[str, Reader] = {"customerId": read_id, "shard": integer(0, SHARDS_MAX - 1)}


def _read_tab(value: object) -> TabRef:
    members = read_members(value, _TAB)
    return TabRef(members["customerId"], members["shard"])


_MESSAGE: dict[str, Reader] = {"settle": some_of(_read_tab), "visit": some_of(read_id)}


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


def sqs_settle_queue(client: "SQSClient", url: str) -> "SqsWorkQueue[Work]":
    """Open the queue of tabs to settle and customers to visit."""
    return SqsWorkQueue(client, url, write_message)
