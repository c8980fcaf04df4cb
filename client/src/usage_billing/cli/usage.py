"""`billing usage`: what customers used."""

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, cast

import typer

from usage_billing.api.shapes import BilledEventAnswer
from usage_billing.calls import UNSET
from usage_billing.cli.exits import CommandError, Exit, UsageProblemError
from usage_billing.cli.output import counted, money, when
from usage_billing.cli.prices import exact_cents
from usage_billing.cli.reading import UnreadableFileError
from usage_billing.cli.sender import Sender
from usage_billing.cli.sending import Names, Trouble
from usage_billing.cli.session import Session, command

group = typer.Typer(help="Usage events.", no_args_is_help=True)

Customer = Annotated[str, typer.Argument(help="The customer's id.", show_default=False)]
Event = Annotated[str, typer.Argument(help="The event's id.", show_default=False)]

TROUBLES_SHOWN = 10


@command(group, "send")
def send(
    session: Session,
    file: Annotated[
        str,
        typer.Argument(help="NDJSON, a JSON array or CSV, perhaps gzip; - is stdin."),
    ],
    source: Annotated[
        str | None,
        typer.Option(
            help="What lines without an id are named after, with their place.",
            show_default="the name of the file",
        ),
    ] = None,
    parallel: Annotated[
        int, typer.Option(min=1, max=16, help="How many batches are under way at once.")
    ] = 4,
    problems: Annotated[
        Path | None,
        typer.Option(help="A new file for every line that was not accepted, with its reason."),
    ] = None,
) -> Exit:
    """Send the events of a file, each of which counts once, however often the file is sent.

    An event has customerId, productId, units, and perhaps id and occurredAt, as in the API; columns
    of CSV are named so too. Where the command was killed, run it again: what was recorded before is
    a duplicate. The exit code is 1 where a line was not accepted.
    """
    names = Names(source or Path(file).name, given=source is not None)
    with _opened(file) as stream, _kept(problems) as keep:
        troubles = _Troubles(session, keep)
        sender = Sender(session, names, parallel, troubles.take)
        try:
            # A pipe has no size.
            sender.send(stream, None if file == "-" else Path(file).stat().st_size or None)
        except UnreadableFileError as error:
            raise CommandError(f"{file}: {error}", Exit.USAGE) from None
        except KeyboardInterrupt:
            raise CommandError("Interrupted: send it again to go on", Exit.INTERRUPTED) from None
        finally:
            troubles.tell_rest(problems)
            session.output.one(sender.tally.shown())
    return Exit.WRONG if sender.tally.troubles else Exit.DONE


class _Troubles:
    """Tells the first lines that were not accepted, and keeps all of them where that is wanted."""

    def __init__(self, session: Session, keep: IO[str] | None) -> None:
        self._session = session
        self._keep = keep
        self._count = 0

    def take(self, trouble: Trouble) -> None:
        """Tell or keep one."""
        self._count += 1
        if self._keep is not None:
            self._keep.write(json.dumps(trouble.shown(), ensure_ascii=False) + "\n")
        elif self._count <= TROUBLES_SHOWN:
            self._session.output.complain(
                f"line {trouble.number}: {trouble.outcome}: {trouble.reason}"
            )

    def tell_rest(self, problems: Path | None) -> None:
        """Say what was not shown."""
        if self._keep is None and self._count > TROUBLES_SHOWN:
            more = self._count - TROUBLES_SHOWN
            self._session.output.complain(f"and {more} more: --problems FILE keeps them all")
        if self._keep is not None and self._count:
            lines = counted(self._count, "line")
            self._session.output.complain(f"Not accepted, and kept in {problems}: {lines}")


@contextmanager
def _opened(file: str) -> Iterator[io.BufferedIOBase]:
    if file == "-":
        yield cast("io.BufferedIOBase", sys.stdin.buffer)
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115  What fails later is no matter of opening.
    except OSError as error:
        raise UsageProblemError(f"{file} cannot be read: {error.strerror}") from None
    with stream:
        yield stream


@contextmanager
def _kept(path: Path | None) -> Iterator[IO[str] | None]:
    if path is None:
        yield None
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageProblemError(f"{path} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        yield stream


@command(group, "trace")
def trace(session: Session, customer: Customer, event: Event) -> None:
    """Follow an event: its price, the record that bills it, the entry that paid it, its hash."""
    found = session.billing.get_usage_event(customer, event)
    record = found["record"]
    # The list is the newest first: it begins at the entry, which was posted as the record was paid.
    paid_at = None if record is None else record["paidAt"]
    answer: dict[str, object] = dict(found)
    shown: dict[str, object] = {
        "event": f"{found['units']} {found['productId']}, {when(found['occurredAt'])}",
        **_present(found),
        "price": _price(found["unitPriceCents"]),
        "record": f"{found['recordId']} ({'not made yet' if record is None else record['status']})",
    }
    if record is not None:
        shown["record amount"] = money(record["amountCents"])
    if found["entryId"] is not None:
        seq = int(found["entryId"].rpartition("~")[2])
        entry = next(
            it
            for it in session.billing.list_ledger_entries(customer, limit=100, as_of=paid_at)
            if it["seq"] == seq
        )
        answer["entry"] = entry
        shown["entry"] = f"{entry['seq']}, {when(entry['postedAt'])}, {money(entry['amountCents'])}"
        shown["hash"] = entry["hash"]
    session.output.one(answer, shown)


def _present(event: BilledEventAnswer) -> dict[str, object]:
    """Show what an event counts for, where it was adjusted."""
    now = event.get("presentUnits")
    return {} if now is None else {"counts for": f"{now}, adjusted"}


def _price(unit_price_cents: str | None) -> str:
    if unit_price_cents is None:
        return "by the month"
    return f"{exact_cents(unit_price_cents)} a unit"


Reason = Annotated[str | None, typer.Option(help="Why, for people.")]


@command(group, "void")
def void(session: Session, customer: Customer, event: Event, reason: Reason = None) -> None:
    """Void an event, before it is billed and after: it counts for nothing."""
    _adjusted(session, session.billing.void_usage(customer, event, reason=reason))


@command(group, "correct")
def correct(
    session: Session,
    customer: Customer,
    event: Event,
    units: Annotated[str, typer.Argument(help="What it shall count for.", show_default=False)],
    reason: Reason = None,
) -> None:
    """Correct the units of an event, before it is billed and after."""
    why = UNSET if reason is None else reason
    _adjusted(session, session.billing.correct_usage(customer, event, units, reason=why))


def _adjusted(session: Session, event: BilledEventAnswer) -> None:
    now = event.get("presentUnits")
    shown: dict[str, object] = {
        "event": event["id"],
        "was": f"{event['units']} {event['productId']}",
        "counts for": event["units"] if now is None else now,
    }
    if event["adjustments"]:
        shown["billed by"] = event["adjustments"][-1]["recordId"]
    session.output.one(event, shown)
