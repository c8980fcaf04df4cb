"""A ledger is proven from its entries alone, and whatever was done to it is found."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from billing.domain.ledger import EntryKind, Wallet, post
from billing.edge.api.balance import show_ledger
from billing.services.read_ledger import LedgerPage
from usage_billing.api.shapes import EntryAnswer
from usage_billing.chain import Chain

AMOUNTS = (500, -120, 70, -450)
BEGIN = datetime(2026, 1, 31, 9, tzinfo=UTC)


def ledger() -> list[EntryAnswer]:
    """Post some amounts by the product's own rules; returns the entries as they are listed."""
    wallet, entries = Wallet("zoë"), []
    for number, amount in enumerate(AMOUNTS):
        entry, wallet = post(
            wallet,
            kind=EntryKind.CREDIT,
            amount_cents=amount,
            reference=f"Grüße {number}",
            now=BEGIN + timedelta(seconds=number),
        )
        entries.append(entry)
    shown = show_ledger(LedgerPage(entries[::-1], wallet.balance_cents, None))
    items: list[EntryAnswer] = json.loads(shown.model_dump_json())["items"]
    return items


def checked(
    entries: list[EntryAnswer],
    *,
    wallet_entries: int = 4,
    wallet_cents: int = 0,
    kept: str | None = None,
) -> Chain:
    """Check a ledger whose wallet was read before."""
    chain = Chain("zoë", wallet_entries, wallet_cents, wanted_hash=kept)
    for entry in entries:
        chain.take(entry)
    chain.end()
    return chain


def test_a_ledger_is_proven() -> None:
    entries = ledger()
    chain = checked(entries)
    assert (chain.fault, chain.entries, chain.sum_cents) == (None, 4, 0)
    assert chain.head_hash == entries[0]["hash"]


def test_an_empty_ledger_is_proven() -> None:
    assert checked([], wallet_entries=0).fault is None
    assert checked([], wallet_entries=2).fault == "entry 2 is missing"
    assert checked([], wallet_entries=0, wallet_cents=5).fault is not None


def test_entries_that_came_after_the_wallet_was_read_raise_no_alarm() -> None:
    assert checked(ledger(), wallet_entries=3, wallet_cents=450).fault is None


def test_a_hash_that_was_kept_is_looked_for() -> None:
    entries = ledger()
    assert checked(entries, kept=entries[2]["hash"]).fault is None
    assert checked(entries, kept="0" * 64).fault == "no entry has the hash that was kept"


def changed(entries: list[EntryAnswer]) -> None:
    entries[1]["amountCents"] += 1


def removed(entries: list[EntryAnswer]) -> None:
    del entries[1]


def newest_removed(entries: list[EntryAnswer]) -> None:
    del entries[0]


def first_removed(entries: list[EntryAnswer]) -> None:
    del entries[3]


def swapped(entries: list[EntryAnswer]) -> None:
    entries[1], entries[2] = entries[2], entries[1]


def doubled(entries: list[EntryAnswer]) -> None:
    entries.insert(1, entries[1])


@pytest.mark.parametrize(
    ("tampered", "fault"),
    [
        (changed, "entry 3 was changed"),
        (removed, "entry 3 is missing"),
        (newest_removed, "entry 4 is missing"),
        (first_removed, "entry 1 is missing"),
        (swapped, "is missing"),
        (doubled, "is missing"),
    ],
)
def test_whatever_was_done_to_a_ledger_is_found(
    tampered: Callable[[list[EntryAnswer]], None], fault: str
) -> None:
    entries = ledger()
    tampered(entries)
    assert fault in str(checked(entries).fault)


def test_a_wallet_that_holds_something_else_is_found() -> None:
    assert checked(ledger(), wallet_cents=1).fault == "the wallet does not hold what entry 4 says"


def test_a_chain_that_was_written_anew_from_an_entry_on_is_found_by_a_hash_that_was_kept() -> None:
    kept = ledger()[0]["hash"]
    assert checked(ledger()[1:], wallet_entries=3, wallet_cents=450, kept=kept).fault is not None
