"""`billing statement`: what a month of a customer came to."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from usage_billing.cli.customers import Customer
from usage_billing.cli.output import Columns, money
from usage_billing.cli.prices import exact_cents
from usage_billing.cli.session import Session, command

LINES = Columns(
    ("line", lambda it: it["kind"]),
    ("date", lambda it: it["date"]),
    ("product", lambda it: it["productName"] or it["productId"]),
    ("units", lambda it: it["units"]),
    ("amount", lambda it: exact_cents(it["amountCents"])),
    none="Nothing was posted in this month",
    numeric=("units", "amount"),
)


def statement(
    session: Session,
    customer: Customer,
    month: Annotated[
        str | None,
        typer.Argument(help="A month in UTC, such as 2026-01.", show_default="this month"),
    ] = None,
) -> None:
    """Show what a month of a customer came to, from the opening to the closing balance."""
    found = session.billing.get_statement(customer, month or f"{datetime.now(UTC):%Y-%m}")
    if session.output.as_json:
        session.output.one(found)
        return
    session.output.one(
        found,
        {
            "customer": found["customerName"] or found["customerId"],
            "from": found["firstDate"],
            "to": f"{found['lastDate']} ({found['status']})",
            "opening": money(found["openingCents"]),
        },
    )
    session.output.text("\n")
    session.output.many(found["lines"], LINES)
    session.output.text("\n")
    outstanding = f"{money(found['outstandingCents'])} ({found['outstandingRecords']})"
    closing = money(found["closingCents"])
    session.output.one(found, {"closing": closing, "outstanding now": outstanding})


def add_to(group: typer.Typer) -> None:
    """Add the command to a group."""
    command(group, "statement")(statement)
