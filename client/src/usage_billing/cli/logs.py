"""`billing logs`: usage that is read from files of the bucket."""

from itertools import islice
from typing import Annotated

import typer

from usage_billing.cli.customers import Limit, say_if_cut
from usage_billing.cli.output import Columns, when
from usage_billing.cli.session import Session, command

group = typer.Typer(help="Log files in the bucket.", no_args_is_help=True)

FILES = Columns(
    ("file", lambda it: it["id"]),
    ("key", lambda it: it["key"]),
    ("state", lambda it: it["state"]),
    ("lines", lambda it: it["lines"]),
    ("accepted", lambda it: it["accepted"]),
    ("not", lambda it: it["lines"] - it["accepted"]),
    none="No log files",
    numeric=("lines", "accepted", "not"),
)

PROBLEMS = Columns(
    ("line", lambda it: it["line"]),
    ("outcome", lambda it: it["outcome"]),
    ("reason", lambda it: it["reason"]),
    none="Every line was accepted",
    numeric=("line",),
)


@command(group, "show")
def show(
    session: Session,
    file: Annotated[
        str | None, typer.Argument(help="A file's id.", show_default="all files")
    ] = None,
    limit: Limit = None,
) -> None:
    """Show log files, or what became of one, with the lines that were not accepted."""
    size = min(limit or 100, 100)
    if file is None:
        found = session.billing.list_log_files(limit=size)
        say_if_cut(session, session.output.many(islice(found, limit), FILES), limit)
        return
    answer = session.billing.get_log_file(file, limit=size)
    if session.output.as_json:
        session.output.one(answer)
        return
    names = ("key", "state", "reason", "lines", "accepted", "duplicate", "conflict", "rejected")
    counts = {name: value for name, value in answer.items() if name in names and value is not None}
    session.output.one(answer, {**counts, "read": when(answer["finishedAt"])})
    session.output.text("\n")
    session.output.many(answer["problems"]["items"], PROBLEMS)
    if answer["problems"]["cursor"] is not None:
        session.output.say(f"There are more than these {size} lines: --limit")
