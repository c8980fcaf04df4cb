"""What was billed day by day, of a customer or of all."""

from collections.abc import Iterable
from typing import ClassVar

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.days import Day, DayReport
from billing.domain.errors import ClosingBehindError, CustomerNotFoundError, LimitReachedError
from billing.domain.ledger import EntryKind
from billing.domain.money import to_plain
from billing.edge.api.shared import show_units
from billing.edge.http.fields import Cents, Date, Id, ShownDate, ShownDecimal, ShownUnits
from billing.edge.http.routes import Route
from billing.edge.http.schema import AnswerSchema, ListAnswer, Schema, example


class ReportQuery(Schema):
    """Which days (UTC), both included."""

    first: Date = Field(alias="from", description="The first day, such as 2026-01-01.")
    last: Date = Field(alias="to", description="The last day, fewer than 92 days later.")


class SeriesQuery(Schema):
    """Of whom, and which days (UTC), both included."""

    customer_id: Id = Field(description="Whose usage.")
    first: Date = Field(alias="from", description="The first day, such as 2026-01-01.")
    last: Date = Field(alias="to", description="The last day, fewer than 92 days later.")


class ProductDayAnswer(AnswerSchema):
    """What was billed of a product on a day: by when it was paid, not by when it was used."""

    date: ShownDate
    product_id: str
    units: ShownUnits
    events: int
    amount_cents: ShownDecimal = Field(description="Exact; above 0 for what was debited.")


class SeriesAnswer(ListAnswer[ProductDayAnswer]):
    """Days and products, oldest first, in one page."""

    model_config = ConfigDict(
        json_schema_extra=example(
            items=[
                {
                    "date": "2026-01-31",
                    "productId": "api-calls",
                    "units": 250,
                    "events": 1,
                    "amountCents": "62.5",
                }
            ],
            cursor=None,
        )
    )


class DayAnswer(AnswerSchema):
    """What the entries of a day come to, by kind; debits below 0."""

    date: ShownDate
    credits_cents: Cents
    usage_cents: Cents
    charges_cents: Cents
    refunds_cents: Cents


class ReportsAnswer(AnswerSchema):
    """Days of all customers, and days by product, oldest first, in one page."""

    lists: ClassVar[str | None] = "items"

    days: list[DayAnswer]
    items: list[ProductDayAnswer]
    cursor: str | None = Field(default=None, description="Null: there is one page.")


def show_series(days: Iterable[Day]) -> SeriesAnswer:
    """Show days of a customer."""
    return SeriesAnswer(items=[row for day in days for row in _products(day)], cursor=None)


def show_reports(reports: Iterable[DayReport]) -> ReportsAnswer:
    """Show days of all customers."""
    reports = list(reports)
    return ReportsAnswer(
        days=[_day(report) for report in reports],
        items=[row for report in reports for row in _products(report)],
    )


def _day(report: DayReport) -> DayAnswer:
    cents = report.totals.by_kind
    return DayAnswer(
        date=report.date.isoformat(),
        credits_cents=cents.get(EntryKind.CREDIT, 0),
        usage_cents=cents.get(EntryKind.USAGE, 0),
        charges_cents=cents.get(EntryKind.CHARGE, 0),
        refunds_cents=cents.get(EntryKind.REFUND, 0),
    )


def _products(day: Day | DayReport) -> list[ProductDayAnswer]:
    return [
        ProductDayAnswer(
            date=day.date.isoformat(),
            product_id=product_id,
            units=show_units(totals.units),
            events=totals.events,
            amount_cents=to_plain(totals.amount_cents),
        )
        for product_id, totals in sorted(day.totals.by_product.items())
    ]


READ = Route(
    "GET",
    "/usage/series",
    Scope.BILLING_READ,
    "Read what was billed of a customer's usage, by day and product",
    "getUsageSeries",
    query=SeriesQuery,
    response=SeriesAnswer,
    statuses={200: "Days and products, oldest first."},
    own_errors=(CustomerNotFoundError, LimitReachedError, ClosingBehindError),
)

READ_REPORTS = Route(
    "GET",
    "/reports/days",
    Scope.BILLING_READ,
    "Read what all customers were billed, by day and product",
    "getDayReports",
    query=ReportQuery,
    response=ReportsAnswer,
    statuses={200: "Days, oldest first, as far as the closing run has come."},
    own_errors=(LimitReachedError,),
)

ROUTES = (READ, READ_REPORTS)
