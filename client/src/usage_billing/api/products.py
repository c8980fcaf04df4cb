"""The operations about products, each a function that makes its call.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    from datetime import datetime
    from decimal import Decimal

    from usage_billing.api import shapes


def list_products(
    *, limit: int | None = None, cursor: str | None = None
) -> Pages[shapes.ProductAnswer]:
    """List products.

    `GET /products`; the key needs the scope `billing:read`.
    """
    return Pages(
        Call("GET", path("/products"), may_repeat=True, query=query(limit=limit, cursor=cursor))
    )


def create_product(
    name: str,
    *,
    price: shapes.PriceBody | None = None,
    unit_price_cents: int | str | Decimal | None = None,
    id: str | None = None,
    unit_decimals: int | None = None,
) -> Call[shapes.ProductAnswer]:
    """Make a product.

    `POST /products`; the key needs the scope `admin`.
    """
    return Call(
        "POST",
        path("/products"),
        may_repeat=False,
        body=body(
            given(
                price=price,
                unitPriceCents=unit_price_cents,
                id=id,
                name=name,
                unitDecimals=unit_decimals,
            )
        ),
    )


def get_product(product_id: str) -> Call[shapes.ProductAnswer]:
    """Read a product with its prices.

    `GET /products/{productId}`; the key needs the scope `billing:read`.
    """
    return Call("GET", path("/products/{productId}", productId=product_id), may_repeat=True)


def update_product(
    product_id: str,
    *,
    price: shapes.PriceBody | Unset | None = UNSET,
    unit_price_cents: int | str | Decimal | Unset | None = UNSET,
    name: str | Unset | None = UNSET,
    effective_from: str | datetime | Unset | None = UNSET,
    archived: bool | Unset | None = UNSET,
) -> Call[shapes.ProductAnswer]:
    """Rename a product, set a price of it, or archive it.

    `PATCH /products/{productId}`; the key needs the scope `admin`.
    """
    return Call(
        "PATCH",
        path("/products/{productId}", productId=product_id),
        may_repeat=True,
        body=body(
            changed(
                price=price,
                unitPriceCents=unit_price_cents,
                name=name,
                effectiveFrom=effective_from,
                archived=archived,
            )
        ),
    )


def withdraw_price(product_id: str, version: int) -> Call[shapes.ProductAnswer]:
    """Take back a price version that is not in force yet.

    `DELETE /products/{productId}/prices/{version}`; the key needs the scope `admin`.
    """
    return Call(
        "DELETE",
        path("/products/{productId}/prices/{version}", productId=product_id, version=version),
        may_repeat=True,
    )


def preview_price(
    units: Sequence[int | Decimal | str],
    *,
    product_id: str | None = None,
    customer_id: str | None = None,
    price: shapes.PriceBody | None = None,
) -> Call[shapes.PreviewAnswer]:
    """Preview what units would cost; nothing is written.

    `POST /pricing/preview`; the key needs the scope `billing:read`.
    """
    return Call(
        "POST",
        path("/pricing/preview"),
        may_repeat=True,
        body=body(given(productId=product_id, customerId=customer_id, price=price, units=units)),
    )
