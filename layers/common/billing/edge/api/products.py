"""The catalogue: products and their prices."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.errors import (
    ConcurrentChangeError,
    LimitReachedError,
    ProductExistsError,
    ProductNotFoundError,
)
from billing.domain.money import to_plain
from billing.domain.pricing import UNIT_DECIMALS_MAX, Product
from billing.domain.times import to_text
from billing.edge.http.fields import Id, Instant, Name, Price, ShownDecimal, ShownInstant
from billing.edge.http.routes import Route
from billing.edge.http.schema import AnswerSchema, ListAnswer, PageQuery, Schema, example
from billing.services.paging import Page


class ProductRequest(Schema):
    """A product to make; its first price is in force at once."""

    model_config = ConfigDict(
        json_schema_extra=example(id="api-calls", name="API calls", unitPriceCents="0.25")
    )

    id: Id | None = Field(default=None, description="Your name for the product; made here if not.")
    name: Name
    unit_price_cents: Price
    unit_decimals: Annotated[int, Field(ge=0, le=UNIT_DECIMALS_MAX)] = Field(
        default=0, description="How many decimal places a quantity may have."
    )


class ProductChange(Schema):
    """What to change about a product: its name, its price from an instant on, or both."""

    model_config = ConfigDict(
        json_schema_extra=example(unitPriceCents="0.2", effectiveFrom="2026-02-01T00:00:00Z")
    )

    name: Name | None = None
    unit_price_cents: Price | None = None
    effective_from: Instant | None = Field(
        default=None,
        description="When the price takes effect, at least 60 seconds ahead; exactly so when left "
        "out.",
    )


class PriceAnswer(AnswerSchema):
    """One price version."""

    version: int
    unit_price_cents: ShownDecimal
    effective_from: ShownInstant


class ProductAnswer(AnswerSchema):
    """A product with all its prices, oldest first."""

    id: str
    name: str
    unit_decimals: int
    unit_price_cents: ShownDecimal = Field(description="The price in force now.")
    prices: list[PriceAnswer]
    created_at: ShownInstant


class ProductListAnswer(ListAnswer[ProductAnswer]):
    """Products in order of their ids."""


def show_product(product: Product, *, now: datetime) -> ProductAnswer:
    """Show a product with the price in force at an instant."""
    return ProductAnswer(
        id=product.id,
        name=product.name,
        unit_decimals=product.unit_decimals,
        unit_price_cents=to_plain(product.price_at(now).unit_price_cents),
        prices=[
            PriceAnswer(
                version=price.version,
                unit_price_cents=to_plain(price.unit_price_cents),
                effective_from=to_text(price.effective_from),
            )
            for price in product.prices
        ],
        created_at=to_text(product.created_at),
    )


def show_products(page: Page[Product], *, now: datetime) -> ProductListAnswer:
    """Show a page of products."""
    return ProductListAnswer(
        items=[show_product(product, now=now) for product in page.items], cursor=page.cursor
    )


LIST = Route(
    "GET",
    "/products",
    Scope.BILLING_READ,
    "List products",
    query=PageQuery,
    response=ProductListAnswer,
    statuses={200: "Products, in order of their ids."},
)

CREATE = Route(
    "POST",
    "/products",
    Scope.ADMIN,
    "Make a product",
    request=ProductRequest,
    response=ProductAnswer,
    statuses={201: "Made."},
    own_errors=(ProductExistsError,),
)

READ = Route(
    "GET",
    "/products/{productId}",
    Scope.BILLING_READ,
    "Read a product with its prices",
    response=ProductAnswer,
    statuses={200: "The product."},
    own_errors=(ProductNotFoundError,),
)

CHANGE = Route(
    "PATCH",
    "/products/{productId}",
    Scope.ADMIN,
    "Rename a product, or set its next price",
    request=ProductChange,
    response=ProductAnswer,
    statuses={200: "The product as it is now."},
    own_errors=(ProductNotFoundError, ConcurrentChangeError, LimitReachedError),
)

ROUTES = (LIST, CREATE, READ, CHANGE)
