"""The bucket in which log files lie, as S3 has it; keys are names without any meaning here."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from billing.domain.deadline import Deadline
from billing.domain.logfiles import (
    INCOMING,
    BadLine,
    FileDeletedError,
    FileReplacedError,
    LogFile,
    LogLine,
    StoredFile,
)
from billing.edge.aws.log_lines import read_lines
from billing.edge.aws.passing import passing_faults, status_of

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3.client import S3Client

_NOT_FOUND = 404
_PRECONDITION_FAILED = 412
_BUSY = "The log files cannot be read just now"


@dataclass(frozen=True, slots=True)
class S3LogStorage:
    """Lists and reads the log files under `incoming/`."""

    client: "S3Client"
    bucket: str

    def files(self, *, after: str | None = None) -> Iterator[StoredFile]:
        """List all files, or those behind a key, in order of keys; raises UnavailableError."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=INCOMING, StartAfter=after or ""
        )
        with passing_faults(_BUSY):
            for page in pages:
                for each in page.get("Contents", []):
                    # What a console makes to show a folder is no file.
                    if not each["Key"].endswith("/"):
                        yield StoredFile(
                            key=each["Key"],
                            etag=each["ETag"].strip('"'),
                            size_bytes=each["Size"],
                            modified_at=each["LastModified"],
                        )

    @contextmanager
    def lines(self, file: LogFile, *, deadline: Deadline) -> Iterator[Iterator[LogLine | BadLine]]:
        """Read a file's lines behind its position, from the very content that was found.

        Raises FileDeletedError, FileReplacedError, UnavailableError, and what `read_lines` raises.
        """
        with closing(self._open(file.stored)) as body:
            yield read_lines(body, after=file.position, deadline=deadline)

    def _open(self, stored: StoredFile) -> "_Body":
        try:
            with passing_faults(_BUSY):
                answer = self.client.get_object(
                    Bucket=self.bucket, Key=stored.key, IfMatch=f'"{stored.etag}"'
                )
        except ClientError as error:
            status = status_of(error)
            if status == _NOT_FOUND:
                raise FileDeletedError from error
            if status == _PRECONDITION_FAILED:
                raise FileReplacedError from error
            raise
        return _Body(answer["Body"])


class _Body:
    """The bytes of an object as they arrive."""

    def __init__(self, body: "StreamingBody") -> None:
        self._body = body

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Read up to as many bytes as the buffer takes; raises UnavailableError."""
        with passing_faults(_BUSY):
            return self._body.readinto(buffer)  # type: ignore[arg-type]  # Its stub asks for a file.

    def close(self) -> None:
        """Give the connection up, also in the middle of the object."""
        self._body.close()
