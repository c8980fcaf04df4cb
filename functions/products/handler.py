"""Manage the catalogue, and preview what it costs."""

import os

from billing.edge.api import pricing, products
from billing.edge.composition import open_container
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler
from billing.edge.http.schema import PageQuery
from billing.services.manage_products import (
    change_product,
    create_product,
    get_product,
    list_products,
    take_back_price,
)
from billing.services.preview_price import preview_draft, preview_product

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE"},
    loads={"storage.customers", "storage.products", "storage.tabs", "storage.wallets"},
)


def list_all(request: Request) -> Answer:
    """List products."""
    page = request.query(PageQuery)
    stores = CONTAINER.open_stores(request.context)
    listed = list_products(limit=page.limit, cursor=page.cursor, stores=stores)
    return Answer.of(200, products.show_products(listed, now=CONTAINER.clock()))


def post_product(request: Request) -> Answer:
    """Make a product."""
    wanted = request.body(products.ProductRequest)
    product = create_product(
        wanted.id or CONTAINER.new_id(),
        name=wanted.name,
        price=wanted.wanted_price(),
        unit_decimals=wanted.unit_decimals,
        stores=CONTAINER.open_stores(request.context),
        clock=CONTAINER.clock,
    )
    return Answer.of(201, products.show_product(product, now=CONTAINER.clock()))


def get_one(request: Request) -> Answer:
    """Show a product."""
    product_id = request.id("productId")
    product = get_product(product_id, stores=CONTAINER.open_stores(request.context))
    return Answer.of(200, products.show_product(product, now=CONTAINER.clock()))


def patch_product(request: Request) -> Answer:
    """Rename a product, set a price of it, or archive it."""
    product_id, change = request.id("productId"), request.body(products.ProductChange)
    product = change_product(
        product_id,
        name=change.name,
        price=change.given_price(),
        effective_from=change.effective_from,
        archived=change.archived,
        stores=CONTAINER.open_stores(request.context),
        clock=CONTAINER.clock,
    )
    return Answer.of(200, products.show_product(product, now=CONTAINER.clock()))


def delete_price(request: Request) -> Answer:
    """Take back a price version."""
    product = take_back_price(
        request.id("productId"),
        request.whole_number("version"),
        stores=CONTAINER.open_stores(request.context),
        clock=CONTAINER.clock,
    )
    return Answer.of(200, products.show_product(product, now=CONTAINER.clock()))


def post_preview(request: Request) -> Answer:
    """Preview what units would cost."""
    wanted = request.body(pricing.PreviewRequest)
    draft = wanted.draft()
    if draft is not None:
        preview = preview_draft(draft, wanted.units)
    else:
        preview = preview_product(
            wanted.product_id or "",
            wanted.units,
            customer_id=wanted.customer_id,
            stores=CONTAINER.open_stores(request.context),
            clock=CONTAINER.clock,
        )
    return Answer.of(200, pricing.show_preview(preview))


handler = http_handler(
    {
        products.LIST: list_all,
        products.CREATE: post_product,
        products.READ: get_one,
        products.CHANGE: patch_product,
        products.TAKE_BACK_PRICE: delete_price,
        pricing.PREVIEW: post_preview,
    }
)
