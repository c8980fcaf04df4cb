"""The ledger proves itself: whatever is changed in it is found."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from billing.domain.errors import IntegrityError
from billing.domain.ledger import (
    GENESIS_HASH,
    ChainState,
    Entry,
    EntryKind,
    Wallet,
    entry_hash,
    post,
    verify_chain,
)
from billing.domain.money import MAX_CENTS
from tests.support.clock import START

_DEBITS = (EntryKind.USAGE, EntryKind.CHARGE)

amounts = st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=8)


def posted(cents: list[int]) -> tuple[list[Entry], Wallet]:
    """Post amounts one after another, a minute apart."""
    wallet = Wallet("acme")
    entries = []
    for number, amount in enumerate(cents):
        entry, wallet = post(
            wallet,
            kind=EntryKind.CREDIT if amount > 0 else _DEBITS[number % 2],
            amount_cents=amount,
            reference=f"reference-{number}",
            now=START + timedelta(minutes=number),
        )
        entries.append(entry)
    return entries, wallet


@given(amounts)
def test_a_chain_as_it_was_posted_adds_up_to_its_wallet(cents: list[int]) -> None:
    entries, wallet = posted(cents)
    state, fault = verify_chain(entries, ChainState())

    assert fault is None
    assert state == ChainState(len(cents), sum(cents), wallet.head_hash)
    assert (wallet.balance_cents, wallet.seq) == (sum(cents), len(cents))
    assert wallet.revision == 0, "the revision is the store's to count"


@given(amounts, st.data())
def test_a_verification_may_stop_and_go_on(cents: list[int], data: st.DataObject) -> None:
    entries, _ = posted(cents)
    cut = data.draw(st.integers(0, len(entries)))
    half, _ = verify_chain(entries[:cut], ChainState())

    assert verify_chain(entries[cut:], half) == verify_chain(entries, ChainState())


def changes_of(entry: Entry) -> dict[str, Entry]:
    """Change one field of an entry, each in its turn."""
    other_kind = EntryKind.USAGE if entry.kind is EntryKind.CREDIT else EntryKind.CREDIT
    return {
        "customer_id": replace(entry, customer_id="other"),
        "seq": replace(entry, seq=entry.seq + 1),
        "kind": replace(entry, kind=other_kind),
        "amount_cents": replace(entry, amount_cents=entry.amount_cents + 1),
        "balance_cents": replace(entry, balance_cents=entry.balance_cents - 1),
        "reference": replace(entry, reference=entry.reference + "x"),
        "posted_at": replace(entry, posted_at=entry.posted_at + timedelta(microseconds=1)),
        "previous_hash": replace(entry, previous_hash="f" * 64),
        "hash": replace(entry, hash="f" * 64),
    }


@pytest.mark.parametrize("field", list(Entry.__slots__))
@given(cents=amounts, data=st.data())
def test_a_change_of_any_field_is_found(field: str, cents: list[int], data: st.DataObject) -> None:
    entries, _ = posted(cents)
    victim = data.draw(st.integers(0, len(entries) - 1))
    entries[victim] = changes_of(entries[victim])[field]

    _, fault = verify_chain(entries, ChainState())

    assert fault is not None


@given(cents=amounts, data=st.data())
def test_a_forger_who_also_mends_balance_and_hash_is_found_at_the_next_entry(
    cents: list[int], data: st.DataObject
) -> None:
    entries, wallet = posted(cents)
    victim = data.draw(st.integers(0, len(entries) - 1))
    old = entries[victim]
    content = {
        name: getattr(old, name)
        for name in ("customer_id", "seq", "kind", "reference", "posted_at", "previous_hash")
    }
    content |= {"amount_cents": old.amount_cents + 1, "balance_cents": old.balance_cents + 1}
    entries[victim] = Entry(**content, hash=entry_hash(**content))

    state, fault = verify_chain(entries, ChainState())

    assert fault is not None or state.head_hash != wallet.head_hash


@given(amounts, st.data())
def test_a_removed_entry_is_found(cents: list[int], data: st.DataObject) -> None:
    entries, wallet = posted(cents)
    del entries[data.draw(st.integers(0, len(entries) - 1))]

    state, fault = verify_chain(entries, ChainState())

    assert fault is not None or state.head_hash != wallet.head_hash


@given(st.lists(st.integers(-(10**12), 10**12), min_size=2, max_size=8), st.data())
def test_a_changed_order_is_found(cents: list[int], data: st.DataObject) -> None:
    entries, _ = posted(cents)
    shuffled = data.draw(st.permutations(entries))
    assume(shuffled != entries)

    _, fault = verify_chain(shuffled, ChainState())

    assert fault is not None


@given(amounts, st.data())
def test_a_repeated_entry_is_found(cents: list[int], data: st.DataObject) -> None:
    entries, _ = posted(cents)
    position = data.draw(st.integers(0, len(entries) - 1))

    _, fault = verify_chain([*entries[: position + 1], *entries[position:]], ChainState())

    assert fault is not None


def test_a_hash_is_the_one_that_the_documentation_tells_how_to_compute() -> None:
    """Fixed for ever: a ledger that was written yesterday must verify tomorrow."""
    digest = entry_hash(
        customer_id="acme",
        seq=1,
        kind=EntryKind.CREDIT,
        amount_cents=500,
        balance_cents=500,
        reference="top-up-1",
        posted_at=START,
        previous_hash=GENESIS_HASH,
    )

    zeros = "0" * 64
    text = f'["{zeros}","acme",1,"credit",500,500,"top-up-1","2026-01-15T09:00:00.000000Z"]'
    assert digest == hashlib.sha256(text.encode()).hexdigest()


def test_entries_never_go_back_in_time_when_a_clock_does() -> None:
    first, wallet = post(
        Wallet("acme"), kind=EntryKind.CREDIT, amount_cents=1, reference="a", now=START
    )
    earlier = START - timedelta(hours=1)
    second, _ = post(wallet, kind=EntryKind.CREDIT, amount_cents=1, reference="b", now=earlier)

    assert second.posted_at == first.posted_at


def test_a_posting_beyond_the_bounds_is_refused() -> None:
    wallet = replace(Wallet("acme"), balance_cents=MAX_CENTS)

    with pytest.raises(IntegrityError):
        post(wallet, kind=EntryKind.CREDIT, amount_cents=1, reference="a", now=START)
    with pytest.raises(IntegrityError):
        post(
            replace(wallet, balance_cents=-MAX_CENTS),
            kind=EntryKind.USAGE,
            amount_cents=-1,
            reference="a",
            now=START,
        )


@given(st.integers(-1000, 1000), st.integers(-1000, 0), st.integers(0, 1000))
def test_a_wallet_covers_what_leaves_it_at_its_floor(balance: int, floor: int, cents: int) -> None:
    wallet = Wallet("acme", balance_cents=balance, floor_cents=floor)

    assert wallet.covers(cents) == (balance - cents >= floor)
