"""A bucket of one log file, and a queue that takes whatever is sent, both inside the process."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

_LISTING = """<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>{key}</Key>
<LastModified>{now}</LastModified><ETag>"0"</ETag><Size>{size}</Size></Contents>
</ListBucketResult>"""


class _Raw(io.BytesIO):
    """A body as urllib3 hands it over: whole, or as much as is asked for."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log file, the only one that a function meets."""

    key: str
    text: str

    def show(self, function: Mapping[str, Any]) -> None:
        """Stand between a function and S3 and SQS, where it speaks to them."""
        for name in ("STORAGE", "QUEUE"):
            if name in function:
                client = function[name].client
                service = client.meta.service_model.service_id.hyphenize()
                # The file that is shown last is the one that lies there.
                client.meta.events.register_first(f"before-send.{service}", self._answer)

    def _answer(
        self, *, request: AWSPreparedRequest, event_name: str, **_: object
    ) -> AWSResponse | None:
        content = self.text.encode()
        bodies = {
            "ListObjectsV2": _LISTING.format(
                key=self.key, size=len(content), now=datetime.now(UTC).isoformat()
            ).encode(),
            "GetObject": content,
            "GetQueueAttributes": json.dumps({"Attributes": {}}).encode(),
            "ChangeMessageVisibility": b"{}",
            "SendMessageBatch": json.dumps({"Successful": [], "Failed": []}).encode(),
        }
        body = bodies[event_name.rpartition(".")[2]]
        headers = HTTPHeaders()
        headers["content-length"] = str(len(body))
        return AWSResponse(request.url, 200, headers, _Raw(body))
