"""A tab of who cannot be charged stays open, and is billed as soon as they can be."""

from datetime import timedelta

import pytest

from billing.domain.customers import Mode, Status
from billing.domain.errors import CustomerNotSettledError
from billing.domain.records import RecordStatus
from billing.domain.tabs import HELD_AT_MOST, LINES_MAX, TabRef
from billing.services.dunning import StepOutcome
from billing.services.manage_customers import (
    activate_customer,
    delete_customer,
    suspend_customer,
)
from billing.services.manage_records import process_record
from billing.services.read_balance import read_balance
from billing.services.run_billing import charge_everybody
from billing.services.settle_tab import settle_tab
from tests.support.books import Books
from tests.support.faults import KILLED_AFTER, Faults, ProcessKilledError, on

# They hold tabs, release them and find them, each as read and not.
pytestmark = pytest.mark.on_dynamodb_local

TAB = TabRef("acme", 0)
A_DAY_SECONDS = HELD_AT_MOST.total_seconds()


@pytest.fixture
def shop(books: Books) -> Books:
    """Give books with a prepaid customer whom dunning suspended for 40 cents."""
    books.customer("acme", mode=Mode.PREPAID)
    books.product()
    books.charge(40)
    books.run_workflows()
    assert books.customer_now().status is Status.SUSPENDED
    return books


def statuses(shop: Books) -> list[RecordStatus]:
    """Tell what became of the records, oldest first."""
    records = sorted(shop.records(), key=lambda record: record.created_at)
    return [record.status for record in records]


def hold(shop: Books, units: int = 7) -> None:
    """Record usage, and let a run hold the tab."""
    shop.use(units)
    shop.bill()
    assert shop.stores.tabs.held("acme") == [TAB]
    assert shop.dirty_tabs() == set()


def assert_billed_and_paid(shop: Books, records: int) -> None:
    """Check that all usage is in records, all are paid, and nothing is left to be done."""
    assert statuses(shop) == [RecordStatus.PAID] * records
    [tab, *_] = shop.stores.tabs.of_customer("acme")
    assert (tab.lines, tab.sealed) == ({}, None)
    assert shop.stores.tabs.held("acme") == []
    assert shop.dirty_tabs() == set()
    assert shop.customer_now().attention_at is None
    shop.assert_sound()


def test_who_cannot_be_charged_gets_no_record_a_minute(shop: Books) -> None:
    """Elsewhere a day of theirs made 1,440 records that nobody could pay."""
    hold(shop)
    for _ in range(5):
        shop.use(1)
        assert shop.bill().tabs_found == 0

    assert statuses(shop) == [RecordStatus.FAILED]
    balance = read_balance("acme", limit=10, cursor=None, stores=shop.stores)
    assert (balance.pending_cents, balance.available_cents) == (40 + 7 + 5, -52)
    shop.assert_sound()


def test_money_bills_what_was_left_open_by_the_next_run(shop: Books) -> None:
    hold(shop)
    shop.use(3)

    shop.credit(100)

    assert shop.customer_now().status is Status.ACTIVE
    shop.bill()
    assert_billed_and_paid(shop, records=2)
    assert shop.balance_cents() == 100 - 40 - 10


def test_money_for_less_than_what_was_left_open_begins_a_dunning_for_it(shop: Books) -> None:
    hold(shop)
    shop.credit(45)

    shop.bill()

    assert statuses(shop) == [RecordStatus.PAID, RecordStatus.RETRYING]
    assert shop.customer_now().dunning_record_id == shop.records()[0].id
    shop.use(2)
    shop.bill()
    assert shop.stores.tabs.held("acme") == [TAB]
    shop.assert_sound()


def test_an_attempt_that_pays_bills_what_was_left_open_by_the_next_run(books: Books) -> None:
    books.customer("acme", mode=Mode.PREPAID, retry_schedule_seconds=(3600,))
    books.product()
    books.charge(40)
    hold(books)
    books.lend(100)

    assert books.step().outcome is StepOutcome.PAID

    books.bill()
    assert_billed_and_paid(books, records=2)


def test_a_charge_by_hand_that_ends_a_suspension_bills_it_too(shop: Books, faults: Faults) -> None:
    hold(shop)
    [failed] = shop.records()
    money_came = faults.planned(on("TransactWriteItems", KILLED_AFTER))
    with money_came, pytest.raises(ProcessKilledError):
        shop.credit(100)

    process_record(str(failed.id), dunning=shop.dunning)

    shop.bill()
    assert_billed_and_paid(shop, records=2)


