"""Build the days of customers again from the ledger, and have customers closed who are not listed.

    uv run python -m ops.days check acme globex     compare their days with their ledger
    uv run python -m ops.days rebuild acme          the same, put right what differs, and close
    uv run python -m ops.days enlist                list for closing who has entries that wait

`PYTHONPATH=layers/common` has the package. Without `--stack` it is the running local cloud; with it
a deployed stack, by the credentials and region of the shell. Exit status 1: a day differed, or a
ledger does not verify.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from billing.domain.errors import CustomerNotFoundError, IntegrityError
from billing.services.manage_customers import list_customers
from billing.services.paging import PAGE_ITEMS_MAX
from billing.services.rebuild_days import RebuiltDay, close_again, enlist, rebuild_days
from billing.storage.stores import Stores
from ops.deployed import open_deployed

# A ledger of a million entries is read in some minutes.
PATIENCE_SECONDS = 3600.0


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    stores = open_deployed(options.stack, PATIENCE_SECONDS)
    if options.command == "enlist":
        return enlist_all(stores)
    write = options.command == "rebuild"
    return max(rebuild(each, write=write, stores=stores) for each in options.customers)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.days", description=__doc__)
    parser.add_argument("--stack", help="name of a deployed stack; without it, the local cloud")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, told in (
        ("check", "compare, and write nothing"),
        ("rebuild", "compare, and put right what differs"),
    ):
        command = commands.add_parser(name, help=told)
        command.add_argument("customers", metavar="CUSTOMER", nargs="+")
    commands.add_parser("enlist", help="list for closing who has entries and is not listed")
    return parser


def rebuild(customer_id: str, *, write: bool, stores: Stores) -> int:
    """Build a customer's days again and say what differs; returns the exit status."""
    count = differing = 0
    try:
        for day in rebuild_days(customer_id, write=write, stores=stores):
            count += 1
            if day.differs:
                differing += 1
                print(f"{customer_id} {day.date}: {_difference(day)}")
    except (CustomerNotFoundError, IntegrityError) as fault:
        print(f"{customer_id}: {fault}", file=sys.stderr)
        return 1
    done = ", put right" if write and differing else ""
    print(f"{customer_id}: {count} days, {differing} differ{done}")
    wrong = close_again(customer_id, stores=stores, clock=_now) if write else None
    if wrong is not None:
        print(f"{customer_id}: {wrong}", file=sys.stderr)
    return int(differing > 0 or wrong is not None)


def _now() -> datetime:
    return datetime.now(UTC)


def enlist_all(stores: Stores) -> int:
    """List every customer who has entries that wait and is not listed; returns the exit status."""
    enlisted, cursor = 0, None
    while True:
        page = list_customers(limit=PAGE_ITEMS_MAX, cursor=cursor, stores=stores)
        enlisted += sum(enlist(customer.id, stores=stores) for customer in page.items)
        cursor = page.cursor
        if cursor is None:
            break
    print(f"{enlisted} customers are listed now, and closed by the next runs")
    return 0


def _difference(day: RebuiltDay) -> str:
    if day.kept is None:
        return "is missing"
    if day.rebuilt is None:
        return "has no entries"
    names = [
        name for name in day.kept.__slots__ if getattr(day.kept, name) != getattr(day.rebuilt, name)
    ]
    return f"differs in {', '.join(names)}" if names else "is written otherwise"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
