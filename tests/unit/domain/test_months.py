"""Usage that counts by the month is billed to what its month owes, and some of it may come back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from billing.domain.accounts import Account
from billing.domain.charging import Posting
from billing.domain.customers import Customer, Mode, Status, SuspendedBy
from billing.domain.ledger import EntryKind, Wallet
from billing.domain.money import ZERO, add
from billing.domain.months import CountedMonth, MonthTotal
from billing.domain.price_models import Graduated, Tier, Volume
from billing.domain.prices import Price
from billing.domain.pricing import PriceVersion
from billing.domain.rating import (
    PricedClaim,
    amount_of,
    bill,
    bill_lines,
    lines_of,
    pending_cents,
    rate,
)
from billing.domain.records import BilledLine, RecordId, RecordStatus
from billing.domain.tabs import LineKey, LineTotals, SealedTab, TabRef
from billing.domain.usage import UsageClaim
from tests.support.clock import START
from tests.unit.domain.drawn_prices import prices, quantities

REF = TabRef("acme", 0)
LINE = LineKey("calls", 1, "2026-01")
OTHER = LineKey("storage", 1, "2026-01")
LATER = START + timedelta(minutes=1)
FALLING = Price(Volume((Tier(Decimal(10), Decimal(5)), Tier(None, Decimal(1)))))


def counted(units: Decimal | int) -> LineTotals:
    """Make what accrues on a line that its month counts."""
    return LineTotals(Decimal(units), None, 1)


def month(price: Price, units: Decimal | int = 0) -> CountedMonth:
    """Make a month of which some units are billed."""
    return CountedMonth(price, MonthTotal().billed(Decimal(units), price))


def billed(
    lines: Mapping[LineKey, LineTotals],
    months: Mapping[LineKey, CountedMonth],
    at: Account,
    *,
    number: int = 1,
) -> Posting:
    """Bill sealed lines."""
    content = SealedTab(number, lines, START, LATER)
    return bill(REF, content, at, months, (1,), now=LATER)


def account(*, balance_cents: int = 0, mode: Mode = Mode.POSTPAID) -> Account:
    """Make an account."""
    customer = Customer("acme", mode, Status.ACTIVE, START)
    wallet = Wallet("acme", balance_cents=balance_cents, floor_cents=customer.floor_cents)
    return Account(customer, wallet)


def owing(at: Account, cents: int) -> Account:
    """Let one record be unpaid."""
    return at.with_wallet(at.wallet.owing_more(cents))


@given(prices, quantities, quantities)
def test_a_line_is_billed_to_what_its_month_owes(
    price: Price, before: Decimal, units: Decimal
) -> None:
    start = month(price, before)
    [line] = bill_lines({LINE: counted(units)}, {LINE: start}).values()

    assert line == BilledLine(
        units, price.amount(before + units) - price.amount(before), 1, start.total
    )
    assert line.month_after == month(price, before + units).total


def test_lines_of_both_kinds_are_billed_together() -> None:
    lines = {LINE: counted(2), OTHER: LineTotals(Decimal(3), Decimal("0.5"), 1)}
    posting = billed(lines, {LINE: month(FALLING, 4)}, account())

    assert posting.record.amount_cents == 11
    assert posting.record.exact_cents == Decimal("11.5")
    assert posting.record.months_after == {LINE: month(FALLING, 6).total}
    assert posting.account.wallet.carry_cents == Decimal("0.5")
    assert posting.record.lines[OTHER].month_after is None


@given(prices, st.lists(quantities, min_size=1, max_size=12))
def test_bills_stay_less_than_a_cent_from_what_their_month_comes_to(
    price: Price, used: Sequence[Decimal]
) -> None:
    """Prices that fall within a month included."""
    at, so_far, posted = account(), month(price), 0
    for number, units in enumerate(used, start=1):
        posting = billed({LINE: counted(units)}, {LINE: so_far}, at, number=number)
        posted += posting.record.amount_cents
        at = posting.account
        so_far = CountedMonth(price, posting.record.months_after[LINE])

        exact = price.amount(sum(used[:number], ZERO))
        assert add(exact, Decimal(-posted)) == at.wallet.carry_cents
        assert 0 <= at.wallet.carry_cents < 1
        assert at.wallet.balance_cents == -posted
        assert posting.record.status is RecordStatus.PAID


def test_what_comes_back_is_paid_at_once_by_an_entry_above_0() -> None:
    posting = billed({LINE: counted(1)}, {LINE: month(FALLING, 10)}, account(balance_cents=-50))

    assert (posting.record.status, posting.record.amount_cents) == (RecordStatus.PAID, -39)
    assert posting.entry is not None
    assert (posting.entry.kind, posting.entry.amount_cents) == (EntryKind.USAGE, 39)
    assert posting.record.entry_seq == posting.entry.seq
    assert posting.account.wallet.balance_cents == -11
    assert posting.account.wallet.outstanding_records == 0
    assert not posting.rests_on_account


def test_what_comes_back_waits_for_no_funds_and_no_dunning() -> None:
    """The wallet is below its floor, and another record leads a dunning."""
    at = owing(account(balance_cents=-7, mode=Mode.PREPAID), 100)
    leading = RecordId.of_tab(REF, 7)
    at = at.with_customer(at.customer.dunned(leading, attention_at=LATER + timedelta(hours=1)))

    posting = billed({LINE: counted(1)}, {LINE: month(FALLING, 10)}, at)

    assert posting.record.status is RecordStatus.PAID
    assert posting.account.wallet.balance_cents == 32
    assert posting.account.wallet.outstanding_records == 1
    assert posting.account.customer.dunning_record_id == leading
    # Like any money that comes in, it calls the run.
    assert posting.account.customer.attention_at == LATER
    assert posting.rests_on_account


def test_what_comes_back_lifts_no_suspension_by_itself() -> None:
    at = owing(account(balance_cents=0, mode=Mode.PREPAID), 10)
    for by in SuspendedBy:
        suspended = at.with_customer(at.customer.suspended(by, now=START))
        posting = billed({LINE: counted(1)}, {LINE: month(FALLING, 10)}, suspended)
        assert posting.account.customer == replace(suspended.customer, attention_at=LATER)


def test_pending_counts_a_month_once_whatever_the_tab_that_its_units_are_on() -> None:
    """Six units billed, and five that wait on any tabs: eleven come to 11, of which 30 are paid."""
    price = FALLING
    assert pending_cents(account().wallet, {LINE: counted(5)}, {LINE: month(price, 6)}) == -19
    assert pending_cents(account().wallet, {LINE: counted(4)}, {LINE: month(price, 6)}) == 20


def test_an_event_that_its_month_counts_has_no_price_of_its_own() -> None:
    price = Price(Graduated((Tier(None, Decimal("0.5")),)))
    claim = UsageClaim("acme", "e1", "calls", Decimal(3))
    priced = PricedClaim(claim, START, PriceVersion(1, price, START))

    event = rate(priced, RecordId.of_tab(REF, 1), now=START)

    assert (event.unit_price_cents, amount_of(event)) == (None, None)
    assert lines_of([event, event]) == {LINE: LineTotals(Decimal(6), None, 2)}
