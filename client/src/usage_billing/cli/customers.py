"""`billing customer`: who is billed."""

from itertools import islice
from typing import Annotated, Literal

import typer

from usage_billing.cli.exits import UsageProblemError
from usage_billing.cli.output import Columns, money, when
from usage_billing.cli.session import Session, command

group = typer.Typer(help="Customers: who is billed, and on which terms.", no_args_is_help=True)

Customer = Annotated[str, typer.Argument(help="The customer's id.", show_default=False)]
Limit = Annotated[
    int | None, typer.Option(min=1, help="Show no more than so many.", show_default="all")
]

COLUMNS = Columns(
    ("customer", lambda it: it["id"]),
    ("name", lambda it: it["name"]),
    ("mode", lambda it: it["mode"]),
    ("status", lambda it: it["status"]),
    ("since", lambda it: when(it["createdAt"])),
    none="No customers",
)


def say_if_cut(session: Session, shown: int, limit: int | None) -> None:
    """Say that a list may go on behind its limit."""
    if limit is not None and shown == limit:
        session.output.say(f"There may be more: cut by --limit {limit}")


@command(group, "list")
def list_customers(
    session: Session,
    status: Annotated[
        Literal["suspended"] | None, typer.Option(help="Only those that are suspended.")
    ] = None,
    email: Annotated[str | None, typer.Option(help="The one with this address.")] = None,
    id_prefix: Annotated[str | None, typer.Option(help="Those whose ids begin so.")] = None,
    limit: Limit = None,
) -> None:
    """List customers, newest first, or find some of them."""
    found = session.billing.list_customers(
        limit=min(limit or 100, 100), status=status, email=email, id_prefix=id_prefix
    )
    say_if_cut(session, session.output.many(islice(found, limit), COLUMNS), limit)


@command(group, "show")
def show(session: Session, customer: Customer) -> None:
    """Show a customer and their money."""
    found = session.billing.get_customer(customer)
    balance = session.billing.get_balance(customer, limit=1)
    wallet = session.billing.get_wallet(customer)
    answer = {
        **found,
        **{name: balance[name] for name in ("balanceCents", "pendingCents", "availableCents")},
        **{name: wallet[name] for name in ("outstandingCents", "outstandingRecords", "floorCents")},
    }
    shown = {
        "customer": found["id"],
        "name": found["name"],
        "e-mail": found["email"],
        "mode": found["mode"],
        "status": found["status"],
        "suspended by": found["suspendedBy"],
        "balance": money(balance["balanceCents"]),
        "pending": money(balance["pendingCents"]),
        "available": money(balance["availableCents"]),
        "outstanding": f"{money(wallet['outstandingCents'])} ({wallet['outstandingRecords']})",
        "made": when(found["createdAt"]),
    }
    session.output.one(answer, {name: it for name, it in shown.items() if it is not None})


@command(group, "create")
def create(
    session: Session,
    customer: Annotated[
        str | None, typer.Argument(help="Your id for them.", show_default="made by the system")
    ] = None,
    name: Annotated[str | None, typer.Option(help="A name for people.")] = None,
    email: Annotated[str | None, typer.Option(help="Unique among customers.")] = None,
    postpaid: Annotated[
        bool, typer.Option("--postpaid", help="The balance may fall below zero.")
    ] = False,
    credit_limit_cents: Annotated[
        int | None, typer.Option(min=0, help="How far below; only with --postpaid.")
    ] = None,
) -> None:
    """Make a customer with an empty wallet."""
    if credit_limit_cents is not None and not postpaid:
        raise UsageProblemError("--credit-limit-cents goes with --postpaid")
    made = session.billing.create_customer(
        id=customer,
        name=name,
        email=email,
        mode="postpaid" if postpaid else "prepaid",
        credit_limit_cents=credit_limit_cents,
    )
    session.output.many([made], COLUMNS)


@command(group, "suspend")
def suspend(session: Session, customer: Customer) -> None:
    """Suspend a customer until they are activated; usage is still recorded."""
    session.output.many([session.billing.suspend_customer(customer)], COLUMNS)


@command(group, "activate")
def activate(session: Session, customer: Customer) -> None:
    """Lift a suspension, and charge what is outstanding."""
    session.output.many([session.billing.activate_customer(customer)], COLUMNS)
