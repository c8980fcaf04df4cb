"""A statement as JSON, of which the other kinds of content are made."""

from typing import Literal

from pydantic import ConfigDict, Field

from billing.domain.money import to_plain
from billing.domain.statements import PricedMonth, StatementLine, StatementLineKind
from billing.domain.times import to_text
from billing.edge.api.prices import PartAnswer, show_parts
from billing.edge.api.shared import show_units
from billing.edge.http.fields import Cents, ShownDate, ShownDecimal, ShownInstant, ShownUnits
from billing.edge.http.schema import AnswerSchema, example
from billing.services.read_statement import PRODUCTS_EXPLAINED_MAX, StatementView


class StatementLineAnswer(AnswerSchema):
    """What something did to the balance; below 0 for what was debited."""

    kind: StatementLineKind
    date: ShownDate | None = Field(description="Of credits, charges by hand and refunds.")
    product_id: str | None = Field(description="Of usage and its corrections.")
    product_name: str | None = Field(
        description=f"Null also where more than {PRODUCTS_EXPLAINED_MAX} products are told of."
    )
    units: ShownUnits | None
    events: int | None
    amount_cents: ShownDecimal = Field(description="Exact.")


class PricedMonthAnswer(AnswerSchema):
    """What the units of the month come to at a price that counts by the month, part by part."""

    product_id: str
    product_name: str
    price_version: int
    units: ShownUnits = Field(description="Used in this month, and billed until now.")
    amount_cents: ShownDecimal = Field(description="What these units come to, exact.")
    parts: list[PartAnswer]


class StatementAnswer(AnswerSchema):
    """A month of a customer (UTC): `openingCents` and all lines together are `closingCents`."""

    model_config = ConfigDict(
        json_schema_extra=example(
            customerId="acme",
            customerName="Acme Ltd",
            month="2026-01",
            status="closed",
            firstDate="2026-01-01",
            lastDate="2026-01-31",
            openingCents=0,
            lines=[
                {
                    "kind": "credit",
                    "date": "2026-01-31",
                    "productId": None,
                    "productName": None,
                    "units": None,
                    "events": None,
                    "amountCents": "5000",
                },
                {
                    "kind": "usage",
                    "date": None,
                    "productId": "api-calls",
                    "productName": "API calls",
                    "units": 250,
                    "events": 1,
                    "amountCents": "-62.5",
                },
                {
                    "kind": "rounding",
                    "date": None,
                    "productId": None,
                    "productName": None,
                    "units": None,
                    "events": None,
                    "amountCents": "0.5",
                },
            ],
            closingCents=4938,
            pricedMonths=[],
            firstSeq=1,
            lastSeq=2,
            headHash="f380a74acc233c1e438b28c6e61063451c38a19abe9b38150e1b609b3ad03455",
            outstandingCents=0,
            outstandingRecords=0,
            readAt="2026-02-01T09:00:00.000000Z",
        )
    )

    customer_id: str
    customer_name: str | None
    month: str
    status: Literal["open", "closed"] = Field(
        description="`closed` once the month is over and all of its entries are added up: it never "
        "changes again."
    )
    first_date: ShownDate
    last_date: ShownDate
    opening_cents: Cents
    lines: list[StatementLineAnswer]
    closing_cents: Cents
    priced_months: list[PricedMonthAnswer] = Field(
        description="How usage of this month is priced where prices count by the month, as far as "
        f"it is billed; none where more than {PRODUCTS_EXPLAINED_MAX} products are told of."
    )
    first_seq: int | None = Field(description="The first ledger entry of the month; null for none.")
    last_seq: int | None = Field(description="The last ledger entry of the month.")
    head_hash: str | None = Field(description="The hash of that entry.")
    outstanding_cents: int = Field(description="What billing records ask for at `readAt`.")
    outstanding_records: int
    read_at: ShownInstant


def show_statement(view: StatementView) -> StatementAnswer:
    """Show a statement."""
    statement = view.statement
    days = statement.span.days
    names = {product_id: product.name for product_id, product in view.products.items()}
    return StatementAnswer(
        customer_id=statement.customer_id,
        customer_name=view.customer.name,
        month=statement.month,
        status="closed" if statement.is_closed else "open",
        first_date=view.first.isoformat(),
        last_date=view.last.isoformat(),
        opening_cents=statement.span.opening_cents,
        lines=[_line(line, names) for line in statement.lines],
        closing_cents=statement.span.closing_cents,
        priced_months=[_priced(priced, names) for priced in view.priced],
        first_seq=days[0].first_seq if days else None,
        last_seq=days[-1].last_seq if days else None,
        head_hash=days[-1].head_hash if days else None,
        outstanding_cents=view.wallet.outstanding_cents,
        outstanding_records=view.wallet.outstanding_records,
        read_at=to_text(view.read_at),
    )


def _line(line: StatementLine, names: dict[str, str]) -> StatementLineAnswer:
    return StatementLineAnswer(
        kind=line.kind,
        date=None if line.on is None else line.on.isoformat(),
        product_id=line.product_id,
        product_name=names.get(line.product_id or ""),
        units=None if line.units is None else show_units(line.units),
        events=line.events,
        amount_cents=to_plain(line.amount_cents),
    )


def _priced(priced: PricedMonth, names: dict[str, str]) -> PricedMonthAnswer:
    return PricedMonthAnswer(
        product_id=priced.line.product_id,
        product_name=names[priced.line.product_id],
        price_version=priced.line.price_version,
        units=show_units(priced.billed.units),
        amount_cents=to_plain(priced.billed.debited_cents),
        parts=show_parts(priced.parts),
    )
