"""The command `billing`."""

from importlib.metadata import version
from typing import Annotated

import typer

from usage_billing.cli import (
    customers,
    funds,
    jobs,
    keys,
    ledger,
    logs,
    prices,
    retries,
    statements,
    status,
    system,
    usage,
)

app = typer.Typer(
    name="billing",
    help="Usage-based billing from a terminal. Data goes to stdout, words and progress to stderr.",
    no_args_is_help=True,
    # A fault of this program is shown as Python shows it, without the values of variables.
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

GROUPS = {
    "usage": usage.group,
    "customer": customers.group,
    "funds": funds.group,
    "ledger": ledger.group,
    "retries": retries.group,
    "logs": logs.group,
    "prices": prices.group,
    "jobs": jobs.group,
    "keys": keys.group,
}


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"billing {version('usage-billing-client')}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Keep the options of the command itself."""


system.add_to(app)
status.add_to(app)
statements.add_to(app)
for name, group in GROUPS.items():
    app.add_typer(group, name=name)
