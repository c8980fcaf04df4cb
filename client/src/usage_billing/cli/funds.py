"""`billing funds`: money for wallets."""

import re
from decimal import Decimal
from typing import Annotated

import typer

from usage_billing.calls import new_id
from usage_billing.cli.customers import Customer
from usage_billing.cli.exits import UsageProblemError
from usage_billing.cli.output import money
from usage_billing.cli.session import Session, command

group = typer.Typer(help="Money for wallets.", no_args_is_help=True)

# As it is read aloud: a Decimal would read 1e3 and 1_0 too.
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?", re.ASCII)


def cents_of(text: str) -> int:
    """Read an amount in major units, such as 50 or 12.50, as cents; exactly, or not at all."""
    cents = int(Decimal(text) * 100) if _AMOUNT.fullmatch(text) else 0
    if not cents:
        raise UsageProblemError(f"{text} is no amount above 0, such as 50 or 12.50")
    return cents


@command(group, "add")
def add(
    session: Session,
    customer: Customer,
    amount: Annotated[
        str, typer.Argument(help="In major units, such as 50 or 12.50.", show_default=False)
    ],
    idempotency_key: Annotated[
        str | None,
        typer.Option(help="Your name for this payment: the same one again adds nothing."),
    ] = None,
) -> None:
    """Add money to a wallet, once for each idempotency key."""
    cents = cents_of(amount)
    key = new_id() if idempotency_key is None else idempotency_key
    if idempotency_key is None:
        # Said before it is sent: whoever is cut off knows under which name to ask again.
        session.output.say(f"To repeat this safely: --idempotency-key {key}")
    added = session.billing.add_funds(customer, cents, idempotency_key=key)
    session.output.one(
        {**added, "idempotencyKey": key},
        {"entry": added["entryId"], "balance": money(added["balanceCents"])},
    )
