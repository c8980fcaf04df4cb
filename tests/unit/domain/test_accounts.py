"""A customer and their wallet change together, and end together."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from billing.domain.accounts import Account
from billing.domain.customers import Customer, Mode, Status, Terms
from billing.domain.errors import CustomerNotSettledError, InvalidInputError
from billing.domain.ledger import Wallet
from billing.domain.tabs import LineKey, LineTotals, SealedTab, Tab, TabRef
from tests.support.clock import START

LATER = START + timedelta(days=1)
TERMS = Terms("Ann", "ann@example.com", Mode.POSTPAID, 500, (1, 2))
LINES = {LineKey("p", 1, "2026-01"): LineTotals(Decimal(1), Decimal(1), 1)}
REF = TabRef("acme", 0)


def account(terms: Terms = TERMS) -> Account:
    """Make an account without money."""
    customer = Customer.new("acme", terms, now=START)
    return Account(customer, Wallet("acme", floor_cents=customer.floor_cents))


def test_a_new_credit_limit_moves_the_floor_of_the_wallet() -> None:
    changed = account().with_terms(replace(TERMS, credit_limit_cents=700), now=LATER)

    assert changed.customer.terms == replace(TERMS, credit_limit_cents=700)
    assert changed.wallet == Wallet("acme", floor_cents=-700)


def test_other_terms_leave_the_wallet_as_it_is() -> None:
    changed = account().with_terms(replace(TERMS, name="Bea"), now=LATER)

    assert (changed.customer.name, changed.wallet) == ("Bea", account().wallet)


@pytest.mark.parametrize(
    ("limit_cents", "owes", "calls"),
    [(700, True, True), (700, False, False), (300, True, False)],
    ids=["lower-floor", "owing-nothing", "higher-floor"],
)
def test_a_floor_that_falls_calls_the_run_for_who_owes(
    limit_cents: int,
    owes: bool,  # noqa: FBT001
    calls: bool,  # noqa: FBT001
) -> None:
    at = account()
    owing = at.with_wallet(at.wallet.owing_more(600)) if owes else at
    changed = owing.with_terms(replace(TERMS, credit_limit_cents=limit_cents), now=LATER)

    assert (changed.customer.attention_at == LATER) == calls


def test_terms_that_contradict_each_other_change_nothing() -> None:
    with pytest.raises(InvalidInputError):
        account().with_terms(replace(TERMS, mode=Mode.PREPAID), now=LATER)


def test_deleting_leaves_a_tombstone_and_a_closed_wallet() -> None:
    closed = account().closed([Tab(REF, 3, {})], now=LATER)

    assert (closed.customer.id, closed.customer.status) == ("acme", Status.DELETED)
    assert (closed.customer.deleted_at, closed.wallet.closed_at) == (LATER, LATER)
    assert (closed.customer.name, closed.customer.email) == (None, None)


@pytest.mark.parametrize(
    "wallet",
    [
        Wallet("acme", balance_cents=1),
        Wallet("acme", balance_cents=-1),
        Wallet("acme", outstanding_records=1),
    ],
    ids=["in-credit", "in-debt", "with-an-unpaid-record"],
)
def test_nobody_is_deleted_whose_money_is_not_settled(wallet: Wallet) -> None:
    with pytest.raises(CustomerNotSettledError, match="balance or unpaid records"):
        account().with_wallet(wallet).closed([], now=LATER)


@pytest.mark.parametrize(
    "tab",
    [Tab(REF, 1, LINES), Tab(REF, 2, {}, SealedTab(1, LINES, START, LATER))],
    ids=["open", "sealed"],
)
def test_nobody_is_deleted_whose_usage_is_not_billed(tab: Tab) -> None:
    with pytest.raises(CustomerNotSettledError, match="not billed yet"):
        account().closed([Tab(TabRef("acme", 1), 1, {}), tab], now=LATER)
