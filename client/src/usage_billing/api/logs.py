"""The operations about logs, each a function that makes its call.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_billing.calls import (
    Call,
    Pages,
    body,
    given,
    path,
    query,
)

if TYPE_CHECKING:
    from usage_billing.api import shapes


def list_log_usage(
    *, limit: int | None = None, cursor: str | None = None
) -> Pages[shapes.LogUsageAnswer]:
    """List the usage that was read from log files.

    `GET /logs`; the key needs the scope `billing:read`.
    """
    return Pages(
        Call("GET", path("/logs"), may_repeat=True, query=query(limit=limit, cursor=cursor))
    )


def list_customer_log_usage(
    customer_id: str, *, limit: int | None = None, cursor: str | None = None
) -> Pages[shapes.LogUsageAnswer]:
    """List the usage of a customer that was read from log files.

    `GET /logs/user/{userId}`; the key needs the scope `billing:read`.
    """
    return Pages(
        Call(
            "GET",
            path("/logs/user/{userId}", userId=customer_id),
            may_repeat=True,
            query=query(limit=limit, cursor=cursor),
        )
    )


def list_log_files(
    *, limit: int | None = None, cursor: str | None = None
) -> Pages[shapes.LogFileAnswer]:
    """List log files and what became of their lines.

    `GET /logs/files`; the key needs the scope `billing:read`.
    """
    return Pages(
        Call("GET", path("/logs/files"), may_repeat=True, query=query(limit=limit, cursor=cursor))
    )


def get_log_file(
    file_id: str,
    *,
    limit: int | None = None,
    usage_cursor: str | None = None,
    problems_cursor: str | None = None,
) -> Call[shapes.LogFileDetailAnswer]:
    """Read what became of a log file, line by line.

    `GET /logs/files/{fileId}`; the key needs the scope `billing:read`.
    """
    return Call(
        "GET",
        path("/logs/files/{fileId}", fileId=file_id),
        may_repeat=True,
        query=query(limit=limit, usageCursor=usage_cursor, problemsCursor=problems_cursor),
    )


def reread_log_file(file_id: str) -> Call[shapes.LogFileAnswer]:
    """Have a log file read again from its first line.

    `POST /logs/files/{fileId}/reread`; the key needs the scope `billing:write`.
    """
    return Call("POST", path("/logs/files/{fileId}/reread", fileId=file_id), may_repeat=True)


def create_log_upload(name: str) -> Call[shapes.UploadAnswer]:
    """Offer to take a log file, by a form that a browser can send.

    `POST /logs/uploads`; the key needs the scope `usage:write`.
    """
    return Call("POST", path("/logs/uploads"), may_repeat=False, body=body(given(name=name)))
