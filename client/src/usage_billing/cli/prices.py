"""`billing prices`: what units would cost."""

import json
from decimal import Decimal
from typing import Annotated, Any

import typer

from usage_billing.cli.exits import UsageProblemError
from usage_billing.cli.output import Columns
from usage_billing.cli.session import Session, command

group = typer.Typer(help="Prices.", no_args_is_help=True)


CENT = Decimal("0.01")


def exact_cents(text: str) -> str:
    """Write exact cents in major units, with all their digits: 0.25 cents as 0.0025."""
    amount = Decimal(text).scaleb(-2)
    whole = amount.quantize(CENT)
    return format(whole if whole == amount else amount, ",f")


COLUMNS = Columns(
    ("units", lambda it: it["units"]),
    ("amount", lambda it: exact_cents(it["amountCents"])),
    ("made of", lambda it: _parts(it["explanation"])),
    none="No units",
    numeric=("units", "amount"),
)


# What the quantity of a part counts, where that is not just units.
KINDS = {"units": "", "packages": "packages ", "tier": "of a tier ", "free": "free "}


def _parts(parts: list[dict[str, Any]]) -> str:
    texts = []
    for part in parts:
        text = f"{part['quantity']} {KINDS[part['kind']]}x {exact_cents(part['priceCents'])}"
        if Decimal(part["flatPriceCents"]):
            text += f" + {exact_cents(part['flatPriceCents'])}"
        texts.append(text)
    return "; ".join(texts)


@command(group, "preview")
def preview(
    session: Session,
    product_or_price: Annotated[
        str,
        typer.Argument(
            help="A product's id, or a draft: a price as JSON, as in docs/pricing.md.",
            show_default=False,
        ),
    ],
    units: Annotated[list[str], typer.Argument(help="Quantities.", show_default=False)],
    customer: Annotated[
        str | None, typer.Option(help="On top of what they used of the product this month.")
    ] = None,
) -> None:
    """Show what units would cost, and why. Writes nothing."""
    chosen: dict[str, Any] = (
        {"price": _draft(product_or_price)}
        if product_or_price.lstrip().startswith("{")
        else {"product_id": product_or_price}
    )
    answer = session.billing.preview_price(units, customer_id=customer, **chosen)
    if session.output.as_json:
        session.output.one(answer)
        return
    session.output.many(answer["items"], COLUMNS)
    if customer is not None:
        before = exact_cents(answer["amountBeforeCents"])
        session.output.say(f"On top of {answer['unitsBefore']} units for {before} in this month")


def _draft(text: str) -> dict[str, Any]:
    try:
        price: dict[str, Any] = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise UsageProblemError(f"The price is not JSON: {error}") from None
    return price
