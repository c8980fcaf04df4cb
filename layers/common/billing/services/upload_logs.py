"""Have log files uploaded by callers who know nothing of the bucket."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from billing.domain.logfiles import FILE_BYTES_MAX, INCOMING, id_of_key
from billing.domain.times import Clock

# Long enough to send what is largest at ten megabits a second.
UPLOAD_SECONDS = 15 * 60

# Where to send a form, and the fields that it must have before its file.
type SignedForm = tuple[str, Mapping[str, str]]


class LogUploads(Protocol):
    """What lets somebody put a file into the bucket."""

    def sign(self, key: str, *, bytes_max: int, seconds: int) -> SignedForm:
        """Sign a form that takes one file under a key, up to a size, for some seconds."""


@dataclass(frozen=True, slots=True)
class OfferedUpload:
    """A form that takes one file until it expires; the file is then found as any other."""

    file_id: str
    key: str
    url: str
    fields: Mapping[str, str]
    bytes_max: int
    expires_at: datetime


def offer_upload(name: str, *, uploads: LogUploads, clock: Clock) -> OfferedUpload:
    """Offer to take a log file of a name; the same name again is the same file. Writes nothing."""
    key = f"{INCOMING}{name}"
    # Looked at first, so that what is told never ends later than the form.
    expires_at = clock() + timedelta(seconds=UPLOAD_SECONDS)
    url, fields = uploads.sign(key, bytes_max=FILE_BYTES_MAX, seconds=UPLOAD_SECONDS)
    return OfferedUpload(id_of_key(key), key, url, fields, FILE_BYTES_MAX, expires_at)
