"""`billing retries`: charges that failed, and what becomes of them."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any, Literal

import typer

from usage_billing.cli.customers import Limit, say_if_cut
from usage_billing.cli.exits import Exit
from usage_billing.cli.output import Columns, money, when
from usage_billing.cli.session import Session, command

group = typer.Typer(help="Retries of charges that failed.", no_args_is_help=True)

Record = Annotated[
    str, typer.Argument(help="The billing record that leads them.", show_default=False)
]

RunStatus = Literal["running", "succeeded", "failed", "timed_out", "aborted"]

POLL_SECONDS = 1.0

RUNS = Columns(
    ("record", lambda it: it["recordId"]),
    ("amount", lambda it: money(it["amountCents"])),
    ("record is", lambda it: it["recordStatus"]),
    ("attempts", lambda it: len(it["attempts"])),
    ("next", lambda it: when(it["nextAttemptAt"])),
    ("run", lambda it: it["status"]),
    none="No retries",
    numeric=("amount", "attempts"),
)


def _number(attempt: Mapping[str, Any]) -> str:
    """Number an attempt of the schedule; somebody asked for others, or money came."""
    number = attempt["number"]
    return "unscheduled" if number is None else str(number)


ATTEMPTS = Columns(
    ("attempt", _number),
    ("at", lambda it: when(it["at"])),
    ("outcome", lambda it: it["outcome"]),
    ("balance", lambda it: money(it["balanceCents"])),
    none="No attempts yet",
    numeric=("balance",),
)


@command(group, "list")
def list_retries(
    session: Session,
    status: Annotated[RunStatus | None, typer.Option(help="Only those with this status.")] = None,
    limit: Limit = None,
) -> None:
    """List runs of retries, newest first."""
    found = session.billing.list_executions(limit=min(limit or 100, 100), status=status)
    say_if_cut(session, session.output.many(islice(found, limit), RUNS), limit)


@command(group, "show")
def show(session: Session, record: Record) -> None:
    """Show the retries that a billing record leads or led."""
    _show(session, session.billing.get_execution(record))


def _show(session: Session, run: Mapping[str, Any]) -> None:
    if session.output.as_json:
        session.output.one(run)
        return
    session.output.many([run], RUNS)
    session.output.text("\n")
    session.output.many(run["attempts"], ATTEMPTS)


@command(group, "charge")
def charge(session: Session, record: Record) -> Exit:
    """Charge a billing record now; the exit code is 1 where the money is too little."""
    done = session.billing.charge_record(record)
    shown = {
        "record": record,
        "outcome": done["outcome"],
        "amount": money(done["record"]["amountCents"]),
        "balance": money(done["balanceCents"]),
    }
    session.output.one(done, shown)
    return Exit.WRONG if done["outcome"] == "insufficient_funds" else Exit.DONE


@command(group, "void")
def void(
    session: Session,
    record: Record,
    reason: Annotated[str | None, typer.Option(help="Why, for people.")] = None,
) -> None:
    """Take back a billing record that is not paid, for ever."""
    done = session.billing.void_record(record, reason=reason)
    shown = {"record": done["id"], "status": done["status"], "amount": money(done["amountCents"])}
    session.output.one(done, shown)


@command(group, "watch")
def watch(session: Session, record: Record) -> Exit:
    """Follow retries until they end; the exit code is 1 where the record is not paid then."""
    seen = 0
    while True:
        run = session.billing.get_execution(record)
        for attempt in run["attempts"][seen:]:
            _tell(session, attempt)
        seen = len(run["attempts"])
        if run["status"] != "running":
            break
        session.output.line(_waiting(run["nextAttemptAt"]))
        time.sleep(POLL_SECONDS)
    session.output.say(f"The record is {run['recordStatus']}")
    if session.output.as_json:
        session.output.one(run)
    return Exit.DONE if run["recordStatus"] in {"paid", "void"} else Exit.WRONG


def _tell(session: Session, attempt: Mapping[str, Any]) -> None:
    if not session.output.as_json:
        balance = money(attempt["balanceCents"])
        outcome = f"{attempt['outcome']}, balance {balance}"
        session.output.text(f"{when(attempt['at'])}  attempt {_number(attempt)}: {outcome}\n")


def _waiting(next_at: str | None) -> str:
    if next_at is None:
        return "An attempt is under way"
    seconds = (datetime.fromisoformat(next_at) - datetime.now(UTC)).total_seconds()
    return f"Next attempt in {max(0, round(seconds))} s"
