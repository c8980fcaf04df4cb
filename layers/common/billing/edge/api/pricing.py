"""What usage would cost: a preview of a price that a product has, or of a draft."""

from typing import Annotated

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.errors import CustomerNotFoundError, InvalidInputError, ProductNotFoundError
from billing.domain.money import to_plain
from billing.domain.prices import Price
from billing.edge.api.prices import PartAnswer, PriceBody, show_parts
from billing.edge.api.shared import show_units
from billing.edge.http.fields import Id, ShownDecimal, ShownUnits, Units
from billing.edge.http.routes import Route
from billing.edge.http.schema import AnswerSchema, Schema, example
from billing.services.preview_price import PREVIEW_UNITS_MAX, Preview


class PreviewRequest(Schema):
    """What to preview: a draft price or that of a product, for up to 200 quantities."""

    model_config = ConfigDict(
        json_schema_extra=example(productId="api-calls", units=[1, 1000, 1000000])
    )

    price: PriceBody | None = Field(default=None, description="A draft, which nothing keeps.")
    product_id: Id | None = Field(default=None, description="A product, in place of a draft.")
    units: Annotated[list[Units], Field(min_length=1, max_length=PREVIEW_UNITS_MAX)] = Field(
        description="Quantities, 0 included; of a draft with up to six decimal places."
    )
    customer_id: Id | None = Field(
        default=None,
        description="With a product: on top of what this customer has used of it this month.",
    )

    def draft(self) -> Price | None:
        """Return the draft price, None where a product is named.

        Raises InvalidInputError unless there is one of the two, and for a draft with a customer.
        """
        if (self.price is None) == (self.product_id is None):
            raise InvalidInputError.of_field("price", "give either price or productId")
        if self.customer_id is not None and self.product_id is None:
            raise InvalidInputError.of_field("customer_id", "is only for a productId")
        return None if self.price is None else self.price.price()


class QuoteAnswer(AnswerSchema):
    """What some units cost; the explanation is of `unitsBefore` and these together."""

    units: ShownUnits
    amount_cents: ShownDecimal = Field(description="Exact, on top of amountBeforeCents.")
    explanation: list[PartAnswer]


class PreviewAnswer(AnswerSchema):
    """One quote for each of the quantities, in their order."""

    units_before: ShownUnits = Field(description="What the month has so far, billed or not.")
    amount_before_cents: ShownDecimal = Field(description="What that comes to.")
    items: list[QuoteAnswer]


def show_preview(preview: Preview) -> PreviewAnswer:
    """Show a preview."""
    return PreviewAnswer(
        units_before=show_units(preview.units_before),
        amount_before_cents=to_plain(preview.amount_before_cents),
        items=[
            QuoteAnswer(
                units=show_units(quote.units),
                amount_cents=to_plain(quote.amount_cents),
                explanation=show_parts(quote.parts),
            )
            for quote in preview.quotes
        ],
    )


PREVIEW = Route(
    "POST",
    "/pricing/preview",
    Scope.BILLING_READ,
    "Preview what units would cost; nothing is written",
    operation_id="previewPrice",
    request=PreviewRequest,
    response=PreviewAnswer,
    statuses={200: "What each quantity would cost, and how that comes about."},
    own_errors=(ProductNotFoundError, CustomerNotFoundError),
)

ROUTES = (PREVIEW,)
