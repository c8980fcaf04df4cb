"""The operations about executions, each a function that makes its call.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from usage_billing.calls import (
    Call,
    Pages,
    path,
    query,
)

if TYPE_CHECKING:
    from usage_billing.api import shapes


def list_executions(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    status: Literal["running", "succeeded", "failed", "timed_out", "aborted", "pending_redrive"]
    | None = None,
) -> Pages[shapes.DunningRunAnswer]:
    """List the executions of the dunning workflow, all or those of a status.

    `GET /executions`; the key needs the scope `billing:read`.
    """
    return Pages(
        Call(
            "GET",
            path("/executions"),
            may_repeat=True,
            query=query(limit=limit, cursor=cursor, status=status),
        )
    )


def get_execution(record_id: str) -> Call[shapes.DunningRunAnswer]:
    """Read the dunning that a billing record leads or led.

    `GET /executions/{recordId}`; the key needs the scope `billing:read`.
    """
    return Call("GET", path("/executions/{recordId}", recordId=record_id), may_repeat=True)


def get_execution_history(
    record_id: str,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    execution: str | None = None,
) -> Pages[shapes.StateAnswer]:
    """Read what an execution went through, state by state.

    `GET /executions/{recordId}/history`; the key needs the scope `billing:read`.
    """
    return Pages(
        Call(
            "GET",
            path("/executions/{recordId}/history", recordId=record_id),
            may_repeat=True,
            query=query(limit=limit, cursor=cursor, execution=execution),
        )
    )
