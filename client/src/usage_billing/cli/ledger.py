"""`billing ledger`: what moved a wallet, and the proof of it, worked out on this machine."""

import csv
import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from usage_billing.api.problems import CustomerNotFoundError
from usage_billing.chain import Chain
from usage_billing.cli.customers import Limit, say_if_cut
from usage_billing.cli.exits import Exit, UsageProblemError
from usage_billing.cli.output import Columns, counted, money, when
from usage_billing.cli.session import Session, command

group = typer.Typer(help="Ledgers: every posting to a wallet, and its proof.", no_args_is_help=True)

Customer = Annotated[str, typer.Argument(help="The customer's id.", show_default=False)]

COLUMNS = Columns(
    ("entry", lambda it: it["seq"]),
    ("posted", lambda it: when(it["postedAt"])),
    ("kind", lambda it: it["kind"]),
    ("amount", lambda it: money(it["amountCents"])),
    ("balance", lambda it: money(it["balanceCents"])),
    ("reference", lambda it: it["reference"]),
    none="No entries",
    numeric=("entry", "amount", "balance"),
)

PROOF_COLUMNS = Columns(
    ("customer", lambda it: it["customerId"]),
    ("proof", lambda it: "ok" if it["ok"] else "fault"),
    ("entries", lambda it: it["entries"]),
    ("balance", lambda it: money(it["balanceCents"])),
    ("head or fault", lambda it: it["fault"] or f"{it['headHash'][:16]}…"),
    none="No customers",
    numeric=("entries", "balance"),
)

FIELDS = (
    "id",
    "seq",
    "kind",
    "amountCents",
    "balanceCents",
    "reference",
    "postedAt",
    "previousHash",
    "hash",
)


FAULTS_NAMED = 10


class ExportFormat(StrEnum):
    """How a ledger is written."""

    CSV = "csv"
    NDJSON = "ndjson"


@command(group, "show")
def show(
    session: Session,
    customer: Customer,
    limit: Limit = None,
    as_of: Annotated[
        str | None, typer.Option(help="Leave out what was posted after this time (RFC 3339).")
    ] = None,
) -> None:
    """Show the entries of a customer, newest first."""
    page = min(limit or 100, 100)
    found = session.billing.list_ledger_entries(customer, as_of=as_of, limit=page)
    say_if_cut(session, session.output.many(islice(found, limit), COLUMNS), limit)


@command(group, "export")
def export(
    session: Session,
    customer: Customer,
    written_as: Annotated[
        ExportFormat, typer.Option("--format", help="One entry a line in each of them.")
    ] = ExportFormat.CSV,
    to: Annotated[
        Path | None, typer.Option(help="The file to write; it must be new.", show_default="stdout")
    ] = None,
) -> None:
    """Write every entry of a customer, whole, newest first."""
    entries = session.billing.list_ledger_entries(customer, limit=100)
    if to is None:
        count = _write(entries, sys.stdout, written_as)
    else:
        try:
            with to.open("x", encoding="utf-8", newline="") as file:
                count = _write(entries, file, written_as)
        except OSError as error:
            raise UsageProblemError(f"{to} cannot be written: {error.strerror}") from None
    session.output.say(counted(count, "entry", "entries"))


def _write(entries: Any, file: TextIO, written_as: ExportFormat) -> int:  # noqa: ANN401
    table = csv.DictWriter(file, FIELDS, lineterminator="\n", extrasaction="ignore")
    if written_as is ExportFormat.CSV:
        table.writeheader()
    count = 0
    for entry in entries:
        count += 1
        if written_as is ExportFormat.CSV:
            table.writerow(entry)
        else:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    return count


@command(group, "verify")
def verify(
    session: Session,
    customer: Annotated[
        str | None, typer.Argument(help="The customer's id.", show_default=False)
    ] = None,
    everybody: Annotated[
        bool, typer.Option("--all", help="Every customer that is listed.")
    ] = False,
    contains: Annotated[
        str | None, typer.Option(help="A head hash that was kept: the ledger must contain it.")
    ] = None,
) -> Exit:
    """Work out every hash and sum on this machine, from nothing but the entries.

    Trusts no answer of the system's own verification. No list has customers that were deleted;
    their ledgers stay, and are verified by their ids. The exit code is 1 where anything does not
    add up.
    """
    if everybody == (customer is not None):
        raise UsageProblemError("Whose ledger? A customer, or --all")
    if everybody and contains is not None:
        raise UsageProblemError("--contains goes with one customer")
    if customer is not None:
        return _verify_one(session, customer, contains)
    faults: list[str] = []
    session.output.many(_proofs(session, faults), PROOF_COLUMNS)
    if faults:
        more = f" and {len(faults) - FAULTS_NAMED} more" if len(faults) > FAULTS_NAMED else ""
        session.output.complain(f"Not proven: {', '.join(faults[:FAULTS_NAMED])}{more}")
    return Exit.WRONG if faults else Exit.DONE


def _verify_one(session: Session, customer: str, contains: str | None) -> Exit:
    proof = prove(session, customer, contains)
    shown = {name: value(proof) for name, value in PROOF_COLUMNS.of}
    # Whole, so that it can be kept, and given to --contains later.
    session.output.one(proof, {**shown, "head or fault": proof["fault"] or proof["headHash"]})
    return Exit.DONE if proof["ok"] else Exit.WRONG


def _proofs(session: Session, faults: list[str]) -> Iterator[dict[str, object]]:
    for customer in session.billing.list_customers(limit=100):
        proof = prove(session, customer["id"])
        if not proof["ok"]:
            faults.append(customer["id"])
        yield proof


def _wallet(session: Session, customer: str) -> tuple[int, int]:
    """Read how many entries made up a wallet, and what it held then.

    Of a deleted customer only the balance is told, which an entry that is missing must belie.
    """
    try:
        wallet = session.billing.get_wallet(customer)
    except CustomerNotFoundError:
        balance = session.billing.get_balance(customer, limit=1)
        newest = next(iter(session.billing.list_ledger_entries(customer, limit=1)), None)
        return 0 if newest is None else newest["seq"], balance["balanceCents"]
    return wallet["entries"], wallet["balanceCents"]


def prove(session: Session, customer: str, contains: str | None = None) -> dict[str, object]:
    """Check one ledger; the wallet is read first, so that later entries raise no alarm."""
    entries, balance_cents = _wallet(session, customer)
    chain = Chain(customer, entries, balance_cents, wanted_hash=contains)
    for entry in session.billing.list_ledger_entries(customer, limit=100):
        chain.take(entry)
        if chain.entries % 100 == 0:
            session.output.line(f"{customer}: {chain.entries:,} entries")
        if chain.fault is not None:
            break
    fault = chain.end()
    return {
        "customerId": customer,
        "ok": fault is None,
        "entries": chain.entries,
        "balanceCents": balance_cents,
        "sumCents": chain.sum_cents,
        "headHash": chain.head_hash,
        "fault": fault,
    }
