"""The operations about usage, each a function that makes its call.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_billing.calls import (
    Call,
    body,
    given,
    named,
    new_id,
    path,
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
