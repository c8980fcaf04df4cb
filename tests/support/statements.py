"""A statement for the tests of what it looks like, made of days as the closing run leaves them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from billing.domain.customers import Customer, Mode, Terms
from billing.domain.days import Day, ProductTotals, Totals, month_days
from billing.domain.ledger import EntryKind, Wallet
from billing.domain.months import MonthTotal
from billing.domain.price_models import Graduated, Tier
from billing.domain.prices import Price, flat
from billing.domain.pricing import PriceVersion, Product
from billing.domain.statements import PricedMonth, Span, make_statement
from billing.domain.tabs import LineKey
from billing.services.read_statement import StatementView

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
FEBRUARY_1 = datetime(2026, 2, 1, 9, tzinfo=UTC)
STORAGE = Price(
    Graduated(
        (
            Tier(Decimal(1000), Decimal("0.1")),
            Tier(Decimal(10000), Decimal("0.05"), Decimal(100)),
            Tier(None, Decimal("0.02")),
        )
    ),
    Decimal(100),
)


def _day(number: int, opening_cents: int, seqs: tuple[int, int], totals: Totals) -> Day:
    closing_cents = opening_cents + totals.sum_cents
    digest = f"{number:02d}" * 32
    on = date(2026, 1, number)
    return Day("acme", on, opening_cents, closing_cents, *seqs, digest, totals)


def _days() -> list[Day]:
    calls = ProductTotals(Decimal(125_000), Decimal(31_250), 1250)
    some = ProductTotals(Decimal(250), Decimal("62.5"), 2)
    voided = ProductTotals(Decimal(-2000), Decimal(-500), 20)
    stored = ProductTotals(Decimal(4100), Decimal(340), 31)
    return [
        _day(2, 1250, (12, 12), Totals({EntryKind.CREDIT: 50_000})),
        _day(15, 51_250, (13, 14), Totals({EntryKind.USAGE: -31_250}, {"api-calls": calls})),
        _day(20, 20_000, (15, 15), Totals({EntryKind.CHARGE: -12_000})),
        _day(22, 8000, (16, 16), Totals({EntryKind.REFUND: 2000})),
        _day(
            23,
            10_000,
            (17, 17),
            Totals({EntryKind.USAGE: 500}, {"api-calls": replace(voided, taken_back=voided)}),
        ),
        _day(
            31,
            10_500,
            (18, 20),
            Totals({EntryKind.USAGE: -402}, {"storage": stored, "api-calls": some}),
        ),
    ]


def _product(product_id: str, name: str, price: Price) -> Product:
    return Product(product_id, name, 0, (PriceVersion(1, price, NEW_YEAR),), NEW_YEAR, 1)


def sample_statement(*, name: str = "Acme Ltd", is_closed: bool = True) -> StatementView:
    """Make the statement of a customer who paid in, used, was charged and refunded."""
    first, last = month_days("2026-01")
    days = _days()
    span = Span(days[0].opening_cents, days)
    terms = Terms(
        name=name,
        email=None,
        mode=Mode.POSTPAID,
        credit_limit_cents=None,
        retry_schedule_seconds=None,
    )
    stored = MonthTotal(Decimal(4100), STORAGE.amount(Decimal(4100)))
    return StatementView(
        statement=make_statement("acme", "2026-01", span, is_closed=is_closed),
        customer=Customer.new("acme", terms, now=NEW_YEAR),
        wallet=replace(Wallet("acme"), outstanding_cents=4200, outstanding_records=1),
        read_at=FEBRUARY_1,
        first=first,
        last=last,
        products={
            "api-calls": _product("api-calls", "API calls", flat(Decimal("0.25"))),
            "storage": _product("storage", "Storage, gigabyte-days", STORAGE),
        },
        priced=[
            PricedMonth(LineKey("storage", 1, "2026-01"), stored, STORAGE.explain(stored.units))
        ],
    )


def long_name() -> str:
    """Give a name that tries whatever a page may get wrong."""
    return '<script>alert(1)</script> & "Søns" \u05d0\u05d1\u05d2 ' + "x" * 150
