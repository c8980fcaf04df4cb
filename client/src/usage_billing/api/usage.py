"""The operations about usage, each a function that makes its call.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_billing.calls import (
    UNSET,
    Call,
    Unset,
    body,
    changed,
    given,
    named,
    new_id,
    path,
    query,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

    from usage_billing.api import shapes


def record_usage(
    customer_id: str,
    product_id: str,
    units: int | Decimal | str,
    *,
    id: str | None = None,
    occurred_at: str | datetime | None = None,
) -> Call[shapes.UsageEventAnswer]:
    """Record one usage event.

    `POST /billing/usage`; the key needs the scope `usage:write`.
    """
    return Call(
        "POST",
        path("/billing/usage"),
        may_repeat=True,
        body=body(
            given(
                customerId=customer_id,
                productId=product_id,
                id=new_id() if id is None else id,
                units=units,
                occurredAt=occurred_at,
            )
        ),
    )


def record_usage_batch(events: Sequence[shapes.UsageRequest]) -> Call[shapes.UsageBatchAnswer]:
    """Record up to 1,000 usage events.

    `POST /billing/usage/batch`; the key needs the scope `usage:write`.
    """
    return Call(
        "POST",
        path("/billing/usage/batch"),
        may_repeat=True,
        body=body(given(events=named(events))),
    )


def get_usage_event(customer_id: str, event_id: str) -> Call[shapes.BilledEventAnswer]:
    """Read one usage event and what bills it.

    `GET /billing/usage/{customerId}/{eventId}`; the key needs the scope `billing:read`.
    """
    return Call(
        "GET",
        path("/billing/usage/{customerId}/{eventId}", customerId=customer_id, eventId=event_id),
        may_repeat=True,
    )


def void_usage(
    customer_id: str, event_id: str, *, reason: str | None = None
) -> Call[shapes.BilledEventAnswer]:
    """Void a usage event, before it is billed or after.

    `DELETE /billing/usage/{customerId}/{eventId}`; the key needs the scope `billing:write`.
    """
    return Call(
        "DELETE",
        path("/billing/usage/{customerId}/{eventId}", customerId=customer_id, eventId=event_id),
        may_repeat=True,
        query=query(reason=reason),
    )


def correct_usage(
    customer_id: str,
    event_id: str,
    units: int | Decimal | str,
    *,
    reason: str | Unset | None = UNSET,
) -> Call[shapes.BilledEventAnswer]:
    """Correct the units of a usage event, before it is billed or after.

    `PATCH /billing/usage/{customerId}/{eventId}`; the key needs the scope `billing:write`.
    """
    return Call(
        "PATCH",
        path("/billing/usage/{customerId}/{eventId}", customerId=customer_id, eventId=event_id),
        may_repeat=True,
        body=body(changed(units=units, reason=reason)),
    )
