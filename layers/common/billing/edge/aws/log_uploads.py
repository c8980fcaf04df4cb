"""Letting a caller put one log file into the bucket, without anybody's credentials."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

    from billing.services.upload_logs import SignedForm


# The only answer to a form that has a body, which is all that a page of another origin may read.
_ANSWERS_BY_DOCUMENT = {"success_action_status": "201"}


@dataclass(frozen=True, slots=True)
class S3LogUploads:
    """Signs forms that S3 takes; nothing is sent. The client is made when the first is signed."""

    open_client: Callable[[], "S3Client"]
    bucket: str

    def sign(self, key: str, *, bytes_max: int, seconds: int) -> "SignedForm":
        """Sign a form that takes one file under this key, up to a size, for some seconds.

        S3 judges a form by what its signer may do, and by the conditions in it. It answers with
        the ETag of what it took, by which a caller knows whether that is what was read already:
        https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
        """
        signed = self.open_client().generate_presigned_post(
            self.bucket,
            key,
            Fields=dict(_ANSWERS_BY_DOCUMENT),
            Conditions=[_ANSWERS_BY_DOCUMENT, ["content-length-range", 1, bytes_max]],
            ExpiresIn=seconds,
        )
        return signed["url"], signed["fields"]
