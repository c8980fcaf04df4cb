"""The catalogue: products and their prices."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.errors import (
    ConcurrentChangeError,
    InvalidInputError,
    LimitReachedError,
    PriceVersionInForceError,
    PriceVersionNotFoundError,
    ProductExistsError,
    ProductNotFoundError,
)
from billing.domain.prices import Price
from billing.domain.pricing import UNIT_DECIMALS_MAX, PriceVersion, Product
from billing.domain.times import optional_text, to_text
from billing.edge.api.prices import PriceAnswer, PricedBody, show_price, show_unit_price
from billing.edge.http.fields import Id, Instant, Name, ShownDecimal, ShownInstant
from billing.edge.http.routes import Route
from billing.edge.http.schema import AnswerSchema, ListAnswer, PageQuery, example
from billing.services.paging import Page


class ProductRequest(PricedBody):
    """A product to make; its first price is in force at once, and for whatever was used before."""

    model_config = ConfigDict(
        json_schema_extra=example(id="api-calls", name="API calls", unitPriceCents="0.25")
    )

    id: Id | None = Field(default=None, description="Your name for the product; made here if not.")
    name: Name
    unit_decimals: Annotated[int, Field(ge=0, le=UNIT_DECIMALS_MAX)] = Field(
        default=0, description="How many decimal places a quantity may have."
    )

    def wanted_price(self) -> Price:
        """Return the first price; raises InvalidInputError unless it is given once, and whole."""
        price = self.given_price()
        if price is None:
            raise InvalidInputError.of_field("price", "give either price or unitPriceCents")
        return price


class ProductChange(PricedBody):
    """What to change about a product: its name, its price from an instant on, its archiving."""

    model_config = ConfigDict(
        json_schema_extra=example(unitPriceCents="0.2", effectiveFrom="2026-02-01T00:00:00Z")
    )

    name: Name | None = None
    effective_from: Instant | None = Field(
        default=None,
        description="When the price takes effect, at least 60 seconds and at most two years ahead; "
        "the first instant of a month (UTC) where the price, or the one before it, counts by the "
        "month. As soon as it may when left out.",
    )
    archived: bool | None = Field(
        default=None, description="Whether the product takes no new usage, 60 seconds from now on."
    )


class PriceVersionAnswer(AnswerSchema):
    """One price version."""

    version: int
    price: PriceAnswer
    unit_price_cents: ShownDecimal | None = Field(
        description="What every unit costs; null where that depends on the month."
    )
    effective_from: ShownInstant


class ProductAnswer(AnswerSchema):
    """A product with all its prices, oldest first."""

    id: str
    name: str
    unit_decimals: int
    price: PriceAnswer = Field(description="The price in force now.")
    unit_price_cents: ShownDecimal | None = Field(
        description="What every unit costs now; null where that depends on the month."
    )
    prices: list[PriceVersionAnswer]
    archived_at: ShownInstant | None = Field(
        description="Usage that occurs from then on is not taken."
    )
    created_at: ShownInstant


class ProductListAnswer(ListAnswer[ProductAnswer]):
    """Products in order of their ids."""


def show_product(product: Product, *, now: datetime) -> ProductAnswer:
    """Show a product with the price in force at an instant."""
    in_force = product.price_at(now).price
    return ProductAnswer(
        id=product.id,
        name=product.name,
        unit_decimals=product.unit_decimals,
        price=show_price(in_force),
        unit_price_cents=show_unit_price(in_force),
        prices=[_version(version) for version in product.prices],
        archived_at=optional_text(product.archived_at),
        created_at=to_text(product.created_at),
    )


def show_products(page: Page[Product], *, now: datetime) -> ProductListAnswer:
    """Show a page of products."""
    return ProductListAnswer(
        items=[show_product(product, now=now) for product in page.items], cursor=page.cursor
    )


def _version(version: PriceVersion) -> PriceVersionAnswer:
    return PriceVersionAnswer(
        version=version.version,
        price=show_price(version.price),
        unit_price_cents=show_unit_price(version.price),
        effective_from=to_text(version.effective_from),
    )


LIST = Route(
    "GET",
    "/products",
    Scope.BILLING_READ,
    "List products",
    operation_id="listProducts",
    query=PageQuery,
    response=ProductListAnswer,
    statuses={200: "Products, in order of their ids."},
)

CREATE = Route(
    "POST",
    "/products",
    Scope.ADMIN,
    "Make a product",
    operation_id="createProduct",
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
    operation_id="getProduct",
    response=ProductAnswer,
    statuses={200: "The product."},
    own_errors=(ProductNotFoundError,),
)

CHANGE = Route(
    "PATCH",
    "/products/{productId}",
    Scope.ADMIN,
    "Rename a product, set a price of it, or archive it",
    operation_id="updateProduct",
    request=ProductChange,
    response=ProductAnswer,
    statuses={200: "The product as it is now."},
    own_errors=(ProductNotFoundError, ConcurrentChangeError, LimitReachedError),
)

TAKE_BACK_PRICE = Route(
    "DELETE",
    "/products/{productId}/prices/{version}",
    Scope.ADMIN,
    "Take back a price version that is not in force yet",
    operation_id="withdrawPrice",
    response=ProductAnswer,
    statuses={200: "The product without it; also where it was taken back before."},
    own_errors=(
        ProductNotFoundError,
        PriceVersionNotFoundError,
        PriceVersionInForceError,
        ConcurrentChangeError,
    ),
)

ROUTES = (LIST, CREATE, READ, CHANGE, TAKE_BACK_PRICE)
