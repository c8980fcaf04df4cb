"""How far a run comes: faults of one customer, time, and more tabs than it holds."""

import pytest

from billing.domain.tabs import TabRef
from billing.services.run_billing import (
    RunReport,
)
from tests.services.billing_run.running import dirty, mark_dirty, run, settle
from tests.support.books import Books
from tests.support.faults import (
    CONFLICT,
    Faults,
    always,
    meanwhile,
    on,
)
from tests.support.queue import SettleQueueInMemory


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
