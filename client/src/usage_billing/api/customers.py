"""The operations about customers, each a function that makes its call.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from usage_billing.calls import (
    UNSET,
    Call,
    Pages,
    Unset,
    body,
    changed,
    given,
    path,
    query,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_billing.api import shapes


def create_customer(
    *,
    id: str | None = None,
    name: str | None = None,
    email: str | None = None,
    mode: Literal["prepaid", "postpaid"] | None = None,
    credit_limit_cents: int | None = None,
    retry_schedule: Sequence[int] | None = None,
) -> Call[shapes.CustomerAnswer]:
    """Make a customer.

    `POST /users`; the key needs the scope `admin`.
    """
    return Call(
        "POST",
        path("/users"),
        may_repeat=False,
        body=body(
            given(
                id=id,
                name=name,
                email=email,
                mode=mode,
                creditLimitCents=credit_limit_cents,
                retrySchedule=retry_schedule,
            )
        ),
    )


def list_customers(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    status: str | None = None,
    email: str | None = None,
    id_prefix: str | None = None,
) -> Pages[shapes.CustomerAnswer]:
    """List customers, or find some of them.

    `GET /users`; the key needs the scope `billing:read`.
    """
    return Pages(
        Call(
            "GET",
            path("/users"),
            may_repeat=True,
            query=query(limit=limit, cursor=cursor, status=status, email=email, idPrefix=id_prefix),
        )
    )


def get_customer(customer_id: str) -> Call[shapes.CustomerAnswer]:
    """Read a customer.

    `GET /users/{userId}`; the key needs the scope `billing:read`.
    """
    return Call("GET", path("/users/{userId}", userId=customer_id), may_repeat=True)


def update_customer(
    customer_id: str,
    *,
    name: str | Unset | None = UNSET,
    email: str | Unset | None = UNSET,
    mode: Literal["prepaid", "postpaid"] | Unset | None = UNSET,
    credit_limit_cents: int | Unset | None = UNSET,
    retry_schedule: Sequence[int] | Unset | None = UNSET,
) -> Call[shapes.CustomerAnswer]:
    """Change a customer's terms.

    `PATCH /users/{userId}`; the key needs the scope `admin`.
    """
    return Call(
        "PATCH",
        path("/users/{userId}", userId=customer_id),
        may_repeat=True,
        body=body(
            changed(
                name=name,
                email=email,
                mode=mode,
                creditLimitCents=credit_limit_cents,
                retrySchedule=retry_schedule,
            )
        ),
    )


def delete_customer(customer_id: str) -> Call[None]:
    """Delete a customer who owes nothing and is owed nothing.

    `DELETE /users/{userId}`; the key needs the scope `admin`.
    """
    return Call(
        "DELETE", path("/users/{userId}", userId=customer_id), may_repeat=False, answers="nothing"
    )


def suspend_customer(customer_id: str) -> Call[shapes.CustomerAnswer]:
    """Suspend a customer.

    `POST /users/{userId}/suspend`; the key needs the scope `admin`.
    """
    return Call("POST", path("/users/{userId}/suspend", userId=customer_id), may_repeat=True)


def activate_customer(customer_id: str) -> Call[shapes.CustomerAnswer]:
    """Lift a suspension and charge what waited.

    `POST /users/{userId}/activate`; the key needs the scope `admin`.
    """
    return Call("POST", path("/users/{userId}/activate", userId=customer_id), may_repeat=True)
