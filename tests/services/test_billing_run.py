"""The billing run: everything recorded is billed once, whoever runs, and whatever went wrong."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.domain.customers import Mode
from billing.domain.deadline import Deadline
from billing.domain.errors import RunInProgressError
from billing.domain.money import MAX_CENTS
from billing.domain.records import BillingRecord, RecordStatus
from billing.domain.tabs import TabRef
from billing.services.run_billing import (
    INLINE_TABS_MAX,
    JOB,
    LEASE_SECONDS,
    BillingRun,
    RunReport,
    SettleQueue,
)
from billing.services.settle_tab import BUSY_TAB_EVENTS, settle_tab
from billing.storage import keys
from billing.storage.tabs import new_tab
from tests.support.books import Books, event_in
from tests.support.faults import (
    CONFLICT,
    KILLED_BEFORE,
    Faults,
    ProcessKilledError,
    always,
    at,
    from_call,
    meanwhile,
    on,
)
from tests.support.keeper import Keeper
from tests.support.queue import SettleQueueInMemory

TAB = TabRef("acme", 0)


@pytest.fixture
def books(books: Books) -> Books:
    """Give books with a customer and a product of one cent a unit."""
    books.customer("acme")
    books.product("api-calls", "1")
    return books


def run(
    books: Books,
    *,
    owner: str = "run",
    queue: SettleQueue | None = None,
    deadline: Deadline | None = None,
) -> RunReport:
    """Run now, and report failures instead of raising them."""
    return BillingRun(books.dunning, owner, deadline or books.deadline(), queue).run()


def settle(books: Books, tab: TabRef = TAB) -> list[BillingRecord]:
    """Settle one tab, as a message of the queue does."""
    return settle_tab(tab, dunning=books.dunning)


def dirty(books: Books) -> set[TabRef]:
    """Tell which tabs stand in the dirty index."""
    return set(books.stores.tabs.dirty())


def test_nothing_to_bill_is_no_work(books: Books) -> None:
    before = books.counts()

    assert run(books) == RunReport(tabs_found=0)
    # Only the lease is new.
    assert sum(books.counts().values()) == sum(before.values()) + 1


def test_a_run_bills_every_customer(books: Books) -> None:
    names = [f"customer-{n}" for n in range(8)]
    for number, name in enumerate(names):
        books.customer(name)
        books.use(number + 1, customer_id=name)

    report = run(books)

    assert report == RunReport(tabs_found=8, tabs_settled=8, records_paid=8)
    assert [books.balance_cents(name) for name in names] == [-n for n in range(1, 9)]
    assert dirty(books) == set()


# The lease


def test_a_second_run_is_refused_while_the_first_is_at_work(books: Books, faults: Faults) -> None:
    books.use(1)
    refused: list[Exception] = []

    def run_too() -> None:
        with pytest.raises(RunInProgressError) as caught:
            run(books, owner="second")
        refused.append(caught.value)

    with faults.planned(on("TransactWriteItems", meanwhile(run_too))):
        report = run(books, owner="first")

    assert (len(refused), report.records_paid) == (1, 1)
    assert books.balance_cents() == -1


def test_the_lease_is_free_as_soon_as_a_run_ends(books: Books) -> None:
    run(books, owner="first")

    assert run(books, owner="second").tabs_found == 0


def test_the_lease_is_free_after_a_run_that_failed(books: Books) -> None:
    class BrokenQueue(SettleQueueInMemory):
        def depth(self) -> int:
            raise RuntimeError("no queue")

    for number in range(INLINE_TABS_MAX + 1):
        mark_dirty(books, f"ghost-{number}")
    with pytest.raises(RuntimeError):
        run(books, owner="first", queue=BrokenQueue())

    assert run(books, owner="second").tabs_found == INLINE_TABS_MAX + 1


def test_the_lease_of_a_run_that_was_killed_runs_out(books: Books, faults: Faults) -> None:
    """Elsewhere a killed leader stayed leader for ever, and nothing was billed again."""
    books.use(1)
    with faults.planned(from_call(3, KILLED_BEFORE)), pytest.raises(ProcessKilledError):
        run(books, owner="killed")

    books.clock.advance(LEASE_SECONDS - 1)
    with pytest.raises(RunInProgressError):
        run(books, owner="next")
    books.clock.advance(1)
    assert run(books, owner="next").records_paid == 1
    assert books.balance_cents() == -1
    books.assert_sound()


@pytest.mark.on_dynamodb_local
def test_a_run_that_overran_its_lease_does_not_free_that_of_the_next(
    books: Books, faults: Faults
) -> None:
    books.use(1)

    def next_run_takes_over() -> None:
        books.clock.advance(LEASE_SECONDS)
        assert books.stores.leases.take(JOB, "second", now=books.clock(), seconds=LEASE_SECONDS)

    with faults.planned(on("TransactWriteItems", meanwhile(next_run_takes_over))):
        assert run(books, owner="first").records_paid == 1

    with pytest.raises(RunInProgressError):
        run(books, owner="third")


# Seal and settle


@pytest.mark.on_dynamodb_local
def test_a_tab_that_a_crash_left_sealed_is_settled_to_the_same_record(
    books: Books, faults: Faults
) -> None:
    event = event_in(books.use(1))
    with faults.planned(from_call(1, KILLED_BEFORE)), pytest.raises(ProcessKilledError):
        books.bill()
    with faults.planned(on("TransactWriteItems", KILLED_BEFORE)), pytest.raises(ProcessKilledError):
        settle(books)
    tab = books.stores.tabs.get(TAB)
    assert tab is not None
    assert tab.sealed is not None
    books.use(2)

    books.clock.advance(LEASE_SECONDS)
    report = books.bill(owner="next")

    assert (report.tabs_settled, report.records_paid) == (1, 2)
    assert [str(record.id) for record in books.records()] == ["acme~0~1", "acme~0~2"]
    assert event.record_id == books.records()[0].id
    assert books.balance_cents() == -3
    books.assert_sound()


@pytest.mark.on_dynamodb_local
def test_two_at_once_settle_a_tab_once(books: Books, faults: Faults) -> None:
    """Wherever the second comes in between two calls of the first, the usage is billed once."""
    books.use(1)
    calls = faults.count(lambda: settle(books))

    for number in range(1, calls + 1):
        books.use(10)
        with faults.planned(at(number, meanwhile(lambda: settle(books)))):
            settle(books)
        books.assert_sound()
        assert books.balance_cents() == -1 - 10 * number
        assert dirty(books) <= {TAB}
    settle(books)
    assert dirty(books) == set()


def test_usage_between_any_two_calls_of_a_settle_is_never_lost(
    books: Books, faults: Faults
) -> None:
    books.use(11)
    calls = faults.count(lambda: settle(books))

    for number in range(1, calls + 1):
        books.use(1)
        with faults.planned(at(number, meanwhile(lambda: books.use(10)))):
            settle(books)
        books.assert_sound()
        assert TAB in dirty(books) or number == 1
        books.bill()
        assert dirty(books) == set()
        assert books.balance_cents() == -11 * (number + 1)


def test_a_credit_between_any_two_calls_of_a_settle_counts_too(
    books: Books, faults: Faults
) -> None:
    books.use(1)
    calls = faults.count(lambda: settle(books))

    for number in range(1, calls + 1):
        books.use(1)
        credit = meanwhile(lambda: books.credit(100, key=books.new_id()))
        with faults.planned(at(number, credit)):
            settle(books)
        books.assert_sound()
        assert books.balance_cents() == 99 * number - 1


def test_a_busy_tab_stays_in_the_index_until_a_run_finds_it_empty(books: Books) -> None:
    books.record([books.claim(1) for _ in range(BUSY_TAB_EVENTS + 1)])

    first, second, third = books.bill(), books.bill(), books.bill()

    assert (first.tabs_found, first.records_paid) == (1, 1)
    assert (second.tabs_found, second.records_paid) == (1, 0)
    assert third.tabs_found == 0
    assert books.balance_cents() == -BUSY_TAB_EVENTS - 1
    books.assert_sound()


def mark_dirty(books: Books, customer_id: str) -> None:
    """Put the tab of a customer into the dirty index, be there such a customer or not."""
    item: dict[str, Any] = new_tab(customer_id, 0) | keys.dirty(customer_id, 0)
    typed = {name: TypeSerializer().serialize(value) for name, value in item.items()}
    books.client.put_item(TableName=books.tables.accounts, Item=typed)


def test_an_empty_tab_that_stands_in_the_index_leaves_it(books: Books) -> None:
    mark_dirty(books, "acme")

    report = run(books)

    assert (report.tabs_found, report.tabs_settled, report.records_paid) == (1, 1, 0)
    assert dirty(books) == set()
    assert books.records() == []


def test_a_tab_that_is_gone_is_no_failure(books: Books) -> None:
    """The index may lag behind the table by a moment."""
    assert settle(books, TabRef("nobody", 0)) == []
    assert books.counts()[books.tables.ledger] == 0


# Money


def test_a_prepaid_customer_pays_from_the_wallet(books: Books) -> None:
    books.customer("prepaid", mode=Mode.PREPAID)
    books.credit(100, customer_id="prepaid")
    books.use(100, customer_id="prepaid")

    report = run(books)

    assert (report.records_paid, report.records_pending) == (1, 0)
    assert books.balance_cents("prepaid") == 0
    books.assert_sound("prepaid")


def test_without_funds_a_record_waits_and_is_counted_as_outstanding_once(books: Books) -> None:
    books.customer("prepaid", mode=Mode.PREPAID)
    books.credit(100, customer_id="prepaid")
    books.use(101, customer_id="prepaid")

    report, again = books.bill(), books.bill()

    assert (report.records_paid, report.records_pending) == (0, 1)
    assert again.tabs_found == 0
    [record] = books.records("prepaid")
    assert (record.status, record.amount_cents) == (RecordStatus.RETRYING, 101)
    assert (record.paid_at, record.entry_seq) == (None, None)
    wallet = books.stores.wallets.get("prepaid")
    assert wallet is not None
    assert (wallet.balance_cents, wallet.outstanding_cents, wallet.outstanding_records) == (
        100,
        101,
        1,
    )
    books.assert_sound("prepaid")


def test_waiting_records_add_up_and_stand_in_their_index_oldest_first(books: Books) -> None:
    books.customer("prepaid", mode=Mode.PREPAID)
    for units in (5, 3, 4):
        books.use(units, customer_id="prepaid")
        books.bill()

    wallet = books.stores.wallets.get("prepaid")
    assert wallet is not None
    assert (wallet.outstanding_cents, wallet.outstanding_records) == (12, 3)
    listed = books.stores.dynamo.query(
        books.tables.accounts,
        index=keys.OUTSTANDING_INDEX,
        condition="#outstandingPk = :pk",
        values={":pk": keys.customer_pk("prepaid")},
        limit=10,
    )
    assert [item["sk"][-1] for item in listed.items] == ["1", "2", "3"]
    assert [record.status for record in books.records("prepaid")] == [
        RecordStatus.RETRYING,
        RecordStatus.PENDING,
        RecordStatus.PENDING,
    ]
    books.assert_sound("prepaid")


def test_a_paid_record_is_no_longer_listed_as_outstanding(books: Books) -> None:
    books.use(1)
    run(books)

    rows = [row for row in books.rows(books.tables.accounts) if "outstandingPk" in row]
    assert rows == []


@pytest.mark.parametrize(
    ("limit", "units", "status"),
    [
        (50, 50, RecordStatus.PAID),
        (50, 51, RecordStatus.RETRYING),
        (0, 1, RecordStatus.RETRYING),
        (None, 10**9, RecordStatus.PAID),
    ],
)
def test_a_charge_goes_to_the_credit_limit_and_no_further(
    books: Books, limit: int | None, units: int, status: RecordStatus
) -> None:
    books.customer("limited", credit_limit_cents=limit)
    books.use(units, customer_id="limited")
    run(books)

    [record] = books.records("limited")
    assert record.status is status
    assert books.balance_cents("limited") == (-units if status is RecordStatus.PAID else 0)
    books.assert_sound("limited")


def test_a_wallet_at_the_bound_of_the_system_stops_charges_and_breaks_nothing(
    books: Books,
) -> None:
    books.client.update_item(
        TableName=books.tables.accounts,
        Key={"pk": {"S": "CUSTOMER#acme"}, "sk": {"S": "WALLET"}},
        UpdateExpression="SET balanceCents = :b",
        ExpressionAttributeValues={":b": {"N": str(-MAX_CENTS + 5)}},
    )
    for units in (5, 1):
        books.use(units)
        assert books.bill().tabs_settled == 1

    assert [record.status for record in books.records()] == [
        RecordStatus.PAID,
        RecordStatus.RETRYING,
    ]
    assert books.balance_cents() == -MAX_CENTS


def test_less_than_a_cent_is_paid_without_an_entry_and_carried(books: Books) -> None:
    books.product("quarter", "0.25")
    for _ in range(3):
        books.use(1, product_id="quarter")
        books.bill()
    assert books.balance_cents() == 0
    assert books.counts()[books.tables.ledger] == 0
    assert {record.status for record in books.records()} == {RecordStatus.PAID}
    assert {record.entry_seq for record in books.records()} == {None}
    books.assert_sound()

    books.use(1, product_id="quarter")
    books.bill()

    assert books.balance_cents() == -1
    books.assert_sound()


usage_between_runs = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["whole", "third", "tiny"]), st.integers(1, 10**6)), max_size=4
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(usage_between_runs)
def test_however_usage_is_cut_into_runs_the_posted_sum_is_within_a_cent(
    keeper: Keeper,
    runs: list[list[tuple[str, int]]],
) -> None:
    prices = {"whole": "7", "third": "0.333333333333", "tiny": "0.000000000001"}
    exact = Decimal(0)
    with keeper.books() as books:
        books.customer("acme")
        for product_id, price in prices.items():
            books.product(product_id, price)
        for used in runs:
            for product_id, units in used:
                books.use(units, product_id=product_id)
                exact += units * Decimal(prices[product_id])
            books.bill()
            books.assert_sound()
            assert 0 <= exact + books.balance_cents() < 1


# What goes wrong with one customer


def poison(books: Books, customer_id: str) -> None:
    """Spoil a tab, so that nothing can be made of it."""
    books.client.update_item(
        TableName=books.tables.accounts,
        Key={"pk": {"S": f"CUSTOMER#{customer_id}"}, "sk": {"S": "TAB#00"}},
        UpdateExpression="SET openUnits = :m, openCents = :m, openEvents = :m",
        ExpressionAttributeValues={":m": {"M": {"spoiled": {"S": "no number"}}}},
    )


def test_a_spoiled_tab_keeps_no_other_from_being_billed(books: Books) -> None:
    for name in ("bad", "good-1", "good-2"):
        books.customer(name)
        books.use(5, customer_id=name)
    poison(books, "bad")

    for _ in range(2):
        report = run(books)
        assert [failure.subject for failure in report.failures] == [str(TabRef("bad", 0))]
        assert report.failed == 1
        books.use(5, customer_id="good-1")

    assert books.balance_cents("good-1") == -10
    assert books.balance_cents("good-2") == -5
    assert books.balance_cents("bad") == 0
    assert TabRef("bad", 0) in dirty(books)


def test_a_wallet_in_everybodys_hands_fails_its_tab_and_is_billed_by_the_next_run(
    books: Books, faults: Faults
) -> None:
    books.use(5)
    with faults.planned(always(CONFLICT, operation="TransactWriteItems")):
        report = run(books)
    assert (report.failed, report.records_paid) == (1, 0)

    assert run(books).records_paid == 1
    assert books.balance_cents() == -5
    books.assert_sound()


# Time and numbers


def test_what_is_not_reached_in_time_remains_for_the_next_run(books: Books) -> None:
    for number in range(3):
        books.customer(f"c{number}")
        books.use(1, customer_id=f"c{number}")
    no_time = books.deadline().sooner(books.patience_seconds)

    report = run(books, deadline=no_time)

    assert report == RunReport(tabs_found=3, remaining=3)
    assert run(books).tabs_settled == 3


def test_a_run_stops_in_the_middle_when_its_time_is_over(books: Books, faults: Faults) -> None:
    for number in range(20):
        books.customer(f"c{number:02d}")
        books.use(1, customer_id=f"c{number:02d}")
    time_passes = meanwhile(lambda: books.monotonic.sleep(books.patience_seconds))

    with faults.planned(on("TransactWriteItems", time_passes, occurrence=3)):
        report = run(books)

    assert report.tabs_found == 20
    assert 0 < report.tabs_settled < 20
    assert report.remaining == 20 - report.tabs_settled
    assert run(books).tabs_settled == report.remaining
    assert sum(books.balance_cents(f"c{number:02d}") for number in range(20)) == -20


@pytest.fixture
def many(books: Books, monkeypatch: pytest.MonkeyPatch) -> Books:
    """Give one dirty tab more than a run settles itself."""
    monkeypatch.setattr("billing.services.run_billing.INLINE_TABS_MAX", 3)
    for number in range(4):
        books.customer(f"c{number}")
        books.use(number + 1, customer_id=f"c{number}")
    return books


def test_a_page_of_tabs_is_settled_in_the_run_itself(books: Books) -> None:
    queue = SettleQueueInMemory()
    books.use(1)

    assert run(books, queue=queue).tabs_settled == 1
    assert queue.waiting == []


def test_more_tabs_are_handed_out_and_settled_one_message_each(many: Books) -> None:
    queue = SettleQueueInMemory()

    report = run(many, queue=queue)

    assert report == RunReport(tabs_found=4, tabs_enqueued=4)
    assert sum(many.balance_cents(f"c{n}") for n in range(4)) == 0
    # SQS delivers at least once.
    for tab in queue.waiting * 2:
        settle(many, tab)
    assert [many.balance_cents(f"c{n}") for n in range(4)] == [-1, -2, -3, -4]
    assert dirty(many) == set()
    for number in range(4):
        many.assert_sound(f"c{number}")


def test_a_slow_consumer_is_not_buried(many: Books) -> None:
    queue = SettleQueueInMemory()
    run(many, queue=queue)

    again = run(many, queue=queue)

    assert again == RunReport(tabs_found=4, remaining=4)
    assert len(queue.waiting) == 4


def test_tabs_that_the_queue_lost_are_handed_out_again(many: Books) -> None:
    queue = SettleQueueInMemory()
    run(many, queue=queue)
    queue.waiting.clear()

    assert run(many, queue=queue).tabs_enqueued == 4


def test_without_a_queue_all_is_settled_here(many: Books) -> None:
    assert run(many, queue=None).tabs_settled == 4


@pytest.mark.on_dynamodb_local
def test_all_partitions_and_pages_of_the_dirty_index_are_read(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.storage.tabs.DIRTY_PAGE_SIZE", 2)
    names = {f"ghost-{number}" for number in range(80)}
    for name in names:
        mark_dirty(books, name)

    assert {tab.customer_id for tab in books.stores.tabs.dirty()} == names
