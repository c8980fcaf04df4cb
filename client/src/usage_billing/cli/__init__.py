"""The command `billing`: a module a group of commands, over the client of this package."""

import sys

_OF_THE_EXTRA = frozenset({"rich", "typer"})


def main() -> None:
    """Run the command; without its extra, say what to install."""
    try:
        from usage_billing.cli.app import app  # noqa: PLC0415  Who sends usage alone has no Typer.
    except ModuleNotFoundError as error:
        if error.name not in _OF_THE_EXTRA:
            raise
        # As where a setting is missing.
        sys.stderr.write("The command needs its extra: install usage-billing-client[cli]\n")
        sys.exit(2)
    app()
