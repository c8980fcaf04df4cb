"""The operations about statements, each a function that makes its call.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_billing.calls import (
    Call,
    path,
    query,
)

if TYPE_CHECKING:
    from usage_billing.api import shapes


def get_statement(customer_id: str, month: str) -> Call[shapes.StatementAnswer]:
    """Read the statement of a customer's month.

    `GET /billing/statements/{customerId}/{month}`; the key needs the scope `billing:read`.
    """
    return Call(
        "GET",
        path("/billing/statements/{customerId}/{month}", customerId=customer_id, month=month),
        may_repeat=True,
    )


def get_usage_series(customer_id: str, from_: str, to: str) -> Call[shapes.SeriesAnswer]:
    """Read what was billed of a customer's usage, by day and product.

    `GET /usage/series`; the key needs the scope `billing:read`.
    """
    return Call(
        "GET",
        path("/usage/series"),
        may_repeat=True,
        query=query(customerId=customer_id, **{"from": from_}, to=to),
    )


def get_day_reports(from_: str, to: str) -> Call[shapes.ReportsAnswer]:
    """Read what all customers were billed, by day and product.

    `GET /reports/days`; the key needs the scope `billing:read`.
    """
    return Call(
        "GET", path("/reports/days"), may_repeat=True, query=query(**{"from": from_}, to=to)
    )
