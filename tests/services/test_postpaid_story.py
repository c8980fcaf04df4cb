"""Usage becomes money: the whole story of a postpaid customer."""

from decimal import Decimal

import pytest

from billing.domain.records import RecordStatus
from billing.services.read_balance import read_balance
from billing.services.read_usage import get_usage_event
from billing.services.record_usage import Outcome
from billing.services.verify_ledger import verify_ledger
from tests.support.books import Books, event_in


@pytest.mark.on_dynamodb_local
def test_usage_is_recorded_billed_and_proven(books: Books) -> None:
    books.customer("acme")
    books.product("api-calls", "25")

    result = books.use(4)

    assert result.outcome is Outcome.ACCEPTED
    event = event_in(result)
    assert event.unit_price_cents == Decimal(25)
    assert books.balance_cents() == 0
    balance = read_balance("acme", limit=10, cursor=None, stores=books.stores)
    assert (balance.pending_cents, balance.available_cents) == (100, -100)

    report = books.bill()

    assert (report.tabs_found, report.tabs_settled, report.records_paid) == (1, 1, 1)
    assert books.balance_cents() == -100
    balance = read_balance("acme", limit=10, cursor=None, stores=books.stores)
    assert (balance.balance_cents, balance.pending_cents) == (-100, 0)
    proof = verify_ledger("acme", cursor=None, stores=books.stores, deadline=books.deadline())
    assert (proof.ok, proof.entries, proof.sum_cents) == (True, 1, -100)
    billed = get_usage_event("acme", event.event_id, stores=books.stores)
    assert billed.record is not None
    assert billed.record.status is RecordStatus.PAID
    assert billed.billed_at == books.clock()
    books.assert_sound()


def test_a_second_run_finds_nothing_more_to_bill(books: Books) -> None:
    books.customer("acme")
    books.product()
    books.use(7)

    books.bill()
    again = books.bill()

    assert (again.tabs_found, again.records_paid) == (0, 0)
    assert books.balance_cents() == -7
    books.assert_sound()


def test_usage_after_a_run_goes_to_the_next_record(books: Books) -> None:
    books.customer("acme")
    books.product()
    books.use(1)
    books.bill()
    books.use(2)
    books.bill()

    assert [record.amount_cents for record in books.records()] == [1, 2]
    assert [str(record.id) for record in books.records()] == ["acme~0~1", "acme~0~2"]
    books.assert_sound()


def test_many_events_cost_one_settle_and_their_part_of_a_cent_is_carried(books: Books) -> None:
    books.customer("acme")
    books.product("api-calls", "0.25")
    for _ in range(30):
        books.use(333)

    report = books.bill()

    assert report.records_paid == 1
    [record] = books.records()
    assert sum(line.events for line in record.lines.values()) == 30
    assert books.balance_cents() == -2497
    wallet = books.stores.wallets.get("acme")
    assert wallet is not None
    assert wallet.carry_cents == Decimal("0.5")
    books.assert_sound()


def test_credit_and_usage_meet_in_the_balance(books: Books) -> None:
    books.customer("acme")
    books.product()
    books.credit(500)
    books.use(120)
    books.bill()

    assert books.balance_cents() == 380
    books.assert_sound()
