"""The operations about records, each a function that makes its call.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from usage_billing.calls import (
    Call,
    Pages,
    body,
    given,
    idempotency,
    path,
    query,
)

if TYPE_CHECKING:
    from usage_billing.api import shapes


def charge_customer(
    customer_id: str,
    amount_cents: int,
    *,
    description: str | None = None,
    idempotency_key: str | None = None,
) -> Call[shapes.RecordDetailAnswer]:
    """Raise a charge that is not for recorded usage.

    `POST /billing`; the key needs the scope `billing:write`.
    """
    return Call(
        "POST",
        path("/billing"),
        may_repeat=True,
        headers=idempotency(idempotency_key),
        body=body(given(userId=customer_id, amountCents=amount_cents, description=description)),
    )


def list_records(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    status: Literal["retrying", "failed"] | None = None,
) -> Pages[shapes.RecordDetailAnswer]:
    """List billing records, all or those of a status.

    `GET /billing`; the key needs the scope `billing:read`.
    """
    return Pages(
        Call(
            "GET",
            path("/billing"),
            may_repeat=True,
            query=query(limit=limit, cursor=cursor, status=status),
        )
    )


def list_customer_records(
    customer_id: str, *, limit: int | None = None, cursor: str | None = None
) -> Pages[shapes.RecordDetailAnswer]:
    """List the billing records of a customer.

    `GET /billing/user/{userId}`; the key needs the scope `billing:read`.
    """
    return Pages(
        Call(
            "GET",
            path("/billing/user/{userId}", userId=customer_id),
            may_repeat=True,
            query=query(limit=limit, cursor=cursor),
        )
    )


def get_record(record_id: str) -> Call[shapes.RecordDetailAnswer]:
    """Read a billing record.

    `GET /billing/{recordId}`; the key needs the scope `billing:read`.
    """
    return Call("GET", path("/billing/{recordId}", recordId=record_id), may_repeat=True)


def list_record_events(
    record_id: str, *, limit: int | None = None, cursor: str | None = None
) -> Pages[shapes.UsageEventAnswer]:
    """List the usage events behind a billing record.

    `GET /billing/{recordId}/events`; the key needs the scope `billing:read`.
    """
    return Pages(
        Call(
            "GET",
            path("/billing/{recordId}/events", recordId=record_id),
            may_repeat=True,
            query=query(limit=limit, cursor=cursor),
        )
    )


def charge_record(record_id: str) -> Call[shapes.ProcessAnswer]:
    """Charge a billing record now, also a failed one.

    `POST /billing/{recordId}/process`; the key needs the scope `billing:write`.
    """
    return Call("POST", path("/billing/{recordId}/process", recordId=record_id), may_repeat=True)


def void_record(record_id: str, *, reason: str | None = None) -> Call[shapes.RecordDetailAnswer]:
    """Take back a billing record that is not paid.

    `POST /billing/{recordId}/void`; the key needs the scope `billing:write`.
    """
    return Call(
        "POST",
        path("/billing/{recordId}/void", recordId=record_id),
        may_repeat=True,
        body=body(given(reason=reason)),
    )


def refund_record(
    record_id: str,
    *,
    amount_cents: int | None = None,
    reason: str | None = None,
    idempotency_key: str | None = None,
) -> Call[shapes.RefundAnswer]:
    """Give back a paid billing record, or a part of it, once for each Idempotency-Key.

    `POST /billing/{recordId}/refund`; the key needs the scope `billing:write`.
    """
    return Call(
        "POST",
        path("/billing/{recordId}/refund", recordId=record_id),
        may_repeat=True,
        headers=idempotency(idempotency_key),
        body=body(given(amountCents=amount_cents, reason=reason)),
    )
