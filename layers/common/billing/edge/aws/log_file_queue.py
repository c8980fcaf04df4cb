"""The queue on which log files are handed out, as SQS has it: one message a file.

`{"fileId": "2b1c9a0e6f7d4c358b9a0e6f7d4c358b"}`
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.edge.aws import sqs
from billing.edge.http.strict_json import parse
from billing.edge.http.values import Reader, read_id, read_members

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

# What failed is tried again after a minute, then two, four and so on: an outage is over by then, or
# is one that an alarm tells of.
RETRY_SECONDS = 60
RETRY_SECONDS_MAX = 960

_MEMBERS: dict[str, Reader] = {"fileId": read_id}


def write_message(file_id: str) -> str:
    """Write the message that hands a file out."""
    return json.dumps({"fileId": file_id})


def read_message(body: str) -> str:
    """Read the id of the file that a message hands out; raises InvalidRequestError."""
    file_id: str = read_members(parse(body), _MEMBERS)["fileId"]
    return file_id


@dataclass(frozen=True, slots=True)
class SqsLogFileQueue:
    """One message a file, so that each is read by an invocation of its own."""

    client: "SQSClient"
    url: str

    def depth(self) -> int:
        """Tell about how many files wait in it or are being read; raises UnavailableError."""
        return sum(sqs.depth(self.client, self.url))

    def send(self, file_ids: Sequence[str]) -> None:
        """Hand out files; raises UnavailableError where SQS did not take all of them."""
        sqs.send_all(self.client, self.url, [write_message(each) for each in file_ids])

    def try_again(self, receipt: str, *, receives: int) -> None:
        """Have a message that failed come back sooner than one whose reader died.

        `receives` counts how often it came. Raises UnavailableError.
        """
        seconds = min(RETRY_SECONDS_MAX, RETRY_SECONDS * 2 ** (receives - 1))
        with sqs.passing_faults():
            self.client.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=seconds
            )
