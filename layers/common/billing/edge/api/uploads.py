"""Log files that callers upload: the form that takes one."""

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.times import to_text
from billing.edge.http.fields import EventId, ShownInstant
from billing.edge.http.routes import Route
from billing.edge.http.schema import AnswerSchema, Schema, example
from billing.services.upload_logs import OfferedUpload


class UploadRequest(Schema):
    """Which log file is to be uploaded."""

    model_config = ConfigDict(json_schema_extra=example(name="2026-01-31.ndjson.gz"))

    name: EventId = Field(
        description="Your name for the file. The same name again is the same file, whose lines are "
        "not billed twice."
    )


class UploadAnswer(AnswerSchema):
    """A form that takes the file: a POST of multipart/form-data with these fields, then `file`."""

    model_config = ConfigDict(
        json_schema_extra=example(
            fileId="2b1c9a0e6f7d4c358b9a0e6f7d4c358b",
            key="incoming/2026-01-31.ndjson.gz",
            url="https://usage-billing-logs.s3.eu-central-1.amazonaws.com/",
            fields={
                "key": "incoming/2026-01-31.ndjson.gz",
                "policy": "eyJleHBpcmF0aW9uIjog…",
                "x-amz-algorithm": "AWS4-HMAC-SHA256",
                "x-amz-credential": "ASIA…/20260131/eu-central-1/s3/aws4_request",
                "x-amz-date": "20260131T090000Z",
                "x-amz-security-token": "IQoJb3JpZ2lu…",
                "x-amz-signature": "5f1c…",
            },
            maxBytes=1_073_741_824,
            expiresAt="2026-01-31T09:15:00.000000Z",
        )
    )

    file_id: str = Field(description="By which `GET /logs/files/{fileId}` knows it once found.")
    key: str = Field(description="The file's name in the bucket.")
    url: str = Field(description="Where to send the form.")
    fields: dict[str, str] = Field(description="To be sent as they are, before the file.")
    max_bytes: int = Field(description="A larger file is refused by S3.")
    expires_at: ShownInstant = Field(description="Later, the form is refused by S3.")


def show_upload(offered: OfferedUpload) -> UploadAnswer:
    """Show a form that takes a file."""
    return UploadAnswer(
        file_id=offered.file_id,
        key=offered.key,
        url=offered.url,
        fields=dict(offered.fields),
        max_bytes=offered.bytes_max,
        expires_at=to_text(offered.expires_at),
    )


CREATE = Route(
    "POST",
    "/logs/uploads",
    Scope.USAGE_WRITE,
    "Offer to take a log file, by a form that a browser can send",
    operation_id="createLogUpload",
    request=UploadRequest,
    response=UploadAnswer,
    statuses={201: "The form; nothing is kept of it, and it may be left unsent."},
)

ROUTES = (CREATE,)
