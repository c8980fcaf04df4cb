"""What must be true of each change on the way: the books as they stand do not show it.

It is looked at after every schedule, those that end early too, so that it reads the rows as they
are stored, typed, without turning them into plain values first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from billing.storage.stores import Tables
from tests.prove.rows import OUTSTANDING
from tests.prove.store import Store
from tests.prove.tables import Change, RowKey, Table
from tests.prove.values import Row

MOVES: Mapping[str | None, frozenset[str]] = {
    None: frozenset({"pending", "retrying", "paid"}),
    "pending": frozenset({"pending", "paid", "retrying", "void"}),
    "retrying": frozenset({"retrying", "paid", "failed", "void"}),
    "failed": frozenset({"failed", "paid", "retrying", "void"}),
    "paid": frozenset({"paid"}),
    "void": frozenset({"void"}),
}


def wrong_changes(
    changes: Iterable[tuple[Table, Change]], store: Store, tables: Tables
) -> list[str]:
    """Check some changes, the last ones that were made, one by one."""
    found: list[str] = []
    of_accounts: list[Change] = []
    for table, change in changes:
        if table.name == tables.ledger and change.before is not None:
            found.append(f"{change.key[1]} of the ledger was changed")
        if table.name == tables.accounts:
            found += _of_change(change)
            of_accounts.append(change)
    rows = store.tables[tables.accounts].rows
    found += _suspended_for_nothing(of_accounts)
    found += _given_up_with_money(rows, of_accounts)
    found += _overtaken(rows, of_accounts)
    return found


def _of_change(change: Change) -> Iterator[str]:
    kind = change.key[1].partition("#")[0]
    if kind == "WALLET" and change.before is not None and change.after is not None:
        yield from _of_wallet(change.before, change.after)
    if kind == "RECORD" and change.after is not None:
        before = None if change.before is None else _text(change.before, "status")
        after = _text(change.after, "status")
        if after not in MOVES[before]:
            yield f"{_text(change.after, 'recordId')} went from {before} to {after}"
    was_deleted = (
        kind == "PROFILE"
        and change.before is not None
        and _text(change.before, "status") == "deleted"
    )
    if was_deleted and (change.after is None or _text(change.after, "status") != "deleted"):
        yield "a deleted customer came back"


def _suspended_for_nothing(log: Sequence[Change]) -> Iterator[str]:
    """Invariant 7: dunning suspends in the call that calls a record of the customer failed.

    Money may pay what failed and leave younger records, which keep the customer suspended: only at
    the call itself do both stand side by side.
    """
    given_up = {change.key[0] for change in log if _becomes(change, "RECORD", "status", "failed")}
    for change in log:
        suspends = _becomes(change, "PROFILE", "suspendedBy", "dunning")
        if suspends and change.key[0] not in given_up:
            yield f"dunning suspended {change.key[0]}, and no record was given up"


def _given_up_with_money(
    rows: Mapping[str, Mapping[str, Row]], log: Sequence[Change]
) -> Iterator[str]:
    """No record is given up that the wallet covers at that moment, however the money came."""
    given_up = [change for change in log if _becomes(change, "RECORD", "status", "failed")]
    for change in given_up:
        pk, later = change.key[0], log[log.index(change) :]
        now = rows.get(pk, {}).get("WALLET")
        wallet = next((each.before for each in later if each.key == (pk, "WALLET")), now)
        if wallet is None or change.after is None:
            continue
        left = _number(wallet, "balanceCents") - _number(change.after, "amountCents")
        if left >= _number(wallet, "floorCents"):
            yield f"{_text(change.after, 'recordId')} was given up, and the wallet covered it"


def _becomes(change: Change, kind: str, name: str, text: str) -> bool:
    if change.key[1].partition("#")[0] != kind or change.after is None:
        return False
    was = None if change.before is None else _optional(change.before, name)
    return was != text and _optional(change.after, name) == text


def _of_wallet(before: Row, after: Row) -> Iterator[str]:
    """Invariant 4: a charge leaves the floor untouched."""
    balance_cents = _number(after, "balanceCents")
    charged = balance_cents < _number(before, "balanceCents")
    if charged and balance_cents < _number(before, "floorCents"):
        yield f"a charge took the balance to {balance_cents}, below the floor"


def _overtaken(rows: Mapping[str, Mapping[str, Row]], log: Sequence[Change]) -> Iterator[str]:
    """Money pays first in, first out: no record is paid while an older one asks for money.

    One that gives money back takes none from the older one.
    """
    of_records = [change for change in log if change.key[1].startswith("RECORD#")]
    if not of_records:
        return
    standing = {
        (pk, sk): row
        for pk, part in rows.items()
        for sk, row in part.items()
        if sk.startswith("RECORD#")
    }
    for change in reversed(of_records):
        if change.before is not None:
            standing[change.key] = change.before
        else:
            standing.pop(change.key, None)
    for change in of_records:
        if change.after is None:
            continue
        standing[change.key] = change.after
        if _text(change.after, "status") == "paid" and _number(change.after, "amountCents") > 0:
            yield from _older_than(change.after, change.key[0], standing)


def _older_than(paid: Row, pk: str, standing: Mapping[RowKey, Row]) -> Iterator[str]:
    for key, row in standing.items():
        older = key[0] == pk and _text(row, "createdAt") < _text(paid, "createdAt")
        if older and _text(row, "status") in OUTSTANDING:
            name, other = _text(paid, "recordId"), _text(row, "recordId")
            yield f"{name} was paid before {_text(row, 'status')} {other}"


def _text(row: Row, name: str) -> str:
    text: str = row.item[name]["S"]
    return text


def _optional(row: Row, name: str) -> str | None:
    return row.item[name].get("S") if name in row.item else None


def _number(row: Row, name: str) -> int:
    return int(row.item[name]["N"])