def test_an_activation_bills_what_was_left_open_by_the_next_run(books: Books) -> None:
    books.customer("acme", mode=Mode.PREPAID)
    books.product()
    books.credit(100)
    suspend_customer("acme", stores=books.stores, clock=books.clock)
    hold(books)

    activate_customer("acme", dunning=books.dunning)

    books.bill()
    assert_billed_and_paid(books, records=1)


def test_money_releases_no_tab_of_whom_an_operator_suspended(shop: Books) -> None:
    suspend_customer("acme", stores=shop.stores, clock=shop.clock)
    hold(shop)

    shop.credit(100)
    shop.bill()

    assert statuses(shop) == [RecordStatus.PAID]
    assert shop.stores.tabs.held("acme") == [TAB]
    assert shop.customer_now().attention_at is None


def test_a_day_of_what_was_left_open_is_one_record(shop: Books) -> None:
    hold(shop)
    shop.clock.advance(A_DAY_SECONDS / 2)
    shop.use(3)
    shop.bill()
    assert statuses(shop) == [RecordStatus.FAILED]

    shop.clock.advance(A_DAY_SECONDS / 2)
    report = shop.bill()

    assert (report.tabs_found, report.tabs_settled, report.customers_found) == (1, 1, 0)
    assert statuses(shop) == [RecordStatus.FAILED, RecordStatus.PENDING]
    [_, of_a_day] = sorted(shop.records(), key=lambda record: record.created_at)
    assert of_a_day.amount_cents == 10
    assert shop.stores.tabs.held("acme") == []
    hold(shop)
    shop.assert_sound()


def test_a_worker_whose_clock_is_behind_leaves_a_tab_of_a_day_to_the_next_run(shop: Books) -> None:
    hold(shop)
    opened_at = shop.stores.tabs.look(TAB, consistent=True)
    assert opened_at is not None
    assert opened_at.held_until is not None
    shop.clock.now = opened_at.held_until - timedelta(seconds=1)

    assert settle_tab(TAB, dunning=shop.dunning) == []

    shop.clock.advance(2)
    assert [record.amount_cents for record in settle_tab(TAB, dunning=shop.dunning)] == [7]


def test_an_index_that_lists_a_held_tab_as_dirty_changes_nothing(shop: Books) -> None:
    hold(shop)
    before = list(shop.rows(shop.tables.accounts))

    assert settle_tab(TAB, dunning=shop.dunning) == []

    assert list(shop.rows(shop.tables.accounts)) == before


def test_a_full_tab_is_billed_although_its_customer_cannot_be_charged(
    shop: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.storage.tabs.LINES_MAX", 1)
    hold(shop)
    for product_id in ("second", "third"):
        shop.product(product_id, "1")
        shop.use(1, product_id=product_id)
    assert LINES_MAX > 1
    assert shop.dirty_tabs() == {TAB, shop.stores.tabs.of_customer("acme")[-1].ref}

    shop.bill()

    assert statuses(shop) == [RecordStatus.FAILED, RecordStatus.PENDING]
    shop.assert_sound()


def test_what_a_crash_left_sealed_becomes_a_record_that_waits(shop: Books) -> None:
    shop.use(7)
    shop.stores.tabs.seal(TAB, now=shop.clock())

    shop.bill()

    assert statuses(shop) == [RecordStatus.FAILED, RecordStatus.PENDING]
    assert shop.dirty_tabs() == set()
    shop.assert_sound()


def test_a_customer_with_usage_that_was_left_open_is_not_deleted(books: Books) -> None:
    books.customer("acme")
    books.product()
    suspend_customer("acme", stores=books.stores, clock=books.clock)
    hold(books)

    with pytest.raises(CustomerNotSettledError):
        delete_customer("acme", stores=books.stores, clock=books.clock)

    activate_customer("acme", dunning=books.dunning)
    books.bill()
    books.credit(7)
    delete_customer("acme", stores=books.stores, clock=books.clock)


def test_an_operator_who_looks_at_everybody_passes_held_tabs_by(shop: Books) -> None:
    hold(shop)

    swept = charge_everybody(shop.dunning, "operator", shop.deadline())

    assert (swept.customers_found, swept.remaining) == (0, 0)
